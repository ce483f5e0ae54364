internal import Ground
internal import Stations

/// The search for a face in which a text explains the ink of a field. A text is the signed one only if it explains all ink
/// that belongs to it, and no text that differs from it by one character explains that ink better.
struct WritingSearch {
    /// A text drawn in a face at the size that its ink has.
    struct Trial {
        let text: String
        let face: String
        let ink: RectMM
        let size: Double
        /// Pixels that its letters stand further apart by than the face has them.
        let spacing: Double
        let fit: CardView.Comparison
        /// By how much each of its columns differs.
        let profile: [Float]
    }

    let text: String
    let places: WritingPlaces
    let artwork: CardView
    let limit: Double
    /// What explained most.
    private(set) var best: Trial?
    /// The text explains the ink of a place, but ink is left over, or another text explains it better.
    private(set) var contested: SignedWriting.Answer?

    /// Faces that may still be tried beside those that are known: one that is not installed here is not to be sought for
    /// seconds.
    private var left: Int
    private let isLatin: Bool
    private let variants: [String]

    init(_ text: String, _ places: WritingPlaces, artwork: CardView, limit: Double, trials: Int) {
        left = trials
        self.text = text
        self.places = places
        self.artwork = artwork
        self.limit = limit
        isLatin = FaceList.isLatin(text)
        variants = Self.variants(of: text.split(whereSeparator: \.isNewline).joined(separator: " "))
    }

    /// The face, of those that are known first; nil when none explains the text.
    mutating func face(_ known: [String]) throws(SakkError) -> String? {
        for ink in places.places where !known.isEmpty {
            if let face = try face(of: known, at: ink) { return face }
        }
        if let face = try faceOfLines(known) { return face }
        let shapes = Self.shapes(text)
        for ink in places.places {
            let others = Self.candidates(shapes, ink).filter { !known.contains($0) }
            if let face = try face(of: taken(others), at: ink) { return face }
        }
        for ink in places.places.prefix(3) where isLatin {
            let narrow = shapes.filter { FaceList.isUsual($0.face) && $0.ratio < 0.87 * ink.width / ink.height }
            let others = narrow.map(\.face).filter { !known.contains($0) }
            if let face = try face(of: taken(others), at: ink) { return face }
        }
        return nil
    }

    private mutating func taken(_ faces: [String]) -> [String] {
        let taken = Array(faces.prefix(max(left, 0)))
        left -= taken.count
        return taken
    }

    /// Of the limit: a face that explains a text so well is its face.
    static let sure = 0.7

    /// What is to be said of a text that no face explains: that another one stands there only where that is shown. A face
    /// that is not known here differs all along the line, another letter at its own place.
    func verdict(_ best: Trial, isKnown: Bool) throws(SakkError) -> SignedWriting.Answer {
        guard best.fit.worst > 0.45 else { return .unknown }
        if isKnown, best.fit.likeness > 0.75 { return .differs(best.fit.place) }
        guard best.fit.likeness > 0.7 else { return .unknown }
        for other in replacements(best).prefix(96) {
            guard let found = try trial(other, best.face, best.ink) else { continue }
            if isSure(found.fit) { return .differs(best.fit.place) }
        }
        return .unknown
    }

    /// A trial's text with any other character where it differs most.
    private func replacements(_ trial: Trial) -> [String] {
        let columns = DrawnLine.columns(
            trial.text, face: trial.face, size: trial.size, spacing: trial.spacing)
        let letters = Array(trial.text)
        guard columns.count == letters.count,
            let most = trial.profile.indices.max(by: { trial.profile[$0] < trial.profile[$1] })
        else { return [] }
        let room = 0.12 * trial.size
        return letters.indices.filter {
            columns[$0].lowerBound - room < Double(most) && Double(most) < columns[$0].upperBound + room
        }.flatMap { at in
            RivalLetters.alphabet(of: letters[at]).filter { $0 != letters[at] }.map { other in
                String(letters[..<at] + [other] + letters[(at + 1)...])
            }
        }
    }

    private mutating func face(of faces: [String], at ink: RectMM) throws(SakkError) -> String? {
        let rest = places.leftOver(by: ink)
        for face in faces {
            for variant in variants {
                guard let trial = try trial(variant, face, ink) else { continue }
                if trial.fit.likeness > best?.fit.likeness ?? 0 { best = trial }
                guard isSame(trial.fit) else { continue }
                if let rest {
                    if contested == nil { contested = try answer(to: rest, beside: trial) }
                    return nil
                }
                if let other = try rival(of: trial) {
                    contested = other
                    continue
                }
                return face
            }
        }
        return nil
    }

    /// A text that stands in several lines.
    private mutating func faceOfLines(_ known: [String]) throws(SakkError) -> String? {
        let lines = places.lines
        guard (2...6).contains(lines.count) else { return nil }
        for count in 2...min(lines.count, 4) {
            for start in 0...lines.count - count {
                let run = Array(lines[start..<start + count])
                guard places.leftOver(by: run.dropFirst().reduce(run[0], RectMM.union)) == nil else { continue }
                for variant in variants {
                    let given = text.split(whereSeparator: \.isNewline).map(String.init)
                    let isGiven = given.count == count && variant == variants[0]
                    guard let texts = isGiven ? given : WrappedText.split(variant, over: run.map(\.width)) else {
                        continue
                    }
                    let others = Self.candidates(Self.shapes(texts[0]), run[0]).filter { !known.contains($0) }
                    for face in known + taken(others) {
                        if try isSame(texts, face, run) { return face }
                    }
                }
            }
        }
        return nil
    }

    private mutating func isSame(_ texts: [String], _ face: String, _ lines: [RectMM]) throws(SakkError) -> Bool {
        for (text, ink) in zip(texts, lines) {
            guard let trial = try trial(text, face, ink) else { return false }
            if best == nil { best = trial }
            guard isSame(trial.fit) else { return false }
            if let other = try rival(of: trial) {
                contested = other
                return false
            }
        }
        return true
    }

    /// Letters may stand a part of a pixel otherwise than here, each, and their strokes be fitted to the pixels: their own
    /// places count, not the line's correlation. Where one dot makes another letter, less is allowed.
    private func isSame(_ fit: CardView.Comparison) -> Bool {
        let (room, wide) = isLatin ? (1.4, 0.15) : (1.15, 0.06)
        return (fit.likeness > 0.6 && fit.worst < limit && fit.common < 0.04)
            || (fit.likeness > 0.75 && fit.worst < room * limit && fit.common < wide)
    }

    /// In its own face: another one never fits as well.
    private func isSure(_ fit: CardView.Comparison) -> Bool { isSame(fit) && fit.worst < Self.sure * limit }

    /// Texts that differ from a trial's by one character, with that character's place.
    private func others(_ trial: Trial) -> [(text: String, at: Int)] {
        let letters = Array(trial.text)
        return letters.indices.flatMap { at in
            RivalLetters.rivals(of: letters[at]).map { rival in
                var other = letters
                other[at] = rival
                return (String(other), at)
            }
        }
    }

    /// Another text that explains the ink better where a character of this one does not quite.
    private func rival(of trial: Trial) throws(SakkError) -> SignedWriting.Answer? {
        guard trial.fit.worst > Self.doubtful else { return nil }
        let room = 0.12 * Double(trial.size)
        func peak(_ trial: Trial, _ columns: [ClosedRange<Double>], _ at: Int) -> Double {
            guard at < columns.count else { return 0 }
            let from = max(Int(columns[at].lowerBound - room), 0)
            let to = min(Int(columns[at].upperBound + room), trial.profile.count - 1)
            return from <= to ? Double(trial.profile[from...to].max() ?? 0) : 0
        }
        let columns = DrawnLine.columns(
            trial.text, face: trial.face, size: trial.size, spacing: trial.spacing)
        let suspects = others(trial).map { (text: $0.text, at: $0.at, peak: peak(trial, columns, $0.at)) }
        for suspect in suspects.filter({ $0.peak > Self.doubtful }).sorted(by: { $0.peak > $1.peak }).prefix(48) {
            guard let other = try self.trial(suspect.text, trial.face, trial.ink) else { continue }
            guard other.fit.likeness > trial.fit.likeness, other.fit.worst < trial.fit.worst + 0.02 else { continue }
            let own = DrawnLine.columns(other.text, face: other.face, size: other.size, spacing: other.spacing)
            let rest = peak(other, own, suspect.at)
            guard rest < 0.7 * suspect.peak else { continue }
            let isSure = suspect.peak > 0.2 && rest < 0.5 * suspect.peak && isSure(other.fit)
            return isSure ? .differs(trial.fit.place) : .unknown
        }
        return nil
    }

    /// Below this no character of a text differs by so much as a dot.
    private static let doubtful = 0.09

    /// Ink is left over beside a text that explains the rest: another text explains all of it, or it cannot be said.
    private func answer(to rest: RectMM, beside trial: Trial) throws(SakkError) -> SignedWriting.Answer {
        let ink = RectMM.union(trial.ink, rest)
        for other in others(trial).prefix(96) {
            if let found = try self.trial(other.text, trial.face, ink), isSure(found.fit) { return .differs(rest) }
        }
        return .unknown
    }

    private static func shapes(_ text: String) -> [(face: String, ratio: Double)] {
        FaceList.faces(for: text).compactMap { face in
            DrawnLine.shape(text, face: face).map { (face, $0.width / $0.height) }
        }
    }

    /// Faces by how well the shape of the ink agrees, the best first.
    private static func candidates(_ shapes: [(face: String, ratio: Double)], _ ink: RectMM) -> [String] {
        let wanted = ink.width / ink.height
        let near = shapes.map { (face: $0.face, off: abs($0.ratio / wanted - 1)) }.filter { $0.off < 0.15 }
        // Digits are as wide in every weight of a family: of those that agree alike the usual ones come first.
        func rank(_ one: (face: String, off: Double)) -> (Int, Int, Double) {
            (Int(one.off / 0.015), FaceList.isUsual(one.face) ? 0 : 1, one.off)
        }
        return near.sorted { rank($0) < rank($1) }.prefix(24).map(\.face)
    }

    /// The text at the size that its ink has, by width and, where another letter makes it wider, by height.
    private func trial(_ text: String, _ face: String, _ ink: RectMM) throws(SakkError) -> Trial? {
        guard let shape = DrawnLine.shape(text, face: face) else { return nil }
        let perMM = SideRaster.pixelsPerMM
        let box = RectMM(x: ink.x - 0.17, y: ink.y - 0.17, width: ink.width + 0.34, height: ink.height + 0.34)
        let (byWidth, byHeight) = (100 * ink.width * perMM / shape.width, 100 * ink.height * perMM / shape.height)
        var ways = [(size: byWidth, spacing: 0.0)]
        if abs(byHeight / byWidth - 1) > 0.015 { ways.append((byHeight, 0)) }
        if isLatin, text.count > 2, byHeight < 0.97 * byWidth {
            ways.append((byHeight, (ink.width * perMM - byHeight * shape.width / 100) / Double(text.count - 1)))
        }
        var best: Trial?
        for (size, spacing) in ways where abs(size / byHeight - 1) < 0.2 && spacing < 0.6 * size {
            guard let line = DrawnLine(text, face: face, size: size, spacing: spacing) else { continue }
            var profile: [Float] = []
            let fit = try artwork.spelling(line, box, profile: &profile)
            guard fit.likeness > best?.fit.likeness ?? 0 else { continue }
            best = Trial(
                text: text, face: face, ink: ink, size: size, spacing: spacing, fit: fit, profile: profile)
            if isSame(fit) { return best }
        }
        return best
    }

    /// The same said in capitals is the same; and where two directions meet, each may be the line's.
    private static func variants(of text: String) -> [String] {
        let capitals = text.uppercased()
        let cases = capitals == text ? [text] : [text, capitals]
        let isMixed =
            text.unicodeScalars.contains { (0x590..<0x900).contains($0.value) }
            && text.unicodeScalars.contains { $0.properties.isAlphabetic && $0.value < 0x250 }
        return isMixed ? cases.flatMap { ["\u{200F}" + $0, "\u{200E}" + $0] } : cases
    }
}

/// Words over lines.
enum WrappedText {
    /// So many words are tried over four lines in under 5,000 ways; a field of a document has fewer.
    private static let most = 32

    /// The words of a text over lines of given lengths, so that each line gets its share of the characters; nil when there
    /// are fewer words than lines, or more than are tried.
    static func split(_ text: String, over widths: [Double]) -> [String]? {
        let words = text.split(separator: " ").map(String.init)
        let all = widths.reduce(0, +)
        guard (widths.count...max(widths.count, most)).contains(words.count), all > 0 else { return nil }
        var best: (lines: [String], off: Double)?
        func go(_ from: Int, _ lines: [String]) {
            let left = widths.count - lines.count
            if left == 1 {
                let found = lines + [words[from...].joined(separator: " ")]
                let length = Double(found.reduce(0) { $0 + $1.count })
                let off = zip(found, widths).map { abs(Double($0.count) / length - $1 / all) }.max() ?? 1
                if off < best?.off ?? .infinity { best = (found, off) }
                return
            }
            for end in from + 1...words.count - left + 1 {
                go(end, lines + [words[from..<end].joined(separator: " ")])
            }
        }
        go(0, [])
        return best?.lines
    }
}
