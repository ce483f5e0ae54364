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
        let ink = try artwork.ink(field.rect)
        guard let ink else { return Fit(answer: .unknown, likeness: 0, worst: 1, wide: 1) }
        let script = FaceList.isLatin(text) ? "latin" : "other"
        let known = faces.withLock { ($0[field.name] ?? []) + ($0[script] ?? []) }
        var best: (fit: CardView.Comparison, face: String)?
        func consider(_ faces: [String]) throws(SakkError) -> Bool {
            for face in faces {
                for variant in Self.variants(of: text) {
                    guard let result = try spelling(variant, face, ink, field, artwork) else { continue }
                    if result.likeness > best?.fit.likeness ?? 0 { best = (result, face) }
                    if isSame(result) {
                        remember(face, [field.name, script])
                        return true
                    }
                }
            }
            return false
        }
        var isKnown = false
        if !known.isEmpty {
            if try consider(unique(known)) { return answer(best?.fit, .same) }
            isKnown = (best?.fit.likeness ?? 0) > 0.6
        }
        if try consider(candidates(text, ink).filter { !known.contains($0) }) { return answer(best?.fit, .same) }
        guard let best else { return answer(nil, .unknown) }
        // The face explains most of it: the rest is another letter. Or it is the face that wrote this field before.
        let explains = best.fit.likeness > 0.7 && best.fit.common < 0.4
        return answer(best.fit, explains || isKnown ? .differs(best.fit.place) : .unknown)
    }

    /// Letters may stand a part of a pixel otherwise than here, each: their own places count, not the line's correlation.
    private func isSame(_ fit: CardView.Comparison) -> Bool {
        fit.likeness > 0.6 && fit.worst < limit && fit.common < 0.04
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

    /// Faces by how well the shape of the ink agrees, the best first.
    private func candidates(_ text: String, _ ink: RectMM) -> [String] {
        let wanted = ink.width / ink.height
        let shapes = FaceList.faces(for: text).compactMap { face in
            DrawnLine.shape(text, face: face).map { (face: face, off: abs($0.width / $0.height / wanted - 1)) }
        }
        return shapes.filter { $0.off < 0.15 }.sorted { $0.off < $1.off }.prefix(12).map(\.face)
    }

    /// The text at the size that its ink has, by width and, where another letter makes it wider, by height.
    private func spelling(
        _ text: String, _ face: String, _ ink: RectMM, _ field: FieldPlace, _ artwork: CardView
    ) throws(SakkError) -> CardView.Comparison? {
        guard let shape = DrawnLine.shape(text, face: face) else { return nil }
        let perMM = SideRaster.pixelsPerMM
        let (byWidth, byHeight) = (100 * ink.width * perMM / shape.width, 100 * ink.height * perMM / shape.height)
        var best: CardView.Comparison?
        for size in abs(byHeight / byWidth - 1) > 0.015 ? [byWidth, byHeight] : [byWidth] {
            guard abs(size / byHeight - 1) < 0.2, let line = DrawnLine(text, face: face, size: size) else { continue }
            let result = try artwork.spelling(line, field.rect)
            if result.likeness > best?.likeness ?? 0 { best = result }
            if isSame(result) { return result }
        }
        return best
    }

    /// The same said in capitals, or with the other digits, is the same.
    private static func variants(of text: String) -> [String] {
        let capitals = text.uppercased()
        return capitals == text ? [text] : [text, capitals]
    }
}
