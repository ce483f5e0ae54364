internal import CVision
internal import Ground
internal import Stations

/// Ink read letter by letter in one face at one size, where it is not what was expected: what another document's field says.
/// Each letter is held against the ink where the one before it ends; the readings that explain most are followed. No
/// recognition: what was read counts only when the whole of it, drawn anew, explains the ink.
struct WritingReader {
    /// A letter as it stands alone, or joined to its neighbours.
    private struct Sign {
        let text: String
        let joinsBefore: Bool
        let joinsAfter: Bool
        let share: [Float]
        let width: Int
        let height: Int
        /// Its upper left from the pen, which is on the base line.
        let left: Double
        let top: Double
        let advance: Double
    }

    /// Letters read so far.
    private struct Reading {
        var text = ""
        var pen: Double
        var base: Int
        var isJoined = false
        var error: Float = 0
        var mass: Float = 1e-3
        var rate: Float { error / mass }
    }

    private let signs: [Sign]
    private let isFromRight: Bool
    /// So many readings are followed at once, of so many letters.
    private static let (beam, most) = (12, 40)
    /// Share of a letter's ink that differs from it, at most.
    private static let (letterLimit, lineLimit): (Float, Float) = (0.5, 0.3)

    /// Nil for a text of two directions, and for a face that cannot write its kind.
    init?(likeThoseOf text: String, face: String, size: Double) {
        let letters = RivalLetters.signs(likeThoseOf: text)
        guard !letters.isEmpty else { return nil }
        isFromRight = letters.contains { RivalLetters.joins($0) }
        let isFromRight = isFromRight
        signs = letters.flatMap { letter -> [Sign] in
            let forms: [(Bool, Bool)] =
                RivalLetters.joins(letter)
                ? RivalLetters.joinsNext(letter)
                    ? [(false, false), (false, true), (true, false), (true, true)] : [(false, false), (true, false)]
                : [(false, false)]
            return forms.compactMap { Self.sign(letter, $0, face, size, mirrored: isFromRight) }
        }
    }

    private static func sign(
        _ letter: Character, _ joins: (before: Bool, after: Bool), _ face: String, _ size: Double, mirrored: Bool
    ) -> Sign? {
        let joiner = "\u{200D}"
        let drawn = (joins.before ? joiner : "") + String(letter) + (joins.after ? joiner : "")
        guard let advance = DrawnLine.advance(drawn, face: face, size: size), advance > 0 else { return nil }
        guard let line = DrawnLine(drawn, face: face, size: size) else {
            guard letter == " " else { return nil }
            return Sign(
                text: " ", joinsBefore: false, joinsAfter: false, share: [], width: 0, height: 0, left: 0, top: 0,
                advance: advance)
        }
        // As steep as the share of ink is.
        var share = line.ink.map { min(max((Float($0) / 255 - 0.3) / 0.6, 0), 1) }
        if mirrored { mirror(&share, line.width) }
        return Sign(
            text: String(letter), joinsBefore: joins.before, joinsAfter: joins.after,
            share: share, width: line.width, height: line.height,
            left: mirrored ? line.origin.x + advance - Double(line.width) : -line.origin.x, top: -line.origin.y,
            advance: advance)
    }

    private static func mirror(_ values: inout [Float], _ width: Int) {
        for start in stride(from: 0, to: values.count, by: width) { values[start..<start + width].reverse() }
    }

    /// What the ink may say, the best first.
    func read(_ ink: InkShare) -> [String] {
        var ink = ink
        if isFromRight {
            Self.mirror(&ink.values, ink.width)
            (ink.left, ink.right) = (ink.width - ink.right, ink.width - ink.left)
        }
        let high = ink.bottom - ink.top
        var readings = signs.filter { !$0.joinsBefore && $0.text != " " }.flatMap { sign in
            (ink.top + high / 2...ink.bottom + 2).compactMap { base in
                follow(Reading(pen: Double(ink.left) - sign.left, base: base), with: sign, on: ink)
            }
        }
        var found: [Reading] = []
        for _ in 0..<Self.most {
            readings = Array(readings.sorted { $0.rate < $1.rate }.prefix(Self.beam))
            guard !readings.isEmpty else { break }
            found += readings.filter { !$0.isJoined && abs($0.pen - Double(ink.right)) < 0.2 * Double(high) + 2 }
            readings = readings.flatMap { reading in
                signs.compactMap { sign in
                    sign.joinsBefore == reading.isJoined ? follow(reading, with: sign, on: ink) : nil
                }
            }
        }
        return found.sorted { $0.rate < $1.rate }.map(\.text).reduce(into: []) {
            if !$0.contains($1) { $0.append($1) }
        }
    }

    /// One letter more; nil where the ink is another.
    private func follow(_ reading: Reading, with sign: Sign, on ink: InkShare) -> Reading? {
        let end = reading.pen + sign.advance
        guard end < Double(ink.right) + 0.3 * Double(ink.bottom - ink.top) + 2 else { return nil }
        var best: (error: Float, mass: Float, move: Double)?
        for move in [0.0, -1, 1] {
            let (error, mass) = difference(
                sign, at: reading.pen + move, reading.base, on: ink, isFirst: reading.text.isEmpty)
            if best.map({ error * $0.mass < $0.error * mass }) ?? true { best = (error, mass, move) }
            if sign.share.isEmpty { break }
        }
        guard let best, best.error <= Self.letterLimit * best.mass + 0.5 else { return nil }
        var next = reading
        next.text += sign.text
        next.pen = end + best.move
        next.isJoined = sign.joinsAfter
        next.error += best.error
        next.mass += best.mass
        return next.rate < Self.lineLimit ? next : nil
    }

    /// Over the sign's own part of the line: squares of what differs, and of what is there.
    private func difference(
        _ sign: Sign, at pen: Double, _ base: Int, on ink: InkShare, isFirst: Bool
    ) -> (error: Float, mass: Float) {
        let (left, top) = (Int((pen + sign.left).rounded()), base + Int(sign.top.rounded()))
        let from = max(isFirst ? min(left, ink.left) : Int(pen.rounded()), 0)
        let to = min(Int((pen + sign.advance).rounded()), ink.width)
        var (error, mass): (Float, Float) = (0, 0)
        guard from < to else { return (1, 1) }
        for y in max(ink.top - 2, 0)..<min(ink.bottom + 2, ink.height) {
            let row = y - top
            let isInside = row >= 0 && row < sign.height
            for x in from..<to {
                let seen = ink.values[y * ink.width + x]
                let column = x - left
                let meant = isInside && column >= 0 && column < sign.width ? sign.share[row * sign.width + column] : 0
                error += (seen - meant) * (seen - meant)
                mass += seen * seen + meant * meant
            }
        }
        return (error, mass)
    }
}

/// The share of ink at each pixel of a place, and the ink's own extent in it.
struct InkShare {
    var values: [Float]
    let width: Int
    let height: Int
    var left: Int
    let top: Int
    var right: Int
    let bottom: Int
}

extension CardView {
    /// Of a view that is the artwork; nil where there is none.
    func inkShare(_ ink: RectMM) throws(SakkError) -> InkShare? {
        let place = raster.pixels(ink)
        var values = [Float](repeating: 0, count: (Int(place.width) + 32) * (Int(place.height) + 32))
        var (width, height): (Int32, Int32) = (0, 0)
        let status = sakk_view_share(handle, place, &values, values.count, &width, &height)
        if status == SAKK_VISION_BAD_FRAME { return nil }
        try Self.check(status, "share")
        let (across, down) = (Int(width), Int(height))
        return InkShare(
            values: Array(values[..<(across * down)]), width: across, height: down, left: 12, top: 12,
            right: across - 12, bottom: down - 12)
    }
}
