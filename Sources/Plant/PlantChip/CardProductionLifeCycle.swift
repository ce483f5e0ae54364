public import Ground

/// CPLC data (GET DATA 9F7F): who made the silicon, when, and its serial number. 42 bytes.
public struct CardProductionLifeCycle: Sendable, Equatable {
    public let bytes: Bytes

    /// The 42 bytes as they are; nil for any other length.
    public init?(bytes: Bytes) {
        guard bytes.count == 42 else { return nil }
        self.bytes = bytes
    }

    /// An invented chip: fabricator and type that no maker uses, dates as YDDD in four binary-coded digits.
    public init(
        serial: UInt32, batch: UInt16, fabricator: UInt16 = 0x5A4B, type: UInt16 = 0x0001,
        fabricationDate: UInt16 = 0x6032
    ) {
        var all = BigEndian.bytes(fabricator) + BigEndian.bytes(type)
        all += [0x53, 0x4B, 0x60, 0x01, 0x01, 0x00]  // operating system id, release date, level
        all += BigEndian.bytes(fabricationDate) + BigEndian.bytes(serial) + BigEndian.bytes(batch)
        all += Bytes(repeating: 0, count: 42 - all.count)
        bytes = all
    }

    /// Key diversification data that this chip gives in INITIALIZE UPDATE: fabricator, fabrication date, serial,
    /// batch. 10 bytes, different for each chip.
    public var keyDiversificationData: Bytes { Bytes(bytes[0..<2] + bytes[10..<18]) }
}
