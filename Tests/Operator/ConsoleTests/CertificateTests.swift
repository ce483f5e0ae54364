import Foundation
import Ground
import Ledger
import OpenSSLCrypto
import Testing

@testable import Console

/// An authority made by the `openssl` program, and the certificates that it issues.
private struct Authority {
    let folder: String

    init(_ folder: String, name: String) async throws {
        self.folder = "\(folder)/\(name)"
        try FileManager.default.createDirectory(atPath: self.folder, withIntermediateDirectories: true)
        try """
        [ca]
        default_ca = here
        [here]
        dir = \(self.folder)
        database = $dir/index
        new_certs_dir = $dir
        serial = $dir/serial
        default_md = sha256
        default_crl_days = 3650
        policy = any
        unique_subject = no
        [any]
        commonName = supplied
        """.write(toFile: "\(self.folder)/ca.cnf", atomically: true, encoding: .utf8)
        try "".write(toFile: "\(self.folder)/index", atomically: true, encoding: .utf8)
        try "01".write(toFile: "\(self.folder)/serial", atomically: true, encoding: .utf8)
        try await openssl([
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj",
            "/CN=TEST \(name)", "-days", "7300", "-keyout", "ca.key", "-out", "ca.pem",
        ])
    }

    var certificate: X509Certificate { get throws { try X509Certificate(pem: try read("ca.pem")) } }
    var list: String { "\(folder)/list.pem" }

    /// - Parameter until: `YYYYMMDDhhmmssZ`.
    func issue(_ name: String, until: String = "20450101000000Z") async throws -> X509Certificate {
        try await openssl([
            "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=\(name)",
            "-keyout", "\(name).key", "-out", "\(name).csr",
        ])
        try await openssl([
            "ca", "-batch", "-notext", "-config", "ca.cnf", "-cert", "ca.pem", "-keyfile", "ca.key", "-in",
            "\(name).csr", "-startdate", "20200101000000Z", "-enddate", until, "-out", "\(name).pem",
        ])
        return try X509Certificate(pem: try read("\(name).pem"))
    }

    func revoke(_ name: String) async throws {
        try await openssl([
            "ca", "-config", "ca.cnf", "-cert", "ca.pem", "-keyfile", "ca.key", "-revoke", "\(name).pem",
        ])
    }

    func publish(days: String = "3650") async throws {
        try await openssl([
            "ca", "-config", "ca.cnf", "-cert", "ca.pem", "-keyfile", "ca.key", "-gencrl", "-crldays", days, "-out",
            "list.pem",
        ])
    }

    private func read(_ name: String) throws -> Bytes {
        Bytes(try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(name)")))
    }

    /// Nothing waits on a thread: the pool has two.
    private func openssl(_ words: [String]) async throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
        process.arguments = words
        process.currentDirectoryURL = URL(fileURLWithPath: folder)
        process.standardError = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        let status = try await withCheckedThrowingContinuation { (done: CheckedContinuation<Int32, any Error>) in
            process.terminationHandler = { done.resume(returning: $0.terminationStatus) }
            do { try process.run() } catch { done.resume(throwing: error) }
        }
        try #require(status == 0, "openssl \(words[0])")
    }
}

/// Sign-in by certificate, from the connection on: what a browser proves there is given as the listener gives it.
struct CertificateTests {
    private let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
        "sakk-proof-\(UUID().uuidString)"
    ).path

    private func rig(_ authority: Authority, lists: [String] = []) async throws -> ConsoleRig {
        let rig = try await ConsoleRig(trust: try ClientTrust(authorities: [try authority.certificate], lists: lists))
        today(rig)
        return rig
    }

    /// What `openssl` makes is valid from now on.
    private func today(_ rig: ConsoleRig) {
        let gap = SystemTime().wall().microseconds - rig.clock.wall().microseconds
        rig.clock.pass(seconds: gap / 1_000_000 + 3600)
    }

    private func browser(_ rig: ConsoleRig, _ certificate: X509Certificate?) -> Browser {
        Browser(console: rig.console, proof: certificate.map { .certificate($0.der) } ?? .missing)
    }

    private func give(_ rig: ConsoleRig, _ certificate: X509Certificate, to id: String) async throws {
        try await rig.books.setCredential(
            .certificate(sha256: Digest.sha256(certificate.der)), of: PersonID(id), by: "test")
    }

    /// People of these roles, each with a certificate that the authority issued and the books know.
    private func staff(_ rig: ConsoleRig, _ authority: Authority, _ people: KeyValuePairs<String, PersonRole>)
        async throws -> [X509Certificate]
    {
        var certificates: [X509Certificate] = []
        for (id, role) in people {
            if try await rig.books.read(PersonQuery(PersonID(id))) == nil { try await rig.add(id, [role]) }
            let certificate = try await authority.issue(id)
            try await give(rig, certificate, to: id)
            certificates.append(certificate)
        }
        return certificates
    }

    private func enter(_ browser: Browser) async throws -> Browser {
        var browser = browser
        let reply = try await browser.post("/api/signin/certificate")
        try #require(reply.status == 200)
        let header = try #require(reply.header("set-cookie"))
        browser.cookie = header.split(separator: ";").first?.split(separator: "=").last.map(String.init)
        browser.formToken = try reply.json["token"]?.string
        return browser
    }

    @Test("A person's own certificate lets in, with that person's roles and no others")
    func lets() async throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let authority = try await Authority(folder, name: "a")
        let rig = try await rig(authority)
        let people = try await staff(rig, authority, ["sara": .supervisor, "omar": .operator])
        let (sara, omar) = (people[0], people[1])
        let page = try await browser(rig, sara).get("/signin")
        #expect(page.words.contains("CN=sara") && page.words.contains("action=\"/signin/certificate\""))
        let supervisor = try await enter(browser(rig, sara))
        #expect(try await supervisor.get("/people").status == 200)
        let worker = try await enter(browser(rig, omar))
        #expect(try await worker.get("/people").status == 403)
        #expect(try await worker.post("/lines/l1/orders", [("order", "hold")]).status == 303)
        #expect(await rig.line.asked == ["hold * omar"])
        let rows = try await rig.books.read(PersonActsQuery(.person(PersonID("sara"))))
        #expect(rows.contains { $0.act.act == "sign.in" && $0.act.refusal == nil && $0.act.station == "test 10.0.0.1" })
    }

    @Test("A second person who came with a certificate agrees, and nobody with the own one to an own request")
    func second() async throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let authority = try await Authority(folder, name: "a")
        let rig = try await ConsoleRig(
            hasDesk: true, trust: try ClientTrust(authorities: [try authority.certificate]))
        today(rig)
        try await rig.produce(["office office-halabja"])
        var people: [Browser] = []
        for certificate in try await staff(rig, authority, ["ali": .logistics, "layla": .supervisor]) {
            people.append(try await enter(browser(rig, certificate)))
        }
        let (ali, layla) = (people[0], people[1])
        _ = try await ali.post("/api/dispatch/scan", [("scan", "G:1")])
        let lost = [("scan", "G:1"), ("incident", "fell off the trolley")]
        #expect(try await ali.post("/api/dispatch/astray/lost", lost).status == 202)
        let open = try await layla.get("/api/approvals").json["open"]?.array
        let give = "/api" + (try #require(open?.first?["give_path"]?.string))
        #expect(try await ali.post(give).json["code"]?.string == "people.approval.same")
        #expect(try await layla.post(give).status == 200)
        #expect(try await ali.post("/api/dispatch/astray/lost", lost).status == 200)
        let used = try #require(try await rig.books.read(ApprovalsQuery(.all(limit: 5), now: rig.clock.wall())).first)
        #expect(used.answeredBy?.id.rawValue == "layla" && used.askedBy.id.rawValue == "ali")
    }

    @Test("A foreign, expired, revoked, unknown or missing certificate lets nobody in, and is a row in the journal")
    func refused() async throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let (authority, stranger) = (try await Authority(folder, name: "a"), try await Authority(folder, name: "b"))
        let (sara, foreign) = (try await authority.issue("sara"), try await stranger.issue("sara"))
        let (old, lost) = (
            try await authority.issue("old", until: "20210101000000Z"), try await authority.issue("lost")
        )
        try await authority.publish()
        let rig = try await rig(authority, lists: [authority.list])
        try await rig.add("sara", [.supervisor])
        for certificate in [sara, foreign, old, lost] { try await give(rig, certificate, to: "sara") }
        // it was good before it was lost
        _ = try await enter(browser(rig, lost))
        try await authority.revoke("lost")
        try await authority.publish()
        let cases: [(X509Certificate?, String, Bool)] = [
            (foreign, "untrusted", true), (old, "expired", true), (lost, "revoked", true),
            (try await authority.issue("nobody"), "unknown", false), (nil, "none", false),
        ]
        for (certificate, code, isKnown) in cases {
            rig.clock.pass(seconds: 1000)
            let reply = try await browser(rig, certificate).post("/signin/certificate")
            #expect(reply.status == 401, "\(code)")
            #expect(reply.words.contains("console.certificate.\(code)"), "\(code)")
            #expect(reply.header("set-cookie") == nil)
            let row = try #require(try await rig.books.read(PersonActsQuery(.all, limit: 1)).first)
            #expect(row.act.refusal?.rawValue == "console.certificate.\(code)")
            #expect((row.act.person?.rawValue == "sara") == isKnown, "\(code)")
            #expect(row.act.station == "test 10.0.0.1")
        }
        // five failures of one address make it wait
        #expect(try await browser(rig, sara).post("/signin/certificate").status == 429)
        rig.clock.pass(seconds: 3)
        _ = try await enter(browser(rig, sara))
    }

    @Test("A session that began with a certificate is worth nothing without it, nor with another")
    func bound() async throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let authority = try await Authority(folder, name: "a")
        let rig = try await rig(authority)
        let people = try await staff(rig, authority, ["sara": .supervisor, "omar": .operator])
        let (sara, omar) = (people[0], people[1])
        let own = try await enter(browser(rig, sara))
        for proof in [Ask.Proof.none, .missing, .certificate(omar.der)] {
            var thief = own
            thief.proof = proof
            #expect(try await thief.get("/people").status == 303)
            // the door is a page, and does not send back where it came from
            let door = try await thief.get("/signin")
            #expect(door.status == 200 && !door.words.contains("data-watch") && !door.words.contains("sara"))
            #expect(try await thief.post("/lines/l1/begin").header("location") == "/signin")
        }
        #expect(await rig.line.asked.isEmpty)
        let rows = try await rig.books.read(PersonActsQuery(.person(PersonID("sara"))))
        #expect(rows.count { $0.act.refusal == "console.certificate.other" } == 6)
        // the person's own browser goes on
        #expect(try await own.get("/people").status == 200)
    }

    @Test("What was begun with a certificate ends when it is taken back, in the books or by its authority")
    func ends() async throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let authority = try await Authority(folder, name: "a")
        try await authority.publish()
        let rig = try await rig(authority, lists: [authority.list])
        let people = try await staff(rig, authority, ["sara": .operator, "omar": .operator])
        let (sara, omar) = (people[0], people[1])
        let (first, second) = (try await enter(browser(rig, sara)), try await enter(browser(rig, omar)))
        try await rig.books.removeCertificate(Digest.sha256(sara.der), of: PersonID("sara"), by: "test")
        #expect(try await first.post("/api/lines/l1/begin").status == 401)
        #expect(try await first.get("/").status == 303)
        #expect(try await second.get("/").status == 200)
        try await authority.revoke("omar")
        try await authority.publish()
        #expect(try await second.get("/").status == 303)
        #expect(await rig.line.asked.isEmpty)
        await #expect(throws: SakkError.self) {
            try await rig.books.removeCertificate(Digest.sha256(sara.der), of: PersonID("omar"), by: "test")
        }
    }

    @Test("A list that is over, broken or gone lets nobody in; one authority of two without a list is no start")
    func lists() async throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let (authority, other) = (try await Authority(folder, name: "a"), try await Authority(folder, name: "b"))
        let sara = try await authority.issue("sara")
        try await authority.publish(days: "1")
        let trust = try ClientTrust(authorities: [try authority.certificate], lists: [authority.list])
        let now = SystemTime().wall()
        #expect(throws: Never.self) { try trust.check(sara, at: now) }
        let later = WallTime(microseconds: now.microseconds + 3 * 86_400_000_000)
        #expect { try trust.check(sara, at: later) } throws: { ($0 as? SakkError)?.code == "console.certificate.list" }
        try "nothing".write(toFile: authority.list, atomically: true, encoding: .utf8)
        #expect { try trust.check(sara, at: now) } throws: { ($0 as? SakkError)?.code == "console.certificate.list" }
        try FileManager.default.removeItem(atPath: authority.list)
        #expect { try trust.check(sara, at: now) } throws: { ($0 as? SakkError)?.code == "console.certificate.list" }
        try await authority.publish()
        #expect(throws: SakkError.self) {
            try ClientTrust(authorities: [try authority.certificate, try other.certificate], lists: [authority.list])
        }
    }

    @Test("A locked screen is opened by the certificate alone only of who has no password")
    func locks() async throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let authority = try await Authority(folder, name: "a")
        let rig = try await rig(authority)
        try await rig.add("layla", [.supervisor], password: "four green apples")
        let people = try await staff(rig, authority, ["sara": .supervisor, "layla": .supervisor])
        let (sara, layla) = (people[0], people[1])
        let (first, second) = (try await enter(browser(rig, sara)), try await enter(browser(rig, layla)))
        rig.clock.pass(seconds: 301)
        #expect(try await first.get("/").header("location")?.hasPrefix("/unlock") == true)
        #expect(try await first.post("/unlock").status == 303)
        #expect(try await second.post("/unlock").status == 401)
        #expect(try await second.post("/unlock", [("password", "four green apples")]).status == 303)
        // and the old cookies open nothing
        #expect(try await first.get("/").status == 303)
    }
}
