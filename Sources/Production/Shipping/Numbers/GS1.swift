/// What the numbers of GS1 have in common.
public enum GS1 {
    /// Check digit modulo 10 (GS1 General Specifications 7.9.1): weights 3 and 1 in turn from the right. Nil when
    /// `digits` holds anything but digits, or nothing.
    public static func checkDigit(of digits: String) -> Int? {
        guard !digits.isEmpty else { return nil }
        var sum = 0
        var weight = 3
        for character in digits.utf8.reversed() {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(character) else { return nil }
            sum += Int(character - UInt8(ascii: "0")) * weight
            weight = 4 - weight
        }
        return (10 - sum % 10) % 10
    }
}
