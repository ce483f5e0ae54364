public import Ground
import LDS

/// EF.COM (ICAO Doc 9303-10, 4.6.1): LDS 1.7, Unicode 4.0.0, and the tags of the data groups that are present.
public struct EFCommon: Sendable {
    public let dataGroupTags: [UInt32]

    public init(dataGroupTags: [UInt32]) { self.dataGroupTags = dataGroupTags }

    public var encoded: Bytes {
        TLV(
            ElementaryFile.common.tag,
            [
                TLV(0x5F01, Bytes("0107".utf8)), TLV(0x5F36, Bytes("040000".utf8)),
                TLV(0x5C, dataGroupTags.flatMap(TLV.tagBytes)),
            ]
        ).encoded
    }
}
