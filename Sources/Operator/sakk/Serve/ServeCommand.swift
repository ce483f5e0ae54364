import ArgumentParser
import Catalog
import Connectors
import Console
import Foundation
import Ground
import Ledger
import Records
import Shipping
import Stations

struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "The console: pages and API for everybody who works at the plant.",
        discussion: """
            Lines that are named are started and stopped from the pages; their controllers run in this process. All \
            lines share one ledger. Without TLS it serves this machine only. The first start makes one supervisor with \
            a one-time password, which is printed once. Ctrl-C ends it after the cards that are in the machines.
            """)

    @Option(help: "A line's configuration (YAML); may be given several times.") var line: [String]
    @Option(help: "The ledger, in place of the configured one (SAKK_LEDGER).") var ledger: String?
    @Option(help: "The folder for pictures of cards (SAKK_PICTURES); those of people's documents are sealed.")
    var pictures: String?
    @Option(help: "Address to listen at.") var address = "127.0.0.1"
    @Option(help: "Port; 0 takes a free one.") var port = 8480
    @Option(help: "Certificate chain of the server (PEM).") var certificate: String?
    @Option(help: "Its key (PEM).") var key: String?
    @Option(
        name: .customLong("client-authority"),
        help:
            "Certificate (PEM) of an authority whose certificates people may sign in with; may be given several times.")
    var clientAuthorities: [String] = []
    @Option(
        name: .customLong("client-revoked"),
        help:
            "Revocation list (PEM or DER) of such an authority; none, or one for each. It is read again when it changes."
    )
    var clientLists: [String] = []
    @Option(help: "Port that asks browsers for a certificate; 0 takes a free one.") var certificatePort = 8481
    @Option(help: "Cards that one cell should make in an hour, for the boards.") var target: Int?
    @Option(help: "Minutes that the plant's clock is east of Greenwich.") var offset = 180
    @Option(help: "Codes of reasons with their texts.") var reasons = "profiles/reasons.yaml"
    @Option(help: "Folder with logistics/*.yaml and offices.json.") var seeds = "seeds"
    @Option(
        help: """
            EC key (PEM) on P-256, P-384, P-521 or a Brainpool r1 curve of 256, 384 or 512 bits: signs the QR codes of labels, \
            manifests and holders. Without one there are none.
            """)
    var dispatchKey: String?
    @Option(help: "Folder with sets of pictures that have a known defect, to audit inspectors with.")
    var auditPictures: String?
    @Option(help: "Minutes that an inspector looks at cards before a pause is due.") var inspectMinutes = 25
    @Option(help: "Minutes of that pause.") var pauseMinutes = 5
    @Option(help: "Id of the first supervisor.") var first = "supervisor"
    @Flag(help: "Start the controllers of all lines at once, not when somebody asks.") var start = false

    func validate() throws {
        guard !line.isEmpty else { throw ValidationError("Name a line.") }
        guard (certificate == nil) == (key == nil) else {
            throw ValidationError("Give --certificate and --key, or neither.")
        }
        guard certificate != nil || ["127.0.0.1", "::1", "localhost"].contains(address) else {
            throw ValidationError("Without TLS the console serves this machine only: give --certificate and --key.")
        }
        guard clientAuthorities.isEmpty || certificate != nil else {
            throw ValidationError("Certificates of people need TLS: give --certificate and --key.")
        }
        guard clientLists.isEmpty || !clientAuthorities.isEmpty else {
            throw ValidationError("A revocation list needs its --client-authority.")
        }
        guard (1...120).contains(inspectMinutes), (1...60).contains(pauseMinutes) else {
            throw ValidationError("--inspect-minutes is 1 to 120, --pause-minutes 1 to 60.")
        }
        guard PersonID(first).isWellFormed else { throw ValidationError("--first is a short name in small letters.") }
    }

    func run() async throws {
        var books: Books?
        var lines: [SeatedLine] = []
        var shared: String?
        for path in line {
            var options = LineOptions()
            options.line = path
            options.ledger = ledger
            options.pictures = pictures
            let profile = try options.profile()
            let url = options.ledgerPath(profile)
            guard shared == nil || shared == url else {
                throw ValidationError("The lines name different ledgers: one console serves one.")
            }
            shared = url
            let open: Books
            if let books { open = books } else { open = try await options.openLedger(profile) }
            books = open
            lines.append(try SeatedLine(options: options, books: open, targetPerHour: target))
        }
        guard let books else { return }
        var settings = ConsoleSettings(isSecure: certificate != nil)
        settings.offsetMinutes = offset
        settings.name = ProcessInfo.processInfo.hostName
        let list = try ReasonList(path: reasons)
        settings.reasons = list.texts
        settings.rejects = list.reasons.filter { $0.value.severity != .doubt }.keys.sorted()
        settings.auditPictures = auditPictures
        settings.inspection.block = Int64(inspectMinutes) * 60_000_000
        settings.inspection.pause = Int64(pauseMinutes) * 60_000_000
        for path in line {
            let profile = try LineProfile(path: path)
            for product in try ProductProfile.all(of: profile) {
                settings.products[product.product] = ProductTerms(
                    headStarts: product.priorities.mapValues { Int64($0.headStartHours) * 3_600_000_000 },
                    isRenumbered: product.numberOnRemake == .new,
                    order: product.order(stockWindow: profile.stockWindow, SystemTime().wall()))
            }
        }
        let proven = KnownPort()
        if !clientAuthorities.isEmpty {
            settings.clientTrust = try ClientTrust(
                authorities: try Certificates.read(all: clientAuthorities), lists: clientLists)
            settings.certificatePort = proven
        }
        let console = try Console(
            books: books, lines: lines, shipping: try shipping(books),
            signer: try dispatchKey.map { path throws(SakkError) in try Certificates.key(path) }, settings: settings)
        let secret = try await firstPerson(books)
        let (scheme, address, first) = (certificate == nil ? "http" : "https", address, first)
        let server = ConsoleServer(console, address: address, port: port, tls: tls(asksCertificate: false))
        let other =
            clientAuthorities.isEmpty
            ? nil
            : ConsoleServer(console, address: address, port: certificatePort, tls: tls(asksCertificate: true))
        if start { for line in lines { try await line.begin(by: first) } }
        let serving = Task {
            try await withThrowingTaskGroup(of: Void.self) { group in
                if let other {
                    group.addTask {
                        try await other.run { port in
                            proven.value = port
                            Words.say("With a certificate: https://\(address):\(port)/")
                        }
                    }
                }
                group.addTask {
                    try await server.run { port in
                        Words.say("Console: \(scheme)://\(address):\(port)/")
                        if let secret { Words.say("Sign in once as \(first) with \(secret)") }
                    }
                }
                // one listener alone is no console: the other ends with it
                try await group.next()
                group.cancelAll()
            }
        }
        let sweeping = Task { [lines] in
            while !Task.isCancelled {
                for line in lines { try? await line.sweep() }
                try? await Task.sleep(for: .seconds(600))
            }
        }
        defer { sweeping.cancel() }
        let interrupt = StopSignal { serving.cancel() }
        defer { interrupt.cancel() }
        let result = await serving.result
        for line in lines { await line.finish() }
        if case .failure(let error) = result, !serving.isCancelled { throw error }
    }

    private func tls(asksCertificate: Bool) -> ConsoleServer.TLS? {
        certificate.flatMap { chain in
            key.map { ConsoleServer.TLS(chain: chain, key: $0, asksCertificate: asksCertificate) }
        }
    }

    /// The packing table, with what the first line says of trust and standing.
    private func shipping(_ books: Books) throws(SakkError) -> ShippingDesk {
        let profile = try LineProfile(path: line[0])
        let product = try ProductProfile(folder: profile.profile)
        let standing = try profile.standing.map { path throws(SakkError) in
            try StandingConfiguration(path: path).standing(
                books: BooksIntake(books, actor: "sakk serve", product: product), time: SystemTime())
        }
        return ShippingDesk(
            books: books, plan: try LogisticsPlan(seeds: seeds),
            verification: RecordVerifier(trust: try Certificates.read(all: profile.trust.approval)), standing: standing)
    }

    /// The one-time password of the first supervisor; nil when somebody works here already.
    private func firstPerson(_ books: Books) async throws(SakkError) -> String? {
        guard try await books.read(PeopleQuery()).isEmpty else { return nil }
        let person = Person(id: PersonID(first), name: first, roles: [.supervisor])
        try await books.add(person, by: "sakk serve")
        return try await Console.giveOneTime(person.id, books: books, time: SystemTime(), by: "sakk serve")
    }
}
