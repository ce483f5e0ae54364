import Foundation
internal import Ground

/// Serial numbers that follow one another: a prefix, then digits of one width. `P1000001..P1000500`, or one serial.
public struct SerialRange: Sendable, Hashable, CustomStringConvertible {
    public let prefix: String
    public let first: Int
    public let last: Int
    /// Digits of each number, with leading zeros; 0 for a serial that does not end in digits.
    public let digits: Int

    /// More serials than any delivery has are a slip of the pen.
    public static let maxCount = 1_000_000

    /// nil unless both ends have the same prefix and width and the first is not behind the last.
    public init?(_ text: String) {
        let ends = text.components(separatedBy: "..")
        guard let low = ends.first, let high = ends.last, ends.count <= 2, let first = SerialRange.split(low),
            let last = SerialRange.split(high), first.prefix == last.prefix, first.digits == last.digits,
            first.number <= last.number, last.number - first.number < SerialRange.maxCount
        else { return nil }
        prefix = first.prefix
        digits = first.digits
        self.first = first.number
        self.last = last.number
    }

    init(prefix: String, first: Int, last: Int, digits: Int) {
        self.prefix = prefix
        self.first = first
        self.last = last
        self.digits = digits
    }

    public var count: Int { last - first + 1 }
    public var serials: [String] { (first...last).map { serial($0) } }
    public var description: String { count == 1 ? serial(first) : "\(serial(first))..\(serial(last))" }

    func serial(_ number: Int) -> String {
        guard digits > 0 else { return prefix }
        let text = String(number)
        return prefix + String(repeating: "0", count: max(0, digits - text.count)) + text
    }

    func overlaps(_ other: SerialRange) -> Bool {
        prefix == other.prefix && digits == other.digits && first <= other.last && other.first <= last
    }

    /// The parts of this range that none of the others covers.
    func without(_ others: [SerialRange]) -> [SerialRange] {
        var rest: [SerialRange] = []
        var next = first
        for other in others.filter(overlaps).sorted(by: { $0.first < $1.first }) {
            if other.first > next { rest.append(part(next, other.first - 1)) }
            next = max(next, other.last + 1)
        }
        if next <= last { rest.append(part(next, last)) }
        return rest
    }

    private func part(_ first: Int, _ last: Int) -> SerialRange {
        SerialRange(prefix: prefix, first: first, last: last, digits: digits)
    }

    /// Serials as the fewest ranges, in order; each serial once.
    public static func compact(_ serials: some Sequence<String>) -> [SerialRange] {
        var ranges: [SerialRange] = []
        let parts = serials.compactMap(split).sorted {
            ($0.prefix, $0.digits, $0.number) < ($1.prefix, $1.digits, $1.number)
        }
        for part in parts {
            if let open = ranges.last, open.prefix == part.prefix, open.digits == part.digits, part.digits > 0,
                part.number <= open.last + 1
            {
                ranges[ranges.count - 1] = open.part(open.first, max(open.last, part.number))
            } else if ranges.last?.description != part.prefix || part.digits > 0 {
                ranges.append(
                    SerialRange(prefix: part.prefix, first: part.number, last: part.number, digits: part.digits))
            }
        }
        return ranges
    }

    /// The number at the end of a serial: what blanks of one lot are fed by.
    static func split(_ serial: String) -> (prefix: String, number: Int, digits: Int)? {
        let allowed = serial.utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                || byte == 0x2D || byte == 0x2F
        }
        guard !serial.isEmpty, serial.utf8.count <= 64, allowed else { return nil }
        let digits = serial.reversed().prefix(15).prefix { $0.isNumber }.count
        return (String(serial.dropLast(digits)), Int(serial.suffix(digits)) ?? 0, digits)
    }
}
