/// A machine readable zone taken apart (ICAO Doc 9303-4 to -6). Holds personal data: it does not describe itself.
public struct MachineReadableZone: Sendable, Equatable {
    public enum Format: String, Sendable {
        /// Three lines of 30 characters (9303-5).
        case td1 = "TD1"
        /// Two lines of 36 (9303-6).
        case td2 = "TD2"
        /// Two lines of 44 (9303-4).
        case td3 = "TD3"
    }

    /// What is wrong with a zone; the words of the check digits that do not agree.
    public enum Fault: String, Sendable, Error, Hashable {
        case length, character, number, birth, expiry, optional, composite
    }

    public let format: Format
    public let lines: [String]
    /// Two characters, filler included.
    public let code: String
    public let issuer: String
    /// All nine characters with filler, or the whole of a longer number.
    public let number: String
    public let numberCheckDigit: Character
    public let nationality: String
    /// YYMMDD.
    public let birth: String
    public let birthCheckDigit: Character
    public let sex: Character
    /// YYMMDD.
    public let expiry: String
    public let expiryCheckDigit: Character
    /// Without trailing filler.
    public let optional1: String
    /// TD1 only; without trailing filler.
    public let optional2: String
    /// TD3 only.
    public let optionalCheckDigit: Character?
    public let compositeCheckDigit: Character
    /// Primary and secondary identifier, filler as spaces.
    public let primary: String
    public let secondary: String
    /// Check digits that do not agree; empty for a good zone.
    public let faults: Set<Fault>

    /// Document number, birth and expiry, each with its check digit: what BAC and PACE keys come from (9303-11, 4.3.2).
    public var information: String {
        number + String(numberCheckDigit) + birth + String(birthCheckDigit) + expiry + String(expiryCheckDigit)
    }
}

extension MachineReadableZone: CustomStringConvertible, CustomReflectable {
    public var description: String { "machine readable zone \(format.rawValue) (not shown)" }
    public var customMirror: Mirror { Mirror(self, children: []) }
}

extension MachineReadableZone {
    /// Takes lines apart. Throws `length` or `character` when they are no zone at all; check digits that do not agree
    /// are `faults`, because a border reads on and says so.
    public init(lines: [String]) throws(Fault) {
        let format: Format
        switch lines.map(\.utf8.count) {
        case [30, 30, 30]: format = .td1
        case [36, 36]: format = .td2
        case [44, 44]: format = .td3
        default: throw .length
        }
        guard lines.joined().utf8.allSatisfy({ CheckDigit.value(of: $0) != nil }) else { throw .character }
        let fields = MRZLines(lines)
        switch format {
        case .td1: self = MachineReadableZone(td1: fields)
        case .td2: self = MachineReadableZone(td2: fields)
        case .td3: self = MachineReadableZone(td3: fields)
        }
    }

    private init(td1 zone: MRZLines) {
        let long = zone.longNumber(short: zone[1, 6...14], digit: zone.digit(1, 15), rest: zone[1, 16...30])
        var faults = zone.common(number: long.number, digit: long.digit, birth: (2, 1), expiry: (2, 9))
        let composite = zone[1, 6...30] + zone[2, 1...7] + zone[2, 9...15] + zone[2, 19...29]
        if CheckDigit.of(composite) != zone.digit(2, 30) { faults.insert(.composite) }
        let name = zone.names(in: zone[3, 1...30])
        self.init(
            format: .td1, lines: zone.lines, code: zone[1, 1...2], issuer: zone[1, 3...5], number: long.number,
            numberCheckDigit: long.digit, nationality: zone[2, 16...18], birth: zone[2, 1...6],
            birthCheckDigit: zone.digit(2, 7), sex: zone.digit(2, 8), expiry: zone[2, 9...14],
            expiryCheckDigit: zone.digit(2, 15), optional1: long.optional,
            optional2: MRZLines.trimmed(zone[2, 19...29]), optionalCheckDigit: nil,
            compositeCheckDigit: zone.digit(2, 30), primary: name.primary, secondary: name.secondary, faults: faults)
    }

    private init(td2 zone: MRZLines) {
        let long = zone.longNumber(short: zone[2, 1...9], digit: zone.digit(2, 10), rest: zone[2, 29...35])
        var faults = zone.common(number: long.number, digit: long.digit, birth: (2, 14), expiry: (2, 22))
        let composite = zone[2, 1...10] + zone[2, 14...20] + zone[2, 22...35]
        if CheckDigit.of(composite) != zone.digit(2, 36) { faults.insert(.composite) }
        let name = zone.names(in: zone[1, 6...36])
        self.init(
            format: .td2, lines: zone.lines, code: zone[1, 1...2], issuer: zone[1, 3...5], number: long.number,
            numberCheckDigit: long.digit, nationality: zone[2, 11...13], birth: zone[2, 14...19],
            birthCheckDigit: zone.digit(2, 20), sex: zone.digit(2, 21), expiry: zone[2, 22...27],
            expiryCheckDigit: zone.digit(2, 28), optional1: long.optional, optional2: "", optionalCheckDigit: nil,
            compositeCheckDigit: zone.digit(2, 36), primary: name.primary, secondary: name.secondary, faults: faults)
    }

    private init(td3 zone: MRZLines) {
        let number = zone[2, 1...9]
        var faults = zone.common(number: number, digit: zone.digit(2, 10), birth: (2, 14), expiry: (2, 22))
        let optional = zone[2, 29...42]
        let optionalDigit = zone.digit(2, 43)
        // an empty optional field may leave its digit out (9303-4, 4.2.2.2)
        let omitted = optionalDigit == "<" && optional.allSatisfy { $0 == "<" }
        if !omitted && CheckDigit.of(optional) != optionalDigit { faults.insert(.optional) }
        let composite = zone[2, 1...10] + zone[2, 14...20] + zone[2, 22...43]
        if CheckDigit.of(composite) != zone.digit(2, 44) { faults.insert(.composite) }
        let name = zone.names(in: zone[1, 6...44])
        self.init(
            format: .td3, lines: zone.lines, code: zone[1, 1...2], issuer: zone[1, 3...5], number: number,
            numberCheckDigit: zone.digit(2, 10), nationality: zone[2, 11...13], birth: zone[2, 14...19],
            birthCheckDigit: zone.digit(2, 20), sex: zone.digit(2, 21), expiry: zone[2, 22...27],
            expiryCheckDigit: zone.digit(2, 28), optional1: MRZLines.trimmed(optional), optional2: "",
            optionalCheckDigit: optionalDigit, compositeCheckDigit: zone.digit(2, 44), primary: name.primary,
            secondary: name.secondary, faults: faults)
    }
}
