import ArgumentParser
import Foundation
import Ground
import Ledger
import OpenSSLCrypto

struct PeopleCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "people", abstract: "Members of staff: roles, what proves them, approvals, who did what.",
        subcommands: [
            PeopleListCommand.self, PeopleAddCommand.self, PeopleChangeCommand.self, PeopleOneTimeCommand.self,
            PeopleCertificateCommand.self, PeopleApprovalsCommand.self, PeopleActsCommand.self,
        ])
}

struct PeopleOptions: ParsableArguments {
    @OptionGroup var line: LineOptions
    @Flag(help: "One JSON object.") var json = false

    func books() async throws(SakkError) -> Books { try await line.openLedger(try line.profile()) }

    func say(_ value: JSONValue, schema: String, _ words: String) {
        if json { print(value.document(schema: schema)) } else { Words.say(words) }
    }
}

/// Roles as words, checked.
enum PeopleWords {
    static func role(_ word: String) throws -> PersonRole {
        guard let role = PersonRole(rawValue: word) else {
            throw ValidationError(
                "`\(word)` is no role: \(PersonRole.allCases.map(\.rawValue).joined(separator: ", ")).")
        }
        return role
    }

    static func language(_ word: String) throws -> PersonLanguage {
        guard let language = PersonLanguage(rawValue: word) else {
            throw ValidationError("--language is ar, ckb or en.")
        }
        return language
    }
}

struct PeopleListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "Everybody, with roles.")
    @OptionGroup var options: PeopleOptions

    func run() async throws {
        let books = try await options.books()
        let people = try await books.read(PeopleQuery())
        let kinds = Dictionary(grouping: try await books.read(CredentialKindsQuery()), by: \.person)
        guard options.json else {
            for person in people {
                let proofs = kinds[person.id]?.map { $0.kind.rawValue + ($0.isOneTime ? " (once)" : "") } ?? []
                print(
                    "\(person.id)  \(person.name)  \(person.roles.map(\.rawValue).sorted().joined(separator: ","))  "
                        + "\(person.language.rawValue)  \(person.isActive ? "active" : "INACTIVE")  "
                        + (proofs.isEmpty ? "no credential" : proofs.joined(separator: ", ")))
            }
            return
        }
        let rows = people.map { person -> JSONValue in
            [
                "id": .string(person.id.rawValue), "name": .string(person.name), "active": .bool(person.isActive),
                "roles": .array(person.roles.map(\.rawValue).sorted().map { .string($0) }),
                "language": .string(person.language.rawValue),
                "credentials": .array((kinds[person.id] ?? []).map { .string($0.kind.rawValue) }),
            ]
        }
        print(JSONValue.object(["people": .array(rows)]).document(schema: "sakk.people/1"))
    }
}

struct PeopleAddCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add", abstract: "A new member of staff; an id is given once.")
    @OptionGroup var options: PeopleOptions
    @Option(name: .customLong("by"), help: "Who is answerable in the journal.") var actor: String
    @Option(help: "The name that screens and papers show.") var name: String
    @Option(name: .customLong("role"), help: "Once for each role.", transform: PeopleWords.role)
    var roles: [PersonRole]
    @Option(help: "ar, ckb or en.", transform: PeopleWords.language) var language = PersonLanguage.arabic
    @Argument(help: "2 to 32 small letters, digits, '.', '_' and '-'.") var id: String

    func run() async throws {
        let person = Person(id: PersonID(id), name: name, roles: Set(roles), language: language)
        try await options.books().add(person, by: actor)
        options.say(["id": .string(id)], schema: "sakk.person/1", "\(person.signature) is in the books.")
    }
}

struct PeopleChangeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "change", abstract: "Name, roles, language; or a person who leaves or comes back.",
        discussion: "Who leaves loses what proves him at once; it does not come back with him.")
    @OptionGroup var options: PeopleOptions
    @Option(name: .customLong("by"), help: "Who is answerable in the journal.") var actor: String
    @Option(help: "The name that screens and papers show.") var name: String?
    @Option(name: .customLong("role"), help: "All roles from now on.", transform: PeopleWords.role)
    var roles: [PersonRole] = []
    @Option(help: "ar, ckb or en.", transform: PeopleWords.language) var language: PersonLanguage?
    @Flag(inversion: .prefixedNo, help: "Whether the person works here.") var active: Bool?
    @Argument(help: "The id.") var id: String

    func run() async throws {
        let books = try await options.books()
        guard var person = try await books.read(PersonQuery(PersonID(id))) else {
            throw SakkError(
                "people.unknown", source: "people", subject: id, text: "There is no such person.",
                remedy: "See `sakk people list`.")
        }
        person.name = name ?? person.name
        person.roles = roles.isEmpty ? person.roles : Set(roles)
        person.language = language ?? person.language
        person.isActive = active ?? person.isActive
        try await books.change(person, by: actor)
        options.say(["id": .string(id)], schema: "sakk.person/1", "\(person.signature) is changed.")
    }
}

struct PeopleOneTimeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "one-time", abstract: "A password for one sign-in, at which the person chooses an own one.",
        discussion: "It is printed once, and only its scrypt is kept. An earlier password is gone.")
    @OptionGroup var options: PeopleOptions
    @Option(name: .customLong("by"), help: "Who is answerable in the journal.") var actor: String
    @Option(help: "For how many hours it is good.") var hours = 24
    @Argument(help: "The id.") var id: String

    func run() async throws {
        let books = try await options.books()
        let secret = try TypedSecret.make()
        let expires = WallTime(microseconds: SystemTime().wall().microseconds + Int64(hours) * 3_600_000_000)
        try await books.setCredential(
            .password(scrypt: try Scrypt.verifier(of: secret)), of: PersonID(id), isOneTime: true, expires: expires,
            by: actor)
        print(
            options.json
                ? JSONValue.object(["id": .string(id), "one_time": .string(secret)]).document(schema: "sakk.person/1")
                : secret)
    }
}

struct PeopleCertificateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "certificate", abstract: "A client certificate that proves a person, beside what they have.",
        discussion: """
            A person has as many as cards; a certificate is one person's. With --take-back it proves nobody from now on, \
            and what was begun with it at the console ends.
            """)
    @OptionGroup var options: PeopleOptions
    @Option(name: .customLong("by"), help: "Who is answerable in the journal.") var actor: String
    @Argument(help: "The id.") var id: String
    @Argument(help: "The certificate (PEM).") var certificate: String
    @Flag(help: "It was lost, or the person gave it back.") var takeBack = false

    func run() async throws {
        let digest = Digest.sha256(try Certificates.read(certificate).der)
        let books = try await options.books()
        if takeBack {
            try await books.removeCertificate(digest, of: PersonID(id), by: actor)
        } else {
            try await books.setCredential(.certificate(sha256: digest), of: PersonID(id), by: actor)
        }
        options.say(
            ["id": .string(id), "sha256": .string(digest.hex), "proves": .bool(!takeBack)], schema: "sakk.person/1",
            "The certificate \(digest.hex.prefix(16))… \(takeBack ? "proves nobody any more" : "proves \(id)").")
    }
}

struct PeopleApprovalsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "approvals", abstract: "What was asked of a second person, and what came of it.")
    @OptionGroup var options: PeopleOptions
    @Option(help: "At most so many.") var limit = 50

    func run() async throws {
        let rows = try await options.books().read(ApprovalsQuery(.all(limit: limit), now: SystemTime().wall()))
        guard options.json else {
            for row in rows {
                print(
                    "\(row.askedAt.iso8601)  \(row.request.action)  \(row.request.item)  \(row.state.rawValue)  "
                        + "\(row.askedBy.id) -> \(row.answeredBy?.id.rawValue ?? "-")  \(row.request.reason)")
            }
            return
        }
        let values = rows.map { row -> JSONValue in
            [
                "id": .string(row.id.rawValue), "action": .string(row.request.action.rawValue),
                "item": .string(row.request.item), "state": .string(row.state.rawValue),
                "asked_by": .string(row.askedBy.id.rawValue), "asked_at": .string(row.askedAt.iso8601),
                "answered_by": row.answeredBy.map { .string($0.id.rawValue) } ?? .null,
                "expires_at": .string(row.request.expires.iso8601), "reason": .string(row.request.reason),
            ]
        }
        print(JSONValue.object(["approvals": .array(values)]).document(schema: "sakk.approvals/1"))
    }
}

struct PeopleActsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "acts", abstract: "Who did or looked at what, from which screen; the newest first.")
    @OptionGroup var options: PeopleOptions
    @Option(help: "Of this item.") var item: String?
    @Option(help: "Of this person.") var person: String?
    @Option(help: "At most so many.") var limit = 100

    func run() async throws {
        let choice: PersonActsQuery.Choice =
            if let item {
                .item(item)
            } else if let person {
                .person(PersonID(person))
            } else {
                .all
            }
        let rows = try await options.books().read(PersonActsQuery(choice, limit: limit))
        guard options.json else {
            for row in rows {
                print(
                    "\(row.at.iso8601)  \(row.act.person?.rawValue ?? "unknown")  \(row.act.act)  \(row.act.item)  "
                        + "\(row.act.station)\(row.act.refusal.map { "  REFUSED \($0)" } ?? "")")
            }
            return
        }
        let values = rows.map { row -> JSONValue in
            [
                "at": .string(row.at.iso8601), "person": row.act.person.map { .string($0.rawValue) } ?? .null,
                "act": .string(row.act.act), "item": .string(row.act.item), "station": .string(row.act.station),
                "refusal": row.act.refusal.map { .string($0.rawValue) } ?? .null,
            ]
        }
        print(JSONValue.object(["acts": .array(values)]).document(schema: "sakk.person-acts/1"))
    }
}
