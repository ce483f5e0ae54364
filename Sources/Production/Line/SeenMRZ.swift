import Ground
import Stations

/// The machine readable zone as the camera saw it, read by code of its own: it opens the chip, so a print with another
/// person's MRZ is found out by the chip (ICAO Doc 9303-5 4.2 for TD1, 9303-4 4.2 for TD3).
enum SeenMRZ {
    /// Nil when the lines are not a TD1 or TD3 zone or a check digit is wrong.
    static func access(_ lines: [String]) -> MRZAccess? {
        let rows = lines.map { Array($0.utf8) }
        switch rows.map(\.count) {
        case [30, 30, 30]:
            let first = rows[0]
            let second = rows[1]
            let composite = Bytes(first[5..<30] + second[0..<7] + second[8..<15] + second[18..<29])
            guard digit(of: composite) == second[29] else { return nil }
            return access(number: first[5..<15], birth: second[0..<7], expiry: second[8..<15], spill: first[15..<30])
        case [44, 44]:
            let second = rows[1]
            let composite = Bytes(second[0..<10] + second[13..<20] + second[21..<43])
            guard digit(of: composite) == second[43] else { return nil }
            return access(number: second[0..<10], birth: second[13..<20], expiry: second[21..<28], spill: [])
        default: return nil
        }
    }

    private static func access(
        number: ArraySlice<UInt8>, birth: ArraySlice<UInt8>, expiry: ArraySlice<UInt8>, spill: ArraySlice<UInt8>
    ) -> MRZAccess? {
        guard checked(birth), checked(expiry), let document = documentNumber(number, spill) else { return nil }
        return MRZAccess(
            documentNumber: document, dateOfBirth: text(birth.dropLast()), dateOfExpiry: text(expiry.dropLast()))
    }

    /// A number longer than nine characters goes on in the optional field of TD1, with its check digit (9303-5 note j).
    private static func documentNumber(_ field: ArraySlice<UInt8>, _ spill: ArraySlice<UInt8>) -> String? {
        let filler = UInt8(ascii: "<")
        if field.last == filler, let first = spill.first, first != filler {
            let rest = spill.prefix { $0 != filler }
            let whole = Bytes(field.dropLast()) + rest
            guard checked(whole[...]) else { return nil }
            return text(whole.dropLast())
        }
        guard checked(field) else { return nil }
        return text(Bytes(field.dropLast()).reversed().drop { $0 == filler }.reversed()[...])
    }

    private static func text(_ bytes: ArraySlice<UInt8>) -> String { String(decoding: bytes, as: UTF8.self) }

    private static func checked(_ field: ArraySlice<UInt8>) -> Bool {
        field.count > 1 && digit(of: Bytes(field.dropLast())) == field.last
    }

    /// Weights 7, 3, 1 (9303-3 4.9); nil for a character that no MRZ has.
    static func digit(of bytes: Bytes) -> UInt8? {
        var sum = 0
        for (index, byte) in bytes.enumerated() {
            let value: Int
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): value = Int(byte) - 48
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): value = Int(byte) - 55
            case UInt8(ascii: "<"): value = 0
            default: return nil
            }
            sum += value * [7, 3, 1][index % 3]
        }
        return UInt8(48 + sum % 10)
    }
}
