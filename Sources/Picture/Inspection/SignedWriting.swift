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
    /// What was found out about a field, or about all fields of a script.
    private struct Known {
        /// Faces that explained a reference before, the last one first, and those that did so beyond doubt.
        var faces: [String] = []
        var sure: Set<String> = []
        /// Texts since the last one that a face explained.
        var failures = 0
    }
    private let known = Mutex<[String: Known]>([:])

    init(limit: Double) { self.limit = limit }

    func fit(_ text: String, in field: FieldPlace, of artwork: CardView) throws(SakkError) -> Fit {
        let places = try artwork.writingPlaces(field.rect)
        guard !places.places.isEmpty else { return Fit(answer: .unknown, likeness: 0, worst: 1, wide: 1) }
        let script = FaceList.isLatin(text) ? "latin" : "other"
        let (own, others) = known.withLock { ($0[field.name] ?? Known(), $0[script] ?? Known()) }
        let first: [String] = (own.faces + others.faces).reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
        var search = WritingSearch(
            text, places, artwork: artwork, limit: limit, trials: own.failures < 3 ? 120 : 24)
        if let face = try search.face(first) {
            remember(
                face, [field.name, script],
                isSure: search.best.map { $0.fit.worst < WritingSearch.sure * limit } ?? false)
            return Fit(.same, search.best)
        }
        known.withLock { $0[field.name, default: Known()].failures += 1 }
        if let contested = search.contested { return Fit(contested, search.best) }
        guard let best = search.best else { return Fit(.unknown, nil) }
        return Fit(try search.verdict(best, isKnown: own.sure.contains(best.face)), best)
    }

    private func remember(_ face: String, _ names: [String], isSure: Bool) {
        known.withLock { known in
            for name in names {
                var one = known[name] ?? Known()
                one.faces = Array(([face] + one.faces.filter { $0 != face }).prefix(3))
                if isSure { one.sure.insert(face) }
                one.failures = 0
                known[name] = one
            }
        }
    }
}

extension SignedWriting.Fit {
    fileprivate init(_ answer: SignedWriting.Answer, _ trial: WritingSearch.Trial?) {
        self.init(
            answer: answer, likeness: trial?.fit.likeness ?? 0, worst: trial?.fit.worst ?? 1,
            wide: trial?.fit.common ?? 1)
    }
}
