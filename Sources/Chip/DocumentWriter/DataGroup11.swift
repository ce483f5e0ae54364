public import Ground

/// EF.DG11 (9303-10, 4.7.11): additional personal details, in the order of its tag list.
public struct DataGroup11: Sendable {
    public let details: PersonalDetails

    public init(details: PersonalDetails) { self.details = details }

    public var encoded: Bytes {
        let birth = details.dateOfBirth
        let digits = birth.iso8601.utf8.filter { $0 != UInt8(ascii: "-") }
        let secondary = details.secondaryNames.joined(separator: "<")
        let name = details.primaryName + (secondary.isEmpty ? "" : "<<" + secondary)
        let objects = [
            TLV(0x5F0E, Bytes(name.utf8)),
            TLV(0x5F10, Bytes(details.personalNumber.utf8)),
            TLV(0x5F2B, Bytes(digits)),
            TLV(0x5F11, Bytes(details.placeOfBirth.joined(separator: "<").utf8)),
        ]
        let tags = TLV(0x5C, objects.flatMap { TLV.tagBytes($0.tag) })
        return TLV(0x6B, [tags] + objects).encoded
    }
}
