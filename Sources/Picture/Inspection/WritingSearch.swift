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

    /// What was tried, by face and text.
    private var made: [String: [(ink: RectMM, trial: Trial?)]] = [:]
    /// The face that explains the text best, where none is its own.
    private var alike: (face: String, ink: RectMM, likeness: Double)?
    /// What explained most of a place, one for each face, the best first.
    private var near: [Trial] = []
    /// How well a face explained the ink in which another letter does so better: no face that explains it less well says more.
    private var contestedLikeness = 0.0
    /// So many faces at so many places may be tried: one that is not installed here is not to be sought for seconds.
    private let trials: Int
    private let isLatin: Bool
    /// Letters that dots tell apart.
    private let isJoined: Bool
    private let variants: [String]

    init(_ text: String, _ places: WritingPlaces, artwork: CardView, limit: Double, trials: Int) {
        self.trials = trials
        self.text = text
        self.places = places
        self.artwork = artwork
        self.limit = limit
        isLatin = FaceList.isLatin(text)
        isJoined = text.contains { RivalLetters.joins($0) }
        variants = Self.variants(of: text.split(whereSeparator: \.isNewline).joined(separator: " "))
    }

    /// The face, nil when none explains the text: its own one, or where that is not installed here, of all that are tried
    /// the one that explains it best. Those that are known come first, and count only where they would have been tried without
    /// that.
    mutating func face(_ known: [String]) throws(SakkError) -> String? {
        for (face, ink) in candidates(Self.shapes(text, in: known)) {
            if try explanation(face, at: ink) == .own { return face }
        }
        if let found = try faceOfLines({ _ in known }), found.isOwn { return found.face }
        (best, contested, near, contestedLikeness, alike) = (nil, nil, [], 0, nil)
        if let found = try faceOfLines(FaceList.faces) { return found.face }
        let shapes = Self.shapes(text, in: FaceList.faces(for: text))
        let all = candidates(shapes)
        var left = trials
        for start in all.indices where start == 0 || all[start].ink != all[start - 1].ink {
            let ink = all[start].ink
            let faces = all[start...].prefix { $0.ink == ink }.map(\.face)
            var since = 0
            for face in try likest(faces, variants[0], at: ink).prefix(left) {
                let found = try explanation(face, at: ink)
                if found == .own { return face }
                (left, since) = (left - 1, since + 1)
                // What comes now is less like from one to the next.
                if found == .leftOver || (alike?.ink == ink && since >= Self.enough) { break }
            }
        }
        guard let alike else { return nil }
        if alike.likeness >= contestedLikeness { return alike.face }
        contested = .unknown
        return nil
    }

    /// So many of the likest faces are tried where one of them explains the text already.
    private static let enough = 12

    /// Faces with the places at which the text may stand in them.
    private func candidates(_ shapes: [Shape]) -> [(face: String, ink: RectMM)] {
        var all = places.places.flatMap { ink in Self.candidates(shapes, ink).map { (face: $0, ink: ink) } }
        for ink in places.places.prefix(3) where isLatin {
            let narrow = shapes.filter { $0.isUsual && $0.ratio < 0.95 * ink.width / ink.height }
            all += narrow.map { ($0.face, ink) }
        }
        return all
    }

    /// The same, the likest first, as far as it can be seen before letters are moved to the pixels.
    private func likest(_ faces: [String], _ text: String, at ink: RectMM) throws(SakkError) -> [String] {
        let box = Self.box(of: ink)
        var ranked: [(face: String, likeness: Double)] = []
        for face in faces {
            var most = 0.0
            for way in ways(text, face, ink) { most = max(most, try artwork.spelled(way.line, box)) }
            ranked.append((face, most))
        }
        return ranked.sorted { ($0.likeness, $1.face) > ($1.likeness, $0.face) }.map(\.face)
    }

    /// What differs by more is not the text in a like face, if another text is there.
    private static let far = 0.35

    /// Of the limit: a face that explains a text so well is its face.
    static let sure = 0.7

    /// What is to be said of a text that no face explains: that another one stands there only where that is shown. A face
    /// that is not known here differs all along the line, another letter at its own place; and another text can be read.
    func verdict() throws(SakkError) -> SignedWriting.Answer {
        guard let best, best.fit.worst > Self.far else { return .unknown }
        if best.fit.likeness > 0.7 {
            for other in replacements(best).prefix(96) {
                guard let found = try trial(other.text, best.face, best.ink) else { continue }
                if isSure(found.fit) { return .differs(best.fit.place) }
            }
        }
        for trial in nearInShape().prefix(trials > 24 ? 8 : 3) where places.leftOver(by: trial.ink) == nil {
            if try saysOther(than: trial) { return .differs(trial.fit.place) }
        }
        return .unknown
    }

    /// What was tried by how well the text's shape agrees, usual faces first, and by likeness: another text of as many letters is
    /// as wide in its face, and not more like than in others.
    private func nearInShape() -> [Trial] {
        let ranked = near.map { trial in
            let shape = DrawnLine.shape(trial.text, face: trial.face)
            let off = shape.map { abs($0.width / $0.height / (trial.ink.width / trial.ink.height) - 1) } ?? 1
            return (trial: trial, rank: (Int(off / 0.015), FaceList.isUsual(trial.face) ? 0 : 1, -trial.fit.likeness))
        }
        return ranked.sorted { $0.rank < $1.rank }.map(\.trial)
    }

    /// Another text is read at the place, in the trial's face, that explains the ink beyond doubt, where the signed one does
    /// not by far.
    private func saysOther(than trial: Trial) throws(SakkError) -> Bool {
        guard trial.fit.worst > Self.far, let ink = try artwork.inkShare(trial.ink) else { return false }
        var sizes = [trial.size]
        if let shape = DrawnLine.shape(trial.text, face: trial.face) {
            let byHeight = 100 * trial.ink.height * SideRaster.pixelsPerMM / shape.height
            if abs(byHeight / trial.size - 1) > 0.01 { sizes.append(byHeight) }
        }
        for size in sizes {
            let reader = WritingReader(likeThoseOf: trial.text, face: trial.face, size: size)
            for read in reader?.read(ink).prefix(3) ?? [] where !variants.contains(read) {
                if let other = try self.trial(read, trial.face, trial.ink), isSure(other.fit) { return true }
            }
        }
        return false
    }

    /// A trial's text with any other character where it differs most, with that character's place.
    private func replacements(_ trial: Trial) -> [(text: String, at: Int)] {
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
                (String(letters[..<at] + [other] + letters[(at + 1)...]), at)
            }
        }
    }

    private enum Explanation {
        /// As only the face does that the text is set in.
        case own
        /// As a like face does.
        case alike
        /// Ink that belongs to the text is left over beside it.
        case leftOver
    }

    private mutating func explanation(_ face: String, at ink: RectMM) throws(SakkError) -> Explanation? {
        var result: Explanation?
        for variant in variants {
            guard let trial = try tried(variant, face, ink) else { continue }
            if trial.fit.likeness > best?.fit.likeness ?? 0 { best = trial }
            keep(trial)
            guard isSame(trial.fit) else { continue }
            if let rest = places.leftOver(by: ink) {
                if contested == nil { contested = try answer(to: rest, beside: trial) }
                return .leftOver
            }
            guard let other = try rival(of: trial) else {
                if isOwn(trial.fit) { return .own }
                if isBest(trial), trial.fit.likeness > alike?.likeness ?? 0 {
                    alike = (face, ink, trial.fit.likeness)
                }
                result = .alike
                continue
            }
            contested = other
            contestedLikeness = max(contestedLikeness, trial.fit.likeness)
        }
        return result
    }

    /// A trial that may have been made before.
    private mutating func tried(_ text: String, _ face: String, _ ink: RectMM) throws(SakkError) -> Trial? {
        let key = "\(face)|\(text)"
        if let known = made[key]?.first(where: { $0.ink == ink }) { return known.trial }
        let trial = try trial(text, face, ink)
        made[key, default: []].append((ink, trial))
        return trial
    }

    /// Where dots tell letters apart, a face that explains the ink of a place less well than another is not its face: in its
    /// own, the dots may be what does not fit.
    private func isBest(_ trial: Trial) -> Bool {
        !isJoined || !near.contains { $0.ink == trial.ink && $0.fit.likeness > trial.fit.likeness }
    }

    private mutating func keep(_ trial: Trial) {
        if let at = near.firstIndex(where: { $0.face == trial.face }) {
            guard trial.fit.likeness > near[at].fit.likeness else { return }
            near.remove(at: at)
        }
        near.insert(trial, at: near.firstIndex { $0.fit.likeness < trial.fit.likeness } ?? near.count)
        if near.count > 48 { near.removeLast() }
    }

    /// A text that stands in several lines.
    private mutating func faceOfLines(
        _ faces: (String) -> [String]
    ) throws(SakkError) -> (face: String, isOwn: Bool)? {
        let lines = places.lines
        var left = trials / 3
        guard (2...6).contains(lines.count) else { return nil }
        var alike: [String] = []
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
                    let shapes = Self.shapes(texts[0], in: faces(texts[0]))
                    let likest = try likest(Self.candidates(shapes, run[0]), texts[0], at: run[0])
                    for face in likest.prefix(max(left, 0)) {
                        left -= 1
                        switch try explanation(of: texts, face, run) {
                        case .own: return (face, true)
                        case .alike: alike.append(face)
                        case .leftOver, nil: continue
                        }
                    }
                }
            }
        }
        return alike.first.map { ($0, false) }
    }

    private mutating func explanation(
        of texts: [String], _ face: String, _ lines: [RectMM]
    ) throws(SakkError) -> Explanation? {
        var areOwn = true
        for (text, ink) in zip(texts, lines) {
            guard let trial = try tried(text, face, ink) else { return nil }
            if best == nil { best = trial }
            guard isSame(trial.fit) else { return nil }
            if let other = try rival(of: trial) {
                contested = other
                return nil
            }
            areOwn = areOwn && isOwn(trial.fit)
        }
        return areOwn ? .own : .alike
    }

    /// As a like face does: its strokes differ a little all along. Where one dot makes another letter, less is allowed.
    private func isSame(_ fit: CardView.Comparison) -> Bool {
        let (room, wide) = isJoined ? (0.92, 0.06) : (1.4, 0.15)
        return fit.likeness > 0.85 && fit.worst < room * limit && fit.common < wide
    }

    /// In its own face, which letters that were fitted to the pixels leave like this at the least. Strokes may be fitted more than
    /// dots.
    private func isOwn(_ fit: CardView.Comparison) -> Bool {
        let (likeness, part) = (fit.likeness, fit.worst / limit)
        return fit.common < 0.02 && ((likeness > 0.95 && part < 0.5) || (!isJoined && likeness > 0.97 && part < 0.65))
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
        if let other = try otherDots(than: trial) { return other }
        let room = 0.12 * Double(trial.size)
        func peak(_ trial: Trial, _ columns: [ClosedRange<Double>], _ at: Int) -> Double {
            guard at < columns.count else { return 0 }
            let from = max(Int(columns[at].lowerBound - room), 0)
            let to = min(Int(columns[at].upperBound + room), trial.profile.count - 1)
            return from <= to ? Double(trial.profile[from...to].max() ?? 0) : 0
        }
        let columns = DrawnLine.columns(
            trial.text, face: trial.face, size: trial.size, spacing: trial.spacing)
        let alike = others(trial).map { (text: $0.text, at: $0.at, peak: peak(trial, columns, $0.at)) }
        var suspects = Array(alike.filter { $0.peak > Self.doubtful }.sorted { $0.peak > $1.peak }.prefix(48))
        // Where a word fits so poorly, its letter may be one of another body as well.
        if isJoined, !isSure(trial.fit) {
            suspects += replacements(trial).map { (text: $0.text, at: $0.at, peak: peak(trial, columns, $0.at)) }
        }
        for suspect in suspects {
            guard let other = try self.trial(suspect.text, trial.face, trial.ink, above: trial.fit.asDrawn) else {
                continue
            }
            guard other.fit.likeness > trial.fit.likeness, other.fit.worst < trial.fit.worst + 0.02 else { continue }
            let own = DrawnLine.columns(other.text, face: other.face, size: other.size, spacing: other.spacing)
            let rest = peak(other, own, suspect.at)
            guard rest < 0.7 * suspect.peak else { continue }
            let isSure = suspect.peak > 0.2 && rest < 0.5 * suspect.peak && isSure(other.fit)
            return isSure ? .differs(trial.fit.place) : .unknown
        }
        return nil
    }

    /// The letter whose other dots are more like the ink. Both texts are drawn at one size in one place, so that nothing but
    /// the letter differs, and the ink there is one or the other, whatever else does not fit.
    private func otherDots(than trial: Trial) throws(SakkError) -> SignedWriting.Answer? {
        let letters = Array(trial.text)
        let suspects = others(trial).filter { RivalLetters.joins(letters[$0.at]) }
        guard trial.fit.worst > Self.doubtful, !suspects.isEmpty,
            let own = DrawnLine(trial.text, face: trial.face, size: trial.size, spacing: trial.spacing)
        else { return nil }
        let columns = DrawnLine.columns(trial.text, face: trial.face, size: trial.size, spacing: trial.spacing)
        guard columns.count == letters.count else { return nil }
        var most = Self.noLead
        for suspect in suspects {
            let rivalry = try rivalry(of: own, suspect.text, at: suspect.at, columns[suspect.at], trial)
            guard let rivalry, rivalry.apart > Self.leastApart else { continue }
            most = max(most, rivalry.lead)
        }
        guard most > Self.noLead else { return nil }
        return most > Self.sureLead ? .differs(trial.fit.place) : .unknown
    }

    /// Of -1 (the signed letter) to 1 (the other one): from where on the other is more like the ink, and where it is beyond
    /// doubt. Of 3,700 letters and rivals of good references the most was -0.05.
    private static let (noLead, sureLead) = (0.0, 0.4)
    /// Squares of ink a pixel: what differs by less is the same letter, otherwise rounded.
    private static let leastApart = 0.25

    private func rivalry(
        of own: DrawnLine, _ text: String, at index: Int, _ letter: ClosedRange<Double>, _ trial: Trial
    ) throws(SakkError) -> (lead: Double, apart: Double)? {
        func middle(_ range: ClosedRange<Double>) -> Double { (range.lowerBound + range.upperBound) / 2 }
        let columns = DrawnLine.columns(text, face: trial.face, size: trial.size, spacing: trial.spacing)
        guard index < columns.count,
            let top = DrawnLine.top(text, face: trial.face, size: trial.size, spacing: trial.spacing)
        else { return nil }
        let (x, y) = (middle(letter) - middle(columns[index]), own.origin.y - top)
        let (left, down) = (x.rounded(.down), y.rounded(.down))
        guard
            let other = DrawnLine(
                text, face: trial.face, size: trial.size, spacing: trial.spacing, phase: (x - left, y - down))
        else { return nil }
        let room = 0.3 * trial.size
        let place = Int(letter.lowerBound - room)...Int(letter.upperBound + room)
        return try artwork.rivalry(of: own, other, at: (Int(left), Int(down)), place, Self.box(of: trial.ink))
    }

    private static func box(of ink: RectMM) -> RectMM {
        RectMM(x: ink.x - 0.17, y: ink.y - 0.17, width: ink.width + 0.34, height: ink.height + 0.34)
    }

    /// Below this no character of a text differs by so much as a dot; one dot or two may differ by little more where they are
    /// small and stand close together.
    private static let doubtful = 0.05

    /// Ink is left over beside a text that explains the rest: another text explains all of it, or it cannot be said.
    private func answer(to rest: RectMM, beside trial: Trial) throws(SakkError) -> SignedWriting.Answer {
        let ink = RectMM.union(trial.ink, rest)
        for other in others(trial).prefix(96) {
            if let found = try self.trial(other.text, trial.face, ink), isSure(found.fit) { return .differs(rest) }
        }
        return .unknown
    }

    /// A text's shape in a face.
    private struct Shape {
        let face: String
        let ratio: Double
        let isUsual: Bool
    }

    private static func shapes(_ text: String, in faces: [String]) -> [Shape] {
        faces.compactMap { face in
            DrawnLine.shape(text, face: face).map {
                Shape(face: face, ratio: $0.width / $0.height, isUsual: FaceList.isUsual(face))
            }
        }
    }

    /// Faces by how well the shape of the ink agrees, the best first.
    private static func candidates(_ shapes: [Shape], _ ink: RectMM) -> [String] {
        let wanted = ink.width / ink.height
        // Digits are as wide in every weight of a family: of those that agree alike the usual ones come first.
        let near = shapes.compactMap { shape -> (face: String, rank: (Int, Int, Double))? in
            let off = abs(shape.ratio / wanted - 1)
            return off < 0.15 ? (shape.face, (Int(off / 0.03), shape.isUsual ? 0 : 1, off)) : nil
        }
        return near.sorted { $0.rank < $1.rank }.prefix(48).map(\.face)
    }

    /// The text at the size that its ink has, by width and, where another letter makes it wider, by height. Nil as well where it
    /// is nowhere more alike than `least`, which is found out at a tenth of the cost of the whole comparison.
    private func trial(
        _ text: String, _ face: String, _ ink: RectMM, above least: Double? = nil
    ) throws(SakkError) -> Trial? {
        let box = Self.box(of: ink)
        let drawn = ways(text, face, ink)
        if let least {
            var most = 0.0
            for way in drawn { most = max(most, try artwork.spelled(way.line, box)) }
            guard most > least else { return nil }
        }
        var best: Trial?
        for way in drawn {
            var profile: [Float] = []
            let fit = try artwork.spelling(way.line, box, profile: &profile)
            guard fit.likeness > best?.fit.likeness ?? 0 else { continue }
            best = Trial(
                text: text, face: face, ink: ink, size: way.size, spacing: way.spacing, fit: fit, profile: profile)
            if isOwn(fit) { return best }
        }
        return best
    }

    private struct Way {
        let size: Double
        let spacing: Double
        let line: DrawnLine
    }

    /// The text drawn by the width of its ink, by its height, and by its height with letters set apart.
    private func ways(_ text: String, _ face: String, _ ink: RectMM) -> [Way] {
        guard let shape = DrawnLine.shape(text, face: face) else { return [] }
        let perMM = SideRaster.pixelsPerMM
        let (byWidth, byHeight) = (100 * ink.width * perMM / shape.width, 100 * ink.height * perMM / shape.height)
        var ways = [(size: byWidth, spacing: 0.0)]
        if abs(byHeight / byWidth - 1) > 0.015 { ways.append((byHeight, 0)) }
        if isLatin, text.count > 2, byHeight < 0.97 * byWidth {
            ways.append((byHeight, (ink.width * perMM - byHeight * shape.width / 100) / Double(text.count - 1)))
        }
        return ways.compactMap { size, spacing in
            guard abs(size / byHeight - 1) < 0.2, spacing < 0.6 * size else { return nil }
            return DrawnLine(text, face: face, size: size, spacing: spacing).map {
                Way(size: size, spacing: spacing, line: $0)
            }
        }
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
