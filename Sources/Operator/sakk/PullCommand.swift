import ArgumentParser
import Catalog
import Connectors
import Ground
import Ledger
import Records
import Stations

/// `sakk queue pull`: brings approved records from a source into the books and tells the source what is durable.
struct QueuePullCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pull", abstract: "Pulls approved records from a folder, a server or a registry's table.",
        discussion: """
            Records that were taken are acknowledged after the ledger's commit, refused ones are told back with a code. \
            It may be ended and started at any moment. Goes on until it is ended; see docs/connectors.md.
            """)

    @OptionGroup var options: LineOptions
    @Option(help: "The source's configuration (YAML).") var source: String
    @Flag(help: "Ends when the source has no more for now; exit code 1 when something was refused.") var once = false
    @Flag(help: "One JSON object a pull (sakk.queue-pull/1).") var json = false

    func run() async throws {
        let profile = try options.profile()
        let products = try ProductProfile.all(of: profile)
        let trust = try Certificates.read(all: profile.trust.approval)
        let configuration = try SourceConfiguration(path: source)
        let books = BooksIntake(try await options.openLedger(profile), actor: "pull", products: products)
        let standing = try configuration.standing.map { path throws(SakkError) in
            try StandingConfiguration(path: path).standing(books: books, time: SystemTime())
        }
        var retry = configuration.retry
        retry.tell = { failure, pause in Words.say("again in \(pause) ms: \(failure.text) [\(failure.code)]") }
        let records = try configuration.source()
        let puller = Puller(
            source: records, reader: RecordImport(trust: trust), intake: books, standing: standing, retry: retry
        ) { verdict in
            for problem in verdict.refused { Words.say("  \(ImportProblem(problem).line)") }
        }
        if once {
            let count = try await puller.drain()
            report(count)
            for name in await records.waiting { Words.say("\(name): not whole yet, or of no use: left alone") }
            if count.refused > 0 { throw Exit.rejected }
            return
        }
        try await puller.run(everyMilliseconds: configuration.everyMilliseconds) { result in
            switch result {
            case .success(let count): report(count)
            case .failure(let failure): Words.say("sakk: \(failure.text) [\(failure.code)] \(failure.remedy)")
            }
        }
    }

    private func report(_ count: PullCount) {
        Words.say("\(count.taken) taken, \(count.known) known already, \(count.refused) refused")
        guard json else { return }
        let value: JSONValue = [
            "items": .integer(Int64(count.items)), "taken": .integer(Int64(count.taken)),
            "known": .integer(Int64(count.known)), "refused": .integer(Int64(count.refused)),
        ]
        print(value.document(schema: "sakk.queue-pull/1"))
    }
}

extension BooksIntake {
    /// Takes what this product's line makes.
    init(_ books: any LedgerStore, actor: String, product: ProductProfile) {
        self.init(books, actor: actor, products: [product])
    }

    /// Takes what these products' line makes.
    init(_ books: any LedgerStore, actor: String, products: [ProductProfile]) {
        self.init(books, actor: actor) { accepted throws(SakkError) in
            guard let product = products.first(where: { $0.product == accepted.record.product }) else {
                throw SakkError(
                    "record.product", source: accepted.name, subject: "product",
                    text: "this line makes \(products.map(\.product).joined(separator: ", "))",
                    remedy: "Send it to the plant that makes its product.")
            }
            return product.intake(accepted)
        }
    }
}
