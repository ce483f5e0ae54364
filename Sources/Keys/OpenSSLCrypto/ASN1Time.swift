internal import Ground

/// UTCTime until 2049 and GeneralizedTime from 2050 on (RFC 5652 11.3).
struct ASN1Time {
    private let date: CivilDate
    private let secondOfDay: Int
    private var isShort: Bool { date.year < 2050 }

    var tag: UInt8 { isShort ? 0x17 : 0x18 }
    /// Bytes of the content.
    var count: Int { isShort ? 13 : 15 }

    /// Nil before 1970 and after 9999.
    init?(_ time: WallTime) {
        let seconds = time.microseconds / 1_000_000
        guard seconds >= 0 else { return nil }
        secondOfDay = Int(seconds % 86_400)
        date = CivilDate(daysSince1970: Int(seconds / 86_400))
        guard date.year <= 9999 else { return nil }
    }

    /// The whole object.
    func write(_ der: inout DERWriter) {
        der.open(tag, count)
        if !isShort { Self.write(date.year / 100, &der) }
        Self.write(date.year % 100, &der)
        Self.write(date.month, &der)
        Self.write(date.day, &der)
        Self.write(secondOfDay / 3600, &der)
        Self.write(secondOfDay / 60 % 60, &der)
        Self.write(secondOfDay % 60, &der)
        der.append(byte: UInt8(ascii: "Z"))
    }

    private static func write(_ value: Int, _ der: inout DERWriter) {
        der.append(byte: UInt8(0x30 + value / 10))
        der.append(byte: UInt8(0x30 + value % 10))
    }
}
