import Ground

/// Changes of the log `people`.
public enum PeopleChange: Sendable {
    case add(Person)
    case change(Person)
    case did(PersonAct)

    static let kinds: Set<String> = [
        "person.added", "person.changed", "person.did", "credential.set", "credential.removed", "approval.asked",
        "approval.given", "approval.refused", "approval.used", "approval.voided",
    ]

    var entry: JournalEntry {
        switch self {
        case .add(let person): JournalEntry("person.added", [person.id.rawValue], PeopleChange.facts(person))
        case .change(let person): JournalEntry("person.changed", [person.id.rawValue], PeopleChange.facts(person))
        case .did(let act):
            JournalEntry(
                "person.did", [act.person?.rawValue ?? "", act.item],
                [
                    "act": .string(act.act), "station": .string(act.station),
                    "code": .optional(act.refusal?.rawValue),
                ])
        }
    }

    private static func facts(_ person: Person) -> [String: JSONValue] {
        [
            "name": .string(person.name), "active": .bool(person.isActive),
            "language": .string(person.language.rawValue),
            "roles": .array(person.roles.map(\.rawValue).sorted().map { .string($0) }),
        ]
    }
}
