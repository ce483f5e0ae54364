public import Ground

/// One XML element as the machine says it: a name and attributes, without content (firmware-spec F2 to F6, F10).
public struct IXLAElement: Sendable, Equatable {
    public let name: String
    /// In the order in which they stood; no name twice.
    public let attributes: [Attribute]

    public struct Attribute: Sendable, Equatable {
        public let name: String
        public let value: String
        public init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    public init(name: String, attributes: [Attribute]) {
        self.name = name
        self.attributes = attributes
    }

    public subscript(_ name: String) -> String? { attributes.first { $0.name == name }?.value }
}

/// Cuts what comes over the connection into elements. Bytes that cannot be one are an error: nothing that follows can be
/// trusted then.
public struct IXLAScanner: Sendable {
    public struct Malformed: Error, Equatable {}

    /// A longer element than this is none of ours.
    public static let longest = 65_536

    private var inbox = Bytes()

    public init() {}

    public mutating func append(_ bytes: Bytes) { inbox += bytes }

    /// Whether nothing, or nothing but blanks, waits.
    public var isEmpty: Bool { inbox.allSatisfy(IXLAScanner.isBlank) }

    /// The next element that is whole; nil when more bytes are needed.
    public mutating func next() throws(Malformed) -> IXLAElement? {
        while true {
            guard let start = inbox.firstIndex(where: { !IXLAScanner.isBlank($0) }) else {
                inbox = []
                return nil
            }
            guard inbox[start] == UInt8(ascii: "<") else { throw Malformed() }
            guard let end = IXLAScanner.end(of: inbox, from: start) else {
                guard inbox.count - start <= IXLAScanner.longest else { throw Malformed() }
                return nil
            }
            guard end - start <= IXLAScanner.longest else { throw Malformed() }
            var body = Array(inbox[(start + 1)..<end])
            inbox.removeFirst(end + 1)
            // a closing tag says nothing (F5)
            if body.first == UInt8(ascii: "/") {
                guard body.dropFirst().allSatisfy({ IXLAScanner.isName($0) || IXLAScanner.isBlank($0) }) else {
                    throw Malformed()
                }
                continue
            }
            if body.last == UInt8(ascii: "/") { body.removeLast() }
            return try IXLAScanner.element(body)
        }
    }

    /// The `>` that ends the tag; one inside quotation marks does not.
    private static func end(of bytes: Bytes, from start: Int) -> Int? {
        var quote: UInt8?
        for index in (start + 1)..<bytes.count {
            let byte = bytes[index]
            if let open = quote {
                if byte == open { quote = nil }
            } else if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
                quote = byte
            } else if byte == UInt8(ascii: ">") {
                return index
            }
        }
        return nil
    }

    private static func element(_ body: Bytes) throws(Malformed) -> IXLAElement {
        var rest = body[...]
        let name = try word(&rest)
        var attributes: [IXLAElement.Attribute] = []
        while true {
            let hadBlank = rest.first.map(isBlank) ?? false
            rest = rest.drop(while: isBlank)
            guard !rest.isEmpty else { return IXLAElement(name: name, attributes: attributes) }
            guard hadBlank else { throw Malformed() }
            let key = try word(&rest)
            rest = rest.drop(while: isBlank)
            guard rest.first == UInt8(ascii: "="), !attributes.contains(where: { $0.name == key }) else {
                throw Malformed()
            }
            rest = rest.dropFirst().drop(while: isBlank)
            guard let quote = rest.first, quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'"),
                let close = rest.dropFirst().firstIndex(of: quote)
            else { throw Malformed() }
            attributes.append(.init(key, try text(rest[(rest.startIndex + 1)..<close])))
            rest = rest[(close + 1)...]
        }
    }

    private static func word(_ rest: inout ArraySlice<UInt8>) throws(Malformed) -> String {
        let letters = rest.prefix(while: isName)
        guard let first = letters.first, !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) else {
            throw Malformed()
        }
        rest = rest.dropFirst(letters.count)
        return String(decoding: letters, as: UTF8.self)
    }

    private static let entities: [(name: String, letter: UInt8)] = [
        ("&amp;", UInt8(ascii: "&")), ("&lt;", UInt8(ascii: "<")), ("&gt;", UInt8(ascii: ">")),
        ("&quot;", UInt8(ascii: "\"")), ("&apos;", UInt8(ascii: "'")),
    ]

    private static func text(_ bytes: ArraySlice<UInt8>) throws(Malformed) -> String {
        var plain = Bytes()
        var rest = bytes
        while let byte = rest.first {
            guard byte >= 0x20, byte != UInt8(ascii: "<") else { throw Malformed() }
            guard byte == UInt8(ascii: "&") else {
                plain.append(byte)
                rest = rest.dropFirst()
                continue
            }
            guard let entity = entities.first(where: { rest.starts(with: $0.name.utf8) }) else { throw Malformed() }
            plain.append(entity.letter)
            rest = rest.dropFirst(entity.name.utf8.count)
        }
        guard let text = String(validating: plain, as: UTF8.self) else { throw Malformed() }
        return text
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }

    private static func isName(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}
