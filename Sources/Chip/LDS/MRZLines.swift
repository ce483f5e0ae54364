/// Lines of a zone, addressed as Doc 9303 does: line and character positions from 1.
struct MRZLines {
    let lines: [String]
    private let characters: [[Character]]

    init(_ lines: [String]) {
        self.lines = lines
        characters = lines.map(Array.init)
    }

    subscript(line: Int, positions: ClosedRange<Int>) -> String {
        String(characters[line - 1][(positions.lowerBound - 1)...(positions.upperBound - 1)])
    }

    func digit(_ line: Int, _ position: Int) -> Character { characters[line - 1][position - 1] }

    /// Check digits that every format has.
    func common(
        number: String, digit: Character, birth: (line: Int, start: Int), expiry: (line: Int, start: Int)
    ) -> Set<MachineReadableZone.Fault> {
        var faults: Set<MachineReadableZone.Fault> = []
        if CheckDigit.of(number) != digit { faults.insert(.number) }
        func agrees(_ field: (line: Int, start: Int)) -> Bool {
            CheckDigit.of(self[field.line, field.start...(field.start + 5)]) == self.digit(field.line, field.start + 6)
        }
        if !agrees(birth) { faults.insert(.birth) }
        if !agrees(expiry) { faults.insert(.expiry) }
        return faults
    }

    /// A number longer than nine characters: `<` in place of its check digit, the rest and the digit at the head of the
    /// optional field, ended by `<` (9303-5, 4.2.2.1 note j; 9303-6 likewise).
    func longNumber(short: String, digit: Character, rest: String) -> (
        number: String, digit: Character, optional: String
    ) {
        let head = rest.prefix { $0 != "<" }
        guard digit == "<", let last = head.last, !short.contains("<") else {
            return (short, digit, MRZLines.trimmed(rest))
        }
        return (short + head.dropLast(), last, MRZLines.trimmed(String(rest.dropFirst(head.count + 1))))
    }

    func names(in field: String) -> (primary: String, secondary: String) {
        let text = MRZLines.trimmed(field)
        guard let gap = text.firstRange(of: "<<") else { return (MRZLines.spaced(text), "") }
        return (MRZLines.spaced(text[..<gap.lowerBound]), MRZLines.spaced(text[gap.upperBound...]))
    }

    static func trimmed(_ text: String) -> String {
        String(text.reversed().drop { $0 == "<" }.reversed())
    }

    private static func spaced(_ text: some StringProtocol) -> String {
        String(text.map { $0 == "<" ? " " : $0 })
    }
}
