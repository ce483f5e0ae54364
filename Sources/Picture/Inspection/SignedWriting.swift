internal import CVision
internal import Ground
internal import Stations
internal import Synchronization

/// Whether a reference says what is signed, where no drawing of ours exists: the text is drawn in the faces of this
/// machine, and the one that explains the reference's ink tells. What was found out about a field's face is kept for the
/// next document.
final class SignedWriting: Sendable {
    enum Answer {
        case same
        case differs(RectMM)
        /// No known face explains the writing: it cannot be said.
        case unknown
    }

    struct Fit {
        let answer: Answer
        let likeness: Double
        let worst: Double
        /// Share of the writing's length that differs.
        let wide: Double
    }

    /// Ink too much or too little over the size of a dot, between two drawings.
    private let limit: Double
    /// By field, and by script: faces that explained a reference before, the last one first.
    private let faces = Mutex<[String: [String]]>([:])

    init(limit: Double) { self.limit = limit }

    func fit(_ text: String, in field: FieldPlace, of artwork: CardView) throws(SakkError) -> Fit {
        let places = try artwork.writingPlaces(field.rect)
        guard !places.isEmpty else { return Fit(answer: .unknown, likeness: 0, worst: 1, wide: 1) }
        let script = FaceList.isLatin(text) ? "latin" : "other"
        let (own, others) = faces.withLock { ($0[field.name] ?? [], $0[script] ?? []) }
        var best: (fit: CardView.Comparison, face: String)?
        func consider(_ faces: [String], at ink: RectMM) throws(SakkError) -> Bool {
            for face in faces {
                for variant in Self.variants(of: text) {
                    guard let result = try spelling(variant, face, ink, artwork) else { continue }
                    if result.likeness > best?.fit.likeness ?? 0 { best = (result, face) }
                    if isSame(result, latin: FaceList.isLatin(text)) {
                        remember(face, [field.name, script])
                        return true
                    }
                }
            }
            return false
        }
        let known = unique(own + others)
        for ink in places where !known.isEmpty {
            if try consider(known, at: ink) { return answer(best?.fit, .same) }
        }
        let isKnown = best.map { $0.fit.likeness > 0.75 && own.contains($0.face) } ?? false
        let shapes = Self.shapes(text)
        for ink in places {
            if try consider(candidates(shapes, ink).filter { !known.contains($0) }, at: ink) {
                return answer(best?.fit, .same)
            }
        }
        guard let best else { return answer(nil, .unknown) }
        // The face explains most of it: the rest is another letter. Or it is the face that wrote this field before.
        let explains = best.fit.likeness > 0.8 && best.fit.common < 0.4
        let isOther = best.fit.worst > 0.45 && (explains || isKnown)
        return answer(best.fit, isOther ? .differs(best.fit.place) : .unknown)
    }

    /// Letters may stand a part of a pixel otherwise than here, each, and their strokes be fitted to the pixels: their own
    /// places count, not the line's correlation. Where one dot makes another letter, less is allowed.
    private func isSame(_ fit: CardView.Comparison, latin: Bool) -> Bool {
        let (room, wide) = latin ? (1.4, 0.15) : (1.15, 0.06)
        return (fit.likeness > 0.6 && fit.worst < limit && fit.common < 0.04)
            || (fit.likeness > 0.75 && fit.worst < room * limit && fit.common < wide)
    }

    private func answer(_ fit: CardView.Comparison?, _ answer: Answer) -> Fit {
        Fit(answer: answer, likeness: fit?.likeness ?? 0, worst: fit?.worst ?? 1, wide: fit?.common ?? 1)
    }

    private func remember(_ face: String, _ names: [String]) {
        faces.withLock { known in
            for name in names { known[name] = Array(([face] + (known[name] ?? []).filter { $0 != face }).prefix(3)) }
        }
    }

    private func unique(_ names: [String]) -> [String] {
        names.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }

    private static func shapes(_ text: String) -> [(face: String, ratio: Double)] {
        FaceList.faces(for: text).compactMap { face in
            DrawnLine.shape(text, face: face).map { (face, $0.width / $0.height) }
        }
    }

    /// Faces by how well the shape of the ink agrees, the best first.
    private func candidates(_ shapes: [(face: String, ratio: Double)], _ ink: RectMM) -> [String] {
        let wanted = ink.width / ink.height
        let near = shapes.map { (face: $0.face, off: abs($0.ratio / wanted - 1)) }.filter { $0.off < 0.15 }
        // Digits are as wide in every weight of a family: of those that agree alike the usual ones come first.
        func rank(_ one: (face: String, off: Double)) -> (Int, Int, Double) {
            (Int(one.off / 0.015), FaceList.isUsual(one.face) ? 0 : 1, one.off)
        }
        return near.sorted { rank($0) < rank($1) }.prefix(24).map(\.face)
    }

    /// The text at the size that its ink has, by width and, where another letter makes it wider, by height.
    private func spelling(
        _ text: String, _ face: String, _ ink: RectMM, _ artwork: CardView
    ) throws(SakkError) -> CardView.Comparison? {
        guard let shape = DrawnLine.shape(text, face: face) else { return nil }
        let perMM = SideRaster.pixelsPerMM
        let box = RectMM(x: ink.x - 0.17, y: ink.y - 0.17, width: ink.width + 0.34, height: ink.height + 0.34)
        let (byWidth, byHeight) = (100 * ink.width * perMM / shape.width, 100 * ink.height * perMM / shape.height)
        var best: CardView.Comparison?
        for size in abs(byHeight / byWidth - 1) > 0.015 ? [byWidth, byHeight] : [byWidth] {
            guard abs(size / byHeight - 1) < 0.2, let line = DrawnLine(text, face: face, size: size) else { continue }
            let result = try artwork.spelling(line, box)
            if result.likeness > best?.likeness ?? 0 { best = result }
            if isSame(result, latin: FaceList.isLatin(text)) { return result }
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
