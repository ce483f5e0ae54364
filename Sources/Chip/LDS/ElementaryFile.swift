public import Ground

/// An elementary file of the eMRTD application (ICAO Doc 9303-10, table 38 and 4.6 to 4.7).
public struct ElementaryFile: Hashable, Sendable {
    /// File identifier, for example 0x0101.
    public let fileID: UInt16
    /// Outer tag of its content, for example 0x61.
    public let tag: UInt32
    /// `EF.COM`, `EF.DG1` ... `EF.SOD`.
    public let name: String
    /// 1 to 16 for a data group.
    public let dataGroup: Int?

    /// Short EF identifier: the low five bits of the file identifier (9303-10, table 38).
    public var shortFileID: UInt8 { UInt8(truncatingIfNeeded: fileID) & 0x1F }

    public static let common = ElementaryFile(fileID: 0x011E, tag: 0x60, name: "EF.COM", dataGroup: nil)
    public static let securityObject = ElementaryFile(fileID: 0x011D, tag: 0x77, name: "EF.SOD", dataGroup: nil)

    private static let dataGroupTags: [UInt32] = [
        0x61, 0x75, 0x63, 0x76, 0x65, 0x66, 0x67, 0x68, 0x69, 0x6A, 0x6B, 0x6C, 0x6D, 0x6E, 0x6F, 0x70,
    ]

    /// EF.DG1 to EF.DG16; nil for another number.
    public static func dataGroup(_ number: Int) -> ElementaryFile? {
        guard (1...16).contains(number) else { return nil }
        return ElementaryFile(
            fileID: 0x0100 + UInt16(number), tag: dataGroupTags[number - 1], name: "EF.DG\(number)", dataGroup: number)
    }

    /// The file whose content starts with this tag; nil for a tag that 9303-10 does not name.
    public static func withTag(_ tag: UInt32) -> ElementaryFile? {
        if tag == common.tag { return common }
        if tag == securityObject.tag { return securityObject }
        return dataGroupTags.firstIndex(of: tag).flatMap { dataGroup($0 + 1) }
    }

    /// The eMRTD application (9303-10, 3.4).
    public static let applicationID: Bytes = [0xA0, 0x00, 0x00, 0x02, 0x47, 0x10, 0x01]
}
