internal import Ground

/// Reads the small part of XML 1.0 that a drawing needs, strictly: elements, attributes, text, comments and the five
/// predefined entities with character references. A document type, a processing instruction and CDATA are refused, so
/// no entity can expand and no style sheet can be fetched. Text between tags is checked and dropped.
struct XMLReader {
    static let maximumBytes = 4 << 20
    static let maximumElements = 50_000
    static let maximumDepth = 32

    private let bytes: Bytes
    private let file: String
    private var at = 0
    private var line = 1
    private var elements = 0

    init(_ bytes: Bytes, file: String) {
        self.bytes = bytes
        self.file = file
    }

    /// The root element. Throws `artwork.template.xml`.
    static func read(_ bytes: Bytes, file: String) throws(SakkError) -> XMLElement {
        var reader = XMLReader(bytes, file: file)
        guard bytes.count <= maximumBytes else { throw reader.failure("the file is larger than 4 MiB") }
        guard String(validating: bytes, as: UTF8.self) != nil else { throw reader.failure("the file is not UTF-8") }
        if reader.take("\u{FEFF}") {}
        if reader.take("<?xml ") { try reader.skip(past: "?>") }
        try reader.skipBetween()
        let root = try reader.element(depth: 1)
        try reader.skipBetween()
        guard reader.at == bytes.count else { throw reader.failure("something follows the root element") }
        return root
    }

    private func failure(_ reason: String) -> SakkError {
        .template("artwork.template.xml", file: file, line: line, reason)
    }

    private var current: UInt8? { at < bytes.count ? bytes[at] : nil }

    private mutating func advance(_ count: Int = 1) {
        for _ in 0..<count where at < bytes.count {
            if bytes[at] == UInt8(ascii: "\n") { line += 1 }
            at += 1
        }
    }

    private mutating func take(_ text: String) -> Bool {
        let wanted = Array(text.utf8)
        guard bytes[at...].starts(with: wanted) else { return false }
        advance(wanted.count)
        return true
    }

    private mutating func skip(past end: String) throws(SakkError) {
        while at < bytes.count { if take(end) { return } else { advance() } }
        throw failure("'\(end)' is missing")
    }

    private mutating func skipSpace() {
        while let byte = current, byte == 32 || byte == 9 || byte == 10 || byte == 13 { advance() }
    }

    /// Space and comments outside the root.
    private mutating func skipBetween() throws(SakkError) {
        while true {
            skipSpace()
            guard take("<!--") else { return }
            try skip(past: "-->")
        }
    }

    private mutating func name() throws(SakkError) -> String {
        let start = at
        while let byte = current, isNameByte(byte) { advance() }
        guard at > start else { throw failure("a name is missing") }
        return String(decoding: bytes[start..<at], as: UTF8.self)
    }

    private func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: ":"), UInt8(ascii: "-"), UInt8(ascii: "_"),
            UInt8(ascii: "."):
            true
        default: false
        }
    }

    private mutating func element(depth: Int) throws(SakkError) -> XMLElement {
        let start = at
        let startLine = line
        guard take("<") else { throw failure("an element is expected") }
        guard current != UInt8(ascii: "!"), current != UInt8(ascii: "?") else {
            throw failure("document types, CDATA and processing instructions are refused")
        }
        elements += 1
        guard depth <= Self.maximumDepth, elements <= Self.maximumElements else {
            throw failure("more than \(Self.maximumElements) elements or deeper than \(Self.maximumDepth)")
        }
        let name = try name()
        let attributes = try attributes()
        let empty = take("/>")
        guard empty || take(">") else { throw failure("'>' is missing after <\(name)") }
        var element = XMLElement(
            name: name, attributes: attributes, line: startLine, startTag: start..<at, whole: start..<at)
        guard !empty else { return element }
        while !take("</") {
            guard let byte = current else { throw failure("</\(name)> is missing") }
            if take("<!--") {
                try skip(past: "-->")
            } else if byte == UInt8(ascii: "<") {
                element.children.append(try self.element(depth: depth + 1))
            } else if byte == UInt8(ascii: "&") {
                _ = try reference()
            } else {
                advance()
            }
        }
        guard try self.name() == name else { throw failure("<\(name)> is closed by another name") }
        skipSpace()
        guard take(">") else { throw failure("'>' is missing after </\(name)") }
        element.whole = start..<at
        return element
    }

    private mutating func attributes() throws(SakkError) -> [XMLElement.Attribute] {
        var found: [XMLElement.Attribute] = []
        while true {
            skipSpace()
            guard let byte = current, isNameByte(byte) else { return found }
            let name = try name()
            skipSpace()
            guard take("=") else { throw failure("'=' is missing after \(name)") }
            skipSpace()
            guard let quote = current, quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") else {
                throw failure("the value of \(name) is not quoted")
            }
            advance()
            var value = Bytes()
            while let byte = current, byte != quote {
                if byte == UInt8(ascii: "<") { throw failure("'<' in the value of \(name)") }
                if byte == UInt8(ascii: "&") {
                    value += Array(String(try reference()).utf8)
                } else {
                    value.append(byte)
                    advance()
                }
            }
            guard current == quote else { throw failure("the value of \(name) does not end") }
            advance()
            guard !found.contains(where: { $0.name == name }) else { throw failure("\(name) is given twice") }
            found.append(.init(name: name, value: String(decoding: value, as: UTF8.self)))
        }
    }

    private mutating func reference() throws(SakkError) -> Unicode.Scalar {
        let known: [(String, Unicode.Scalar)] = [
            ("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"), ("&quot;", "\""), ("&apos;", "'"),
        ]
        for (text, scalar) in known where take(text) { return scalar }
        guard take("&#") else { throw failure("unknown entity") }
        let radix = take("x") ? 16 : 10
        let start = at
        while let byte = current, byte != UInt8(ascii: ";"), at - start < 8 { advance() }
        let digits = String(decoding: bytes[start..<at], as: UTF8.self)
        guard take(";"), let value = UInt32(digits, radix: radix), let scalar = Unicode.Scalar(value) else {
            throw failure("bad character reference")
        }
        return scalar
    }
}
