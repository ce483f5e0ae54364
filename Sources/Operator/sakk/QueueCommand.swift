import ArgumentParser
import Catalog
import Foundation
import Ground
import Ledger
import OpenSSLCrypto
import Records
import Stations

struct QueueCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "queue", abstract: "Approved records on their way to the line.",
        subcommands: [
            QueueImportCommand.self, QueuePullCommand.self, QueueStopListCommand.self, QueueListCommand.self,
            QueueHoldCommand.self, QueueReleaseCommand.self,
        ])
}

struct QueueImportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Verifies batches of signed records, takes the good ones, lists the bad ones.",
        discussion: "The same file again changes nothing. A known request with other content is refused and alarmed.")

    @OptionGroup var options: LineOptions
    @Argument(help: "Batches (.tar) or single signed records (.p7m).") var files: [String]
    @Flag(help: "One JSON object (sakk.queue-import/1).") var json = false

    func run() async throws {
        let profile = try options.profile()
        let products = try ProductProfile.all(of: profile)
        let trust = try Certificates.read(all: profile.trust.approval)
        let store = try await options.openLedger(profile)
        var results: [JSONValue] = []
        var clean = true
        for file in files {
            let reading = RecordImport(trust: trust).read(file: file)
            let taken = try await take(reading, products: products, store: store)
            clean = clean && taken.problems.isEmpty
            let name = URL(fileURLWithPath: file).lastPathComponent
            Words.say("\(name): \(taken.taken) taken, \(taken.known) known already, \(taken.problems.count) refused")
            for problem in taken.problems { Words.say("  " + problem.line) }
            results.append([
                "file": .string(name), "batch_id": taken.batch.map { .string($0) } ?? .null,
                "taken": .integer(Int64(taken.taken)), "known": .integer(Int64(taken.known)),
                "problems": .array(taken.problems.map(\.json)),
            ])
        }
        if json { print(JSONValue.object(["files": .array(results)]).document(schema: "sakk.queue-import/1")) }
        if !clean { throw Exit.rejected }
    }

    private struct Taken {
        var batch: String?
        var taken = 0
        var known = 0
        var problems: [ImportProblem] = []
    }

    private func take(
        _ reading: ImportReading, products: [ProductProfile], store: any LedgerStore
    ) async throws(SakkError) -> Taken {
        var result = Taken(batch: reading.batchID?.rawValue)
        result.problems = reading.problems.map(ImportProblem.init)
        var accepted: [AcceptedRecord] = []
        // a batch is of one product: of the first that the line makes
        let made = reading.accepted.lazy.compactMap { entry in
            products.first { $0.product == entry.record.product }
        }
        let product = made.first ?? products[0]
        for entry in reading.accepted {
            if entry.record.product == product.product {
                accepted.append(entry)
            } else {
                result.problems.append(
                    ImportProblem(
                        record: entry.name, field: "product", code: "record.product",
                        reason: "this line makes \(product.product)"))
            }
        }
        guard let first = accepted.first else { return result }
        // a record that came alone is a batch of its own
        let batch =
            reading.batchID
            ?? BatchID("single-\(first.record.authority)-\(first.record.requestID)-\(first.record.issueNumber)")
        let header = BatchHeader(
            batch: batch, authority: first.record.authority, product: product.product)
        let outcomes = try await store.intake(
            accepted.map { product.intake($0) }, batch: header, cursor: nil)
        for (entry, outcome) in zip(accepted, outcomes) {
            switch outcome {
            case .taken: result.taken += 1
            case .known: result.known += 1
            case .refused(let error):
                result.problems.append(
                    ImportProblem(
                        record: entry.name, field: error.subject ?? "", code: error.code.rawValue, reason: error.text))
            }
        }
        return result
    }
}

/// One line of what was refused.
struct ImportProblem {
    let record: String
    let field: String
    let code: String
    let reason: String

    init(record: String, field: String, code: String, reason: String) {
        self.record = record
        self.field = field
        self.code = code
        self.reason = reason
    }

    init(_ problem: RecordProblem) {
        self.init(record: problem.recordName, field: problem.field, code: problem.code.rawValue, reason: problem.reason)
    }

    var line: String { "\(record)\(field.isEmpty ? "" : "  \(field)")  \(reason) [\(code)]" }
    var json: JSONValue {
        ["record": .string(record), "field": .string(field), "code": .string(code), "reason": .string(reason)]
    }
}

extension ProductProfile {
    /// What the line makes, the one that it is set up for first.
    static func all(of line: LineProfile) throws(SakkError) -> [ProductProfile] {
        try ([line.profile] + line.otherProfiles).map { folder throws(SakkError) in
            try ProductProfile(folder: folder)
        }
    }

    /// What a document number is unique under.
    func numberSpace(_ record: ApprovedRecord) -> String { "\(record.issuingState)/\(documentCode)" }

    /// The record as the ledger takes it.
    func intake(_ entry: AcceptedRecord) -> IntakeRecord {
        IntakeRecord(
            production: entry.productionID, requestID: entry.record.requestID, authority: entry.record.authority,
            product: product, stock: blankStock, numberSpace: numberSpace(entry.record),
            documentNumber: numberSource == .blank ? nil : entry.record.documentNumber,
            priorityClass: entry.record.priority.priorityClass,
            headStart: headStart(entry.record.priority.priorityClass), approvedAt: entry.record.approvedAt,
            office: entry.record.delivery.destination, envelope: entry.envelope)
    }
}

enum Certificates {
    /// One certificate in PEM.
    static func read(_ path: String) throws(SakkError) -> X509Certificate {
        guard let bytes = FileBytes.read(path) else {
            throw SakkError(
                "keys.missing", source: path, text: "The certificate cannot be read.",
                remedy: "Check the path and the permissions.")
        }
        return try X509Certificate(pem: bytes)
    }

    static func read(all paths: [String]) throws(SakkError) -> [X509Certificate] {
        var certificates: [X509Certificate] = []
        for path in paths { certificates.append(try read(path)) }
        return certificates
    }

    static func key(_ path: String) throws(SakkError) -> PrivateKey {
        guard let bytes = FileBytes.read(path) else {
            throw SakkError(
                "keys.missing", source: path, text: "The key cannot be read.",
                remedy: "Check the path and the permissions.")
        }
        return try PrivateKey(pem: bytes)
    }
}
