import Ground
import Ledger

extension Console {
    func approvalRoutes() -> [Route] {
        let askers: Access = .roles([.inspector, .logistics, .supervisor])
        return [
            Route(
                "GET", "/approvals", .roles([.inspector, .logistics, .supervisor, .auditor]),
                "Requests that wait for a second person, what was given and waits to be done, and the last ones"
            ) { [unowned self] visit throws(SakkError) in .page("approvals", try await approvals(visit)) },
            Route(
                "POST", "/approvals/{approval}/give", askers,
                "Agree, as another person than the one who asked; good for this act alone, once"
            ) { [unowned self] visit throws(SakkError) in
                try await books.give(
                    ApprovalID(visit.parameter("approval")), by: visit.person.id, station: station(visit.ask))
                return .done(to: "/approvals", ["said": "approval_given"])
            },
            Route(
                "POST", "/approvals/{approval}/refuse", askers, "Say no; whoever asked takes the request back so",
                fields: ["reason"]
            ) { [unowned self] visit throws(SakkError) in
                try await books.refuse(
                    ApprovalID(visit.parameter("approval")), by: visit.person.id, station: station(visit.ask),
                    answer: try visit.required("reason"))
                return .done(to: "/approvals", ["said": "approval_refused"])
            },
        ]
    }

    private func approvals(_ visit: Visit) async throws(SakkError) -> JSONValue {
        let all = try await books.read(ApprovalsQuery(.all(limit: 300), now: time.wall()))
        var ready: [JSONValue] = []
        for approval in all where approval.state == .given && approval.askedBy.id == visit.person.id {
            ready.append(await carried(approval))
        }
        let open = all.filter { $0.state == .asked }.map { approval in
            var members = Console.members(approval)
            let isMine = approval.askedBy.id == visit.person.id
            members["is_mine"] = .bool(isMine)
            members["may_give"] = .bool(!isMine && visit.roles.contains(approval.request.role))
            members["may_refuse"] = .bool(visit.roles != [.auditor])
            return JSONValue.object(members)
        }
        let past = all.filter { [.used, .refused, .expired].contains($0.state) }.prefix(30)
        return [
            "open": .array(open), "is_none": .bool(open.isEmpty), "ready": .array(ready),
            "has_ready": .bool(!ready.isEmpty), "open_count": .integer(Int64(open.count)),
            "ready_count": .integer(Int64(ready.count)), "past": .array(past.map { .object(Console.members($0)) }),
        ]
    }

    /// One that was given, with the form that carries it out.
    private func carried(_ approval: Approval) async -> JSONValue {
        var members = Console.members(approval)
        let form = await asked.form(approval.id)
        members["has_form"] = .bool(form != nil)
        members["form_path"] = form.map { .string($0.path) } ?? .null
        members["fields"] = .array(
            (form?.fields ?? []).map { ["name": .string($0.name), "value": .string($0.value)] })
        return .object(members)
    }

    private static func members(_ approval: Approval) -> [String: JSONValue] {
        let path = "/approvals/\(Address.escape(approval.id.rawValue))"
        return [
            "id": .string(approval.id.rawValue), "give_path": .string(path + "/give"),
            "refuse_path": .string(path + "/refuse"), "action": .string(approval.request.action.rawValue),
            "item": .string(approval.request.item), "reason": .string(approval.request.reason),
            "role": .string(approval.request.role.rawValue), "state": .string(approval.state.rawValue),
            "asked_by": .string(approval.askedBy.signature), "at": .integer(approval.askedAt.microseconds),
            "expires": .integer(approval.request.expires.microseconds),
            "answered_by": approval.answeredBy.map { .string($0.signature) } ?? .null,
            "answer": approval.answer.map { .string($0) } ?? .null, "is_mine": false, "may_give": false,
            "may_refuse": false,
        ]
    }
}
