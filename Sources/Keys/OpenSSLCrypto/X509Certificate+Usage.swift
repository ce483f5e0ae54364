public import Ground

extension X509Certificate {
    /// When the private key may sign (RFC 3280 4.2.1.4; 9303-12 makes it mandatory for document signers). A missing bound
    /// or extension is nil.
    public var privateKeyUsage: (from: WallTime?, until: WallTime?) {
        guard let value = extensionValue([0x55, 0x1D, 0x10]), let bounds = TLV.parse(value)?.children else {
            return (nil, nil)
        }
        func at(_ tag: UInt32) -> WallTime? { bounds.first { $0.tag == tag }.flatMap { Self.generalized($0.value) } }
        return (at(0x80), at(0x81))
    }

    /// Document types that the signer is for (9303-12 7.1.1.6), for example `P`; nil without the extension.
    public var documentTypes: [String]? {
        guard let value = extensionValue([0x67, 0x81, 0x08, 0x01, 0x01, 0x06, 0x02]),
            let fields = TLV.parse(value)?.children, fields.count >= 2
        else { return nil }
        return fields[1].children?.map { String(decoding: $0.value, as: UTF8.self) }
    }

    /// The content of an extension by the value of its object identifier.
    private func extensionValue(_ identifier: Bytes) -> Bytes? {
        guard let body = TLV.parse(der)?.children?.first?.children,
            let list = body.first(where: { $0.tag == 0xA3 })?.children?.first?.children
        else { return nil }
        for entry in list {
            guard let parts = entry.children, let name = parts.first, name.value == identifier else { continue }
            return parts.last?.value
        }
        return nil
    }

    /// YYYYMMDDhhmmssZ.
    private static func generalized(_ text: Bytes) -> WallTime? {
        guard text.count == 15, text[14] == UInt8(ascii: "Z") else { return nil }
        let digits = text.map { Character(UnicodeScalar($0)) }
        func part(_ from: Int, _ count: Int) -> String { String(digits[from..<(from + count)]) }
        return WallTime(
            iso8601: "\(part(0, 4))-\(part(4, 2))-\(part(6, 2))T\(part(8, 2)):\(part(10, 2)):\(part(12, 2))Z")
    }
}
