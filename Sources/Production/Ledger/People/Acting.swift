import Ground

/// Whose hand it is: written into the transaction of the act itself.
struct Acting: Sendable {
    let act: PersonAct
    let approval: ApprovalUse?
}

/// What one transaction of an acting person has done so far.
final class ActingState {
    let acting: Acting
    /// The two of the approval, in all the ways in which they may be named.
    private(set) var names: [Set<String>] = []
    private var subjects = Set<String>()
    /// The rows of the person are written; what follows is the act.
    var isOpen = false

    init(_ acting: Acting) { self.acting = acting }

    func setNames(_ people: [Person]) {
        names = people.map { person in Set([person.id.rawValue, person.name, person.signature].map(TwoPeople.plain)) }
    }

    /// Who is named in a row as the two must be the two who agreed.
    func check(_ entry: JournalEntry, _ projector: Projector) throws {
        guard isOpen else { return }
        subjects.formUnion(entry.subjects)
        guard let approval = acting.approval, let first = entry.body["first"]?.string,
            let second = entry.body["second"]?.string
        else { return }
        let given = [first, second].map(TwoPeople.plain)
        let isThem =
            names.count == 2
            && (names[0].contains(given[0]) && names[1].contains(given[1])
                || names[0].contains(given[1]) && names[1].contains(given[0]))
        guard isThem else { throw projector.refusal("people.approval.people", approval.id.rawValue) }
    }

    /// The item that was approved is one that the rows are about.
    func finish(_ projector: Projector) throws {
        guard let approval = acting.approval, !subjects.contains(approval.item) else { return }
        throw projector.refusal("people.approval.other", approval.id.rawValue)
    }
}

extension BooksWriter {
    /// The rows of the person come first, so that all who act take the locks in the same order.
    func begin() throws {
        guard let state = acting else { return }
        let act = state.acting.act
        var entries = [PeopleChange.did(act).entry]
        try ensure(.people)
        _ = try epoch(of: .people)
        if let approval = state.acting.approval {
            guard let person = act.person else { throw projector.refusal("people.unknown", approval.id.rawValue) }
            entries.insert(
                JournalEntry(
                    "approval.used", [approval.id.rawValue, approval.item],
                    [
                        "action": .string(approval.action.rawValue), "digest": .string(approval.digest.hex),
                        "by": .string(person.rawValue),
                    ]), at: 0)
        }
        try append(entries, to: .people, epoch: 0, actor: act.person?.rawValue ?? "")
        if let approval = state.acting.approval {
            let reader = BooksReader(session: session, source: source)
            let found = try ApprovalsQuery(.id(approval.id), now: wall).answer(reader).first
            state.setNames([found?.askedBy, found?.answeredBy].compactMap { $0 })
        }
        state.isOpen = true
    }

    func end() throws { try acting?.finish(projector) }
}
