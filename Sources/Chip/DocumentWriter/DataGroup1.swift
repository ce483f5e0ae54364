public import Ground

/// EF.DG1 (9303-10, 4.7.1): the machine readable zone, lines joined without separator.
public struct DataGroup1: Sendable {
    public let mrz: [String]

    public init(mrz: [String]) { self.mrz = mrz }

    public var encoded: Bytes { TLV(0x61, [TLV(0x5F1F, Bytes(mrz.joined().utf8))]).encoded }
}
