public import Ground
public import Ledger
import OpenSSLCrypto

extension Console {
    func peopleRoutes() -> [Route] {
        let supervisors: Access = .roles([.supervisor])
        return [
            Route("GET", "/people", supervisors, "Who works here, with which roles") {
                [unowned self] visit throws(SakkError) in
                .page("people", try await people(visit, secret: nil))
            },
            Route(
                "POST", "/people", supervisors, "Add a person; the answer has a one-time password, shown once",
                fields: ["id", "name", "role", "language"]
            ) { [unowned self] visit throws(SakkError) in
                let person = try person(visit, id: PersonID(try visit.required("id").lowercased()))
                try await hand(visit, "person.add", person.id.rawValue).add(person, by: visit.by)
                return .page("people", try await people(visit, secret: try await oneTime(person.id, visit)))
            },
            Route(
                "POST", "/people/{person}", supervisors,
                "Name, roles and language; without `active` the person has left",
                fields: ["name", "role", "language", "active"]
            ) { [unowned self] visit throws(SakkError) in
                let id = try await known(visit)
                var person = try person(visit, id: id)
                person.isActive = visit.form["active"] != nil
                guard id != visit.person.id || person.isActive && person.roles.contains(.supervisor) else {
                    throw SakkError(
                        "console.people.self", source: "console", subject: id.rawValue,
                        text: "Nobody takes the own right to this page away.", remedy: "Another supervisor does it.")
                }
                try await hand(visit, "person.change", id.rawValue).change(person, by: visit.by)
                if id != visit.person.id { await sessions.endAll(of: id) }
                return .done(to: "/people", ["said": "person_changed"])
            },
            Route("POST", "/people/{person}/password", supervisors, "A new one-time password, shown once") {
                [unowned self] visit throws(SakkError) in
                let id = try await known(visit)
                return .page("people", try await people(visit, secret: try await oneTime(id, visit)))
            },
            Route(
                "POST", "/people/{person}/certificate", supervisors,
                "A certificate (PEM) that the person may sign in with, beside the others", fields: ["pem"]
            ) { [unowned self] visit throws(SakkError) in
                let id = try await known(visit)
                guard let certificate = try? X509Certificate(pem: Bytes(try visit.required("pem").utf8)) else {
                    throw Visit.wrong("pem")
                }
                try await hand(visit, "certificate.give", id.rawValue).setCredential(
                    .certificate(sha256: Digest.sha256(certificate.der)), of: id, by: visit.by)
                return .done(to: "/people", ["said": "certificate_given"])
            },
            Route(
                "POST", "/people/{person}/certificates/take-back", supervisors,
                "All certificates of the person prove nobody from now on"
            ) { [unowned self] visit throws(SakkError) in
                let id = try await known(visit)
                try await hand(visit, "certificate.take", id.rawValue).removeCredentials(
                    of: id, kinds: [.certificate], by: visit.by)
                await sessions.endAll(of: id)
                return .done(to: "/people", ["said": "certificates_taken"])
            },
        ]
    }

    private func known(_ visit: Visit) async throws(SakkError) -> PersonID {
        let id = PersonID(visit.parameter("person"))
        guard try await books.read(PersonQuery(id)) != nil else { throw Console.unknown("person", id.rawValue) }
        return id
    }

    private func person(_ visit: Visit, id: PersonID) throws(SakkError) -> Person {
        let name = try visit.required("name")
        let roles = Set(visit.form.all("role").compactMap { PersonRole(rawValue: $0) })
        guard name.count <= 60, id.isWellFormed else { throw Visit.wrong(id.isWellFormed ? "name" : "id") }
        guard !roles.isEmpty else { throw Visit.wrong("role") }
        // who looks after the others does not act
        guard !roles.contains(.auditor) || roles.count == 1 else {
            throw SakkError(
                "console.people.auditor", source: "console", subject: id.rawValue,
                text: "An auditor has no other role.", remedy: "Choose auditor alone, or the other roles.")
        }
        return Person(
            id: id, name: name, roles: roles,
            language: visit.form["language"].flatMap { PersonLanguage(rawValue: $0) } ?? .arabic)
    }

    /// A password that lets the person in once, to choose an own one; good for a day.
    private func oneTime(_ id: PersonID, _ visit: Visit) async throws(SakkError) -> JSONValue {
        let secret = try await Console.giveOneTime(
            id, books: hand(visit, "password.give", id.rawValue), time: time, by: visit.by)
        await sessions.endAll(of: id)
        return ["person": .string(id.rawValue), "secret": .string(secret)]
    }

    /// For the first start and the command line, too. The secret is not kept anywhere.
    public static func giveOneTime(_ id: PersonID, books: Books, time: any TimeSource, by actor: String)
        async throws(SakkError) -> String
    {
        let secret = try TypedSecret.make()
        let verifier = try await PasswordDesk.shared.verifier(of: secret)
        try await books.setCredential(
            .password(scrypt: verifier), of: id, isOneTime: true,
            expires: WallTime(microseconds: time.wall().microseconds + 86_400_000_000), by: actor)
        return secret
    }

    private func people(_ visit: Visit, secret: JSONValue?) async throws(SakkError) -> JSONValue {
        let all = try await books.read(PeopleQuery())
        let kinds = try await books.read(CredentialKindsQuery())
        return [
            "secret": secret ?? .null, "takes_certificates": .bool(settings.clientTrust != nil),
            "people": .array(
                all.map { person in
                    let certificates = kinds.count { $0.person == person.id && $0.kind == .certificate }
                    let credential = kinds.first { $0.person == person.id && $0.kind == .password }
                    return [
                        "id": .string(person.id.rawValue), "name": .string(person.name),
                        "is_active": .bool(person.isActive), "is_self": .bool(person.id == visit.person.id),
                        "path": .string("/people/\(Address.escape(person.id.rawValue))"),
                        "is_waiting": .bool(credential?.isOneTime == true && certificates == 0),
                        "has_password": .bool(credential != nil),
                        "certificates": .integer(Int64(certificates)), "has_certificates": .bool(certificates > 0),
                        "language": .string(person.language.rawValue),
                        "has": .array(PersonRole.allCases.filter(person.roles.contains).map { .string($0.rawValue) }),
                        "choices": .array(
                            PersonRole.allCases.map {
                                ["role": .string($0.rawValue), "is_on": .bool(person.roles.contains($0))]
                            }),
                        "tongues": .array(
                            Language.allCases.map {
                                [
                                    "id": .string($0.rawValue), "own_name": .string($0.ownName),
                                    "is_on": .bool($0.rawValue == person.language.rawValue),
                                ]
                            }),
                    ]
                }), "roles_all": .array(PersonRole.allCases.map { .string($0.rawValue) }),
        ]
    }
}
