internal import CVision
internal import Ground
internal import Stations
internal import Synchronization

/// Whether a reference says what is signed, where no drawing of ours exists: the text is drawn in the faces of this
/// machine, and the one that explains the reference's ink tells. A field's face is kept for the next document.
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
    /// By field and by script: faces that explained a reference before, the last one first. They are tried first, and no
    /// other verdict comes of it: each job is judged as if it were the only one.
    private let known = Mutex<[String: [String]]>([:])

    init(limit: Double) { self.limit = limit }

    /// `isDoubted`: of this side something cannot be verified already, so that only another text is looked for.
    func fit(
        _ text: String, in field: FieldPlace, of artwork: CardView, isDoubted: Bool = false
    ) throws(SakkError) -> Fit {
        let places = try artwork.writingPlaces(field.rect)
        guard !places.places.isEmpty else { return Fit(answer: .unknown, likeness: 0, worst: 1, wide: 1) }
        let script = FaceList.isLatin(text) ? "latin" : "other"
        let first = known.withLock { ($0[field.name] ?? []) + ($0[script] ?? []) }
        var search = WritingSearch(text, places, artwork: artwork, limit: limit, trials: isDoubted ? 24 : 120)
        if let face = try search.face(first) {
            known.withLock { known in
                for name in [field.name, script] {
                    known[name] = Array(([face] + (known[name] ?? []).filter { $0 != face }).prefix(3))
                }
            }
            return Fit(.same, search.best)
        }
        if let contested = search.contested { return Fit(contested, search.best) }
        return Fit(try search.verdict(), search.best)
    }
}

extension SignedWriting.Fit {
    fileprivate init(_ answer: SignedWriting.Answer, _ trial: WritingSearch.Trial?) {
        self.init(
            answer: answer, likeness: trial?.fit.likeness ?? 0, worst: trial?.fit.worst ?? 1,
            wide: trial?.fit.common ?? 1)
    }
}
