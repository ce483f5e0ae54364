/// An element of a template file, with the place it came from. Read by `XMLReader`.
struct XMLElement {
    struct Attribute: Equatable {
        let name: String
        let value: String
    }

    let name: String
    let attributes: [Attribute]
    /// Line of the start tag, from 1.
    let line: Int
    /// Bytes of the start tag alone, and of the whole element, in the file.
    let startTag: Range<Int>
    var whole: Range<Int>
    var children: [XMLElement] = []

    subscript(_ name: String) -> String? { attributes.first { $0.name == name }?.value }

    /// The element and everything below it, in document order.
    func visit<Failure: Error>(_ body: (XMLElement) throws(Failure) -> Void) throws(Failure) {
        try body(self)
        for child in children { try child.visit(body) }
    }

    /// Elements below this one (and itself) with this `id`.
    func elements(id: String) -> [XMLElement] {
        (self["id"] == id ? [self] : []) + children.flatMap { $0.elements(id: id) }
    }
}
