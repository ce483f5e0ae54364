import ArgumentParser
import Catalog
import Connectors
import Foundation
import Ground
import Ledger
import OpenSSLCrypto

struct LedgerCheckpointCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "checkpoint", abstract: "Writes the heads of all logs down, signed, to be kept elsewhere.",
        discussion: """
            CMS SignedData over sakk.checkpoint/1: the Merkle tree root (RFC 6962) and the number of rows of each log. \
            `sakk ledger verify --checkpoint FILE` finds whatever was changed since in what was there then.
            """)

    @OptionGroup var options: LineOptions
    @Option(help: "Certificate (PEM) that signs.") var sealCertificate: String
    @Option(help: "Its key (PEM).") var sealKey: String
    @Argument(help: "The new file.") var file: String

    func run() async throws {
        let books = try await options.openLedger(try options.profile())
        let seal = FileSeal(
            certificate: try Certificates.read(sealCertificate), key: try Certificates.key(sealKey))
        let heads = try await books.checkpoint()
        let envelope = try seal.seal(heads.json.canonical, at: heads.at)
        guard OutputFile.create(file, Data(envelope)) else {
            throw SakkError(
                "report.unwritable", source: file, text: "The checkpoint cannot be written.",
                remedy: "Check the folder, its permissions and the space on the disk.")
        }
        for head in heads.heads { print("\(head.log)  \(head.rows) rows  root \(head.root.hex)") }
    }

    static func read(_ path: String, trust: [X509Certificate]) throws(SakkError) -> LedgerCheckpoint {
        guard let bytes = FileBytes.read(path) else {
            throw SakkError(
                "file.missing", source: path, text: "The checkpoint cannot be read.", remedy: "Check the path.")
        }
        let content = try CMS.verify(
            bytes, trust: trust, expectedContentType: CMS.dataContentType, at: SystemTime().wall()
        ).content
        guard let json = try? JSONValue(parsing: content), let checkpoint = LedgerCheckpoint(json) else {
            throw SakkError(
                "file.unreadable", source: path, text: "This is no checkpoint of a ledger.",
                remedy: "Name a file that `sakk ledger checkpoint` wrote.")
        }
        return checkpoint
    }
}
