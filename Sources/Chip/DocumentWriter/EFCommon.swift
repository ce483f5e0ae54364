public import Ground
import LDS

/// EF.COM (ICAO Doc 9303-10, 4.6.1): LDS version, Unicode 4.0.0, and the tags of the data groups that are present.
public struct EFCommon: Sendable {
    public let dataGroupTags: [UInt32]

    /// Four digits: `0107` with a security object of version 0, `0108` with version 1.
    public let ldsVersion: String

    public init(dataGroupTags: [UInt32], ldsVersion: String = "0107") {
        self.dataGroupTags = dataGroupTags
        self.ldsVersion = ldsVersion
    }

    public var encoded: Bytes {
        TLV(
            ElementaryFile.common.tag,
            [
                TLV(0x5F01, Bytes(ldsVersion.utf8)), TLV(0x5F36, Bytes("040000".utf8)),
                TLV(0x5C, dataGroupTags.flatMap(TLV.tagBytes)),
            ]
        ).encoded
    }
}
