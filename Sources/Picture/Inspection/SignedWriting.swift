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
        guard !places.places.isEmpty else { return Fit(answer: .unknown, likeness: 0, worst: 1, wide: 1) }
        let script = FaceList.isLatin(text) ? "latin" : "other"
        let (own, others) = faces.withLock { ($0[field.name] ?? [], $0[script] ?? []) }
        let known: [String] = (own + others).reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
        var search = WritingSearch(text, places, artwork: artwork, limit: limit)
        if let face = try search.face(known) {
            remember(face, [field.name, script])
            return Fit(.same, search.best)
        }
        if let contested = search.contested { return Fit(contested, search.best) }
        let best = search.best
        return Fit(best.map { search.verdict($0, isKnown: own.contains($0.face)) } ?? .unknown, best)
    }

    private func remember(_ face: String, _ names: [String]) {
        faces.withLock { known in
            for name in names { known[name] = Array(([face] + (known[name] ?? []).filter { $0 != face }).prefix(3)) }
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
