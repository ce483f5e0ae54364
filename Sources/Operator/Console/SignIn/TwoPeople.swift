import Ground
import Ledger

/// What two people agreed on: used up by the act's own transaction.
struct Agreement: Sendable {
    let use: ApprovalUse
    let people: TwoPeople
}

extension Console {
    /// How long a request waits for its second person, and then for the act itself: one shift.
    static let patience: Int64 = 9 * 3_600_000_000

    /// The second person signs at the same screen (name and password come with the form), or at a screen of his own
    /// (page *Approvals*): without a second person in the form the request is asked, and the same form sent again is
    /// carried out once it was given.
    ///
    /// Errors: `console.credentials`, `console.wait`, `people.approval.same`, `people.approval.role`, and
    /// `console.approval.asked` when nothing is wrong but the second person's word is still to come.
    func agreed(
        _ visit: Visit, _ action: ApprovalAction, item: String, facts: JSONValue, role: PersonRole = .supervisor,
        reason: String
    ) async throws(SakkError) -> Agreement {
        let digest = ApprovalRequest.digest(of: facts)
        guard visit.form["second"] != nil else {
            return try await given(visit, action, item, digest, role, reason)
        }
        let (second, credential) = try await identify(
            try visit.required("second").lowercased(), visit.form.first["second_password"] ?? "", visit.ask)
        guard !credential.isOneTime else {
            throw SakkError(
                "console.choose", source: "console", subject: second.id.rawValue,
                text: "The second person has a one-time password.",
                remedy: "Sign in with it once and choose an own one.")
        }
        let expires = WallTime(microseconds: time.wall().microseconds + 120_000_000)
        let id = try await books.ask(
            ApprovalRequest(action: action, item: item, digest: digest, role: role, expires: expires, reason: reason),
            by: visit.person.id)
        try await books.give(id, by: second.id, station: station(visit.ask))
        return Agreement(
            use: ApprovalUse(id: id, action: action, item: item, digest: digest),
            people: try TwoPeople(visit.person.signature, second.signature))
    }

    /// What was asked before for exactly this and given since; else it is asked now.
    private func given(
        _ visit: Visit, _ action: ApprovalAction, _ item: String, _ digest: Bytes, _ role: PersonRole, _ reason: String
    ) async throws(SakkError) -> Agreement {
        let known = try await books.read(ApprovalsQuery(.item(item), now: time.wall())).filter {
            $0.request.action == action && $0.request.digest == digest && $0.askedBy.id == visit.person.id
        }
        if let approval = known.first(where: { $0.state == .given }), let people = approval.people {
            return Agreement(
                use: ApprovalUse(id: approval.id, action: action, item: item, digest: digest), people: people)
        }
        if !known.contains(where: { $0.state == .asked }) {
            let expires = WallTime(microseconds: time.wall().microseconds + Console.patience)
            let id = try await books.ask(
                ApprovalRequest(
                    action: action, item: item, digest: digest, role: role, expires: expires, reason: reason),
                by: visit.person.id)
            await asked.keep(
                AskedForms.Form(
                    path: "/" + visit.ask.path.drop { $0 == "api" }.map(Address.escape).joined(separator: "/"),
                    fields: visit.form.fields.filter { !AskedForms.left.contains($0.name) }, expires: expires), id)
        }
        throw SakkError(
            "console.approval.asked", source: "console", subject: item, text: "A second person has to agree first.",
            remedy: "When somebody gave it on the page Approvals, do this again.")
    }

    /// The books in the hand of two people.
    func together(
        _ visit: Visit, _ action: ApprovalAction, item: String, facts: JSONValue, role: PersonRole = .supervisor,
        reason: String
    ) async throws(SakkError) -> (books: Books, people: TwoPeople) {
        let agreement = try await agreed(visit, action, item: item, facts: facts, role: role, reason: reason)
        return (hand(visit, action.rawValue, item, approval: agreement.use), agreement.people)
    }
}

/// Forms that wait for a second person, so that whoever asked carries them out with one press. They live in memory only:
/// after a restart the form is filled in again, and the approval is the same.
actor AskedForms {
    struct Form: Sendable {
        let path: String
        let fields: [(name: String, value: String)]
        let expires: WallTime
    }

    /// Fields that are of one sending, not of the act.
    static let left: Set<String> = ["token", "back", "second", "second_password"]
    private var forms: [ApprovalID: Form] = [:]

    func keep(_ form: Form, _ id: ApprovalID) {
        if forms.count >= 500, let oldest = forms.min(by: { $0.value.expires < $1.value.expires })?.key {
            forms[oldest] = nil
        }
        forms[id] = form
    }

    func form(_ id: ApprovalID) -> Form? { forms[id] }
}
