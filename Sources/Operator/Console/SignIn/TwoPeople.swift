import Ground
import Ledger

extension Console {
    /// The second person signs at the same screen: name and password come with the form, the request is asked, given and
    /// used, and the act's transaction names both.
    ///
    /// Errors: `console.credentials`, `console.wait`, `people.approval.same`, `people.approval.role`.
    func together(
        _ visit: Visit, _ action: ApprovalAction, item: String, facts: JSONValue, role: PersonRole = .supervisor,
        reason: String
    ) async throws(SakkError) -> (books: Books, people: TwoPeople) {
        let (second, credential) = try await identify(
            try visit.required("second").lowercased(), visit.form.first["second_password"] ?? "", visit.ask)
        guard !credential.isOneTime else {
            throw SakkError(
                "console.choose", source: "console", subject: second.id.rawValue,
                text: "The second person has a one-time password.",
                remedy: "Sign in with it once and choose an own one.")
        }
        let digest = ApprovalRequest.digest(of: facts)
        let expires = WallTime(microseconds: time.wall().microseconds + 120_000_000)
        let id = try await books.ask(
            ApprovalRequest(action: action, item: item, digest: digest, role: role, expires: expires, reason: reason),
            by: visit.person.id)
        try await books.give(id, by: second.id, station: station(visit.ask))
        let use = ApprovalUse(id: id, action: action, item: item, digest: digest)
        return (
            hand(visit, action.rawValue, item, approval: use), try TwoPeople(visit.person.signature, second.signature)
        )
    }
}
