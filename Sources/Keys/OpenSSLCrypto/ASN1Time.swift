internal import Ground

/// UTCTime until 2049 and GeneralizedTime from 2050 on (RFC 5652 11.3).
enum ASN1Time {
    /// Tag and content; nil before 1970 and after 9999.
    static func encoded(_ time: WallTime) -> (tag: UInt8, content: Bytes)? {
        let seconds = time.microseconds / 1_000_000
        guard seconds >= 0 else { return nil }
        let (days, rest) = (Int(seconds / 86_400), Int(seconds % 86_400))
        let date = CivilDate(daysSince1970: days)
        guard date.year <= 9999 else { return nil }
        let isShort = date.year < 2050
        var content = Bytes()
        content.reserveCapacity(15)
        func write(_ value: Int) {
            content.append(UInt8(0x30 + value / 10))
            content.append(UInt8(0x30 + value % 10))
        }
        if !isShort { write(date.year / 100) }
        write(date.year % 100)
        write(date.month)
        write(date.day)
        write(rest / 3600)
        write(rest / 60 % 60)
        write(rest % 60)
        content.append(UInt8(ascii: "Z"))
        return (isShort ? 0x17 : 0x18, content)
    }
}
