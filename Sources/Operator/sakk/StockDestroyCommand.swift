import ArgumentParser
import Connectors
import Foundation
import Ground
import Ledger
import OpenSSLCrypto
import Reporting

struct StockDestroyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "destroy",
        abstract: "Destroys spoiled cards and spent supplies before two people, with a certificate.",
        discussion: """
            --pdf writes the paper that the two sign, --json prints it (sakk.destruction-certificate/1), --signed writes \
            that JSON as CMS SignedData. --show gives an earlier certificate again; nothing is destroyed then.
            """)

    @OptionGroup var options: StockOptions
    @Option(help: "Number of the certificate.") var certificate: String
    @Option(help: "One of the two.") var first: String?
    @Option(help: "The other.") var second: String?
    @Option(help: "How, for example shredded.") var method: String?
    @Option(help: "Where.") var place: String?
    @Option(help: "Write the paper (PDF, Arabic and English).") var pdf: String?
    @Option(help: "Write the signed JSON (CMS, DER); with --seal-certificate and --seal-key.") var signed: String?
    @Option(help: "Certificate (PEM) that signs.") var sealCertificate: String?
    @Option(help: "Its key (PEM).") var sealKey: String?
    @Flag(help: "Give the certificate of this number again.") var show = false
    @Argument(help: "Blanks (STOCK:SERIAL) and supplies (ribbon:SERIAL, film:SERIAL).") var items: [String] = []

    func validate() throws {
        guard (signed == nil) == (sealCertificate == nil), (signed == nil) == (sealKey == nil) else {
            throw ValidationError("--signed, --seal-certificate and --seal-key go together.")
        }
        guard show || first != nil && second != nil && method != nil && place != nil && !items.isEmpty else {
            throw ValidationError("Give --first, --second, --method, --place and what is destroyed.")
        }
        guard Set(items).count == items.count else { throw ValidationError("A piece is named twice.") }
    }

    func run() async throws {
        // nothing is destroyed when what is to be written could not be signed
        let seal = try sealCertificate.flatMap { certificate in try sealKey.map { try self.seal(certificate, $0) } }
        let (books, _) = try await options.open()
        if !show, let first, let second, let method, let place {
            let supplies = items.filter(ShiftCloseCommand.isSupply)
            let paper = DestructionCertificate(
                number: certificate, blanks: items.filter { !supplies.contains($0) }.map { BlankID($0) },
                consumables: supplies.map { ConsumableID($0) }, method: method, place: place,
                people: try TwoPeople(first, second))
            try await books.destroy(paper, by: options.person)
        }
        guard let kept = try await books.read(CertificateQuery(certificate)) else {
            throw SakkError(
                "stock.certificate.unknown", source: "stock", subject: certificate,
                text: "There is no such certificate.", remedy: "Check its number.")
        }
        let document = StockDestroyCommand.json(kept)
        if let pdf {
            try DestructionPDF(kept).write(to: pdf)
            Words.say("Wrote \(pdf)")
        }
        if let signed, let seal {
            let envelope = try seal.seal(Bytes(document.utf8), at: SystemTime().wall())
            guard OutputFile.create(signed, Data(envelope)) else {
                throw SakkError(
                    "report.unwritable", source: signed, text: "The certificate is in the books and cannot be written.",
                    remedy: "Write it again elsewhere (--show).")
            }
            Words.say("Wrote \(signed)")
        }
        if options.json {
            print(document)
        } else if pdf == nil, signed == nil {
            print(StockDestroyCommand.text(kept))
        }
    }

    private func seal(_ certificate: String, _ key: String) throws(SakkError) -> FileSeal {
        FileSeal(certificate: try Certificates.read(certificate), key: try Certificates.key(key))
    }

    static func json(_ kept: CertificateQuery.Certificate) -> String {
        let paper = kept.paper
        let items = paper.blanks.map(\.rawValue) + paper.consumables.map(\.rawValue)
        return JSONValue.object([
            "certificate": .string(paper.number), "count": .integer(Int64(paper.count)),
            "items": .array(items.map { .string($0) }), "method": .string(paper.method),
            "place": .string(paper.place), "destroyed_at": .string(kept.at.iso8601),
            "people": .array([.string(paper.people.first), .string(paper.people.second)]),
        ]).document(schema: "sakk.destruction-certificate/1")
    }

    /// One page to be signed by hand.
    static func text(_ kept: CertificateQuery.Certificate) -> String {
        let paper = kept.paper
        let items = paper.blanks.map(\.rawValue) + paper.consumables.map(\.rawValue)
        return """
            Certificate of destruction \(paper.number)
            at \(kept.at.iso8601), \(paper.place): \(paper.count) pieces, \(paper.method)

            \(items.enumerated().map { "  \($0.offset + 1). \($0.element)" }.joined(separator: "\n"))

            \(paper.people.first)  ______________________    \(paper.people.second)  ______________________
            """
    }
}
