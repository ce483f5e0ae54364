import ArgumentParser
import Catalog
import Ground
import Ledger
import OpenSSLCrypto
import Reporting
import Shipping
import Stations

struct DispatchStatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Where a document, envelope or container is, or what of a batch is missing.",
        discussion: "Ends with 1 when something is not accounted for.")
    @OptionGroup var options: DispatchOptions
    @Option(help: "Is everything of this batch accounted for?") var batch: String?
    @Option(help: "Was everything in this arrived box scanned in?") var arrived: String?
    @Flag(help: "The last scans that were refused.") var refused = false
    @Argument(help: "Mark, envelope, box, bag or consignment.") var item: String?

    func validate() throws {
        guard [batch, arrived, item, refused ? "" : nil].count(where: { $0 != nil }) == 1 else {
            throw ValidationError("Give an item, --batch, --arrived or --refused.")
        }
    }

    func run() async throws {
        let table = try await options.table()
        if let batch {
            try close(try await table.desk.closing(batch: BatchID(batch)))
        } else if let arrived {
            try close(
                try await table.desk.closing(arrived: try await table.container(arrived, for: "status")))
        } else if refused {
            try await showRefused(table)
        } else if let item {
            let scan = try ScannedCode(item)
            if case .container(let number) = scan {
                let container = try await table.desk.container(number)
                options.say(container.json, "\(container.kind.rawValue) \(number): \(container.state.rawValue)")
            } else {
                let parcel = try await table.desk.find(scan)
                options.say(parcel.json, parcel.words)
            }
        }
    }

    private func close(_ closing: Closing) throws {
        switch closing {
        case .accounted(let count):
            options.say(
                ["accounted": .bool(true), "count": .integer(Int64(count)), "missing": .array([])],
                "Everything accounted for: \(count) documents.")
        case .missing(let gaps):
            options.say(
                [
                    "accounted": .bool(false),
                    "missing": .array(
                        gaps.map { gap in
                            [
                                "production_id": .string(gap.production.rawValue), "blank": .string(gap.blank.rawValue),
                                "envelope": gap.envelope.map { .string($0.description) } ?? .null,
                                "stage": .string(gap.stage.rawValue), "custodian": .string(gap.custodian.words),
                            ]
                        }),
                ],
                "Not accounted for: \(gaps.count)\n"
                    + gaps.prefix(50).map { "  \($0.blank)  \($0.stage.rawValue)  \($0.custodian.words)" }
                    .joined(separator: "\n"))
            throw Exit.rejected
        }
    }

    private func showRefused(_ table: DispatchTable) async throws {
        let rows = try await table.books.read(RefusedScansQuery(limit: 50))
        options.say(
            [
                "refused": .array(
                    rows.map { row in
                        [
                            "act": .string(row.act), "code": .string(row.code.rawValue),
                            "items": .array(row.items.map { .string($0) }), "person": .string(row.person),
                            "at": .string(row.at.iso8601),
                        ]
                    })
            ],
            rows.map { "\($0.at.iso8601)  \($0.person)  \($0.act)  \($0.code)  \($0.items.joined(separator: " "))" }
                .joined(separator: "\n"))
    }
}

extension Parcel {
    var json: JSONValue {
        [
            "production_id": .string(document.production.rawValue), "blank": .string(document.blank.rawValue),
            "batch_id": .string(document.batch.rawValue), "state": .string(state.rawValue),
            "label": label.map { .string($0.description) } ?? .null,
            "envelope": envelope.map { .string($0.description) } ?? .null,
            "inside": inside.map { .string($0.digits) } ?? .null, "route": .string(address.route.rawValue),
            "place": .string(address.place.rawValue), "custodian": .string(custodian.words),
            "attempts": .integer(Int64(attempts)), "stopped": stopped.map { .string($0) } ?? .null,
        ]
    }

    var words: String {
        """
        \(document.blank): \(state.rawValue), with \(custodian.words)
          to \(address.place) by \(address.route.rawValue)\(envelope.map { ", envelope \($0)" } ?? "")\
        \(inside.map { ", in \($0)" } ?? "")\(stopped.map { "\n  STOPPED: \($0)" } ?? "")
        """
    }
}

struct DispatchManifestCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "manifest", abstract: "What a closed consignment holds, as JSON and on paper.",
        discussion: """
            --out writes the manifest (sakk.manifest/1) byte for byte as its signed head names it; --key signs the head, \
            which --pdf shows as a QR code and --head writes as text.
            """)
    @OptionGroup var options: DispatchOptions
    @OptionGroup var key: DispatchKey
    @Option(help: "Write the paper (PDF, A4, Arabic and English).") var pdf: String?
    @Option(help: "Write the manifest (canonical JSON).") var out: String?
    @Option(help: "Write the signed head.") var head: String?
    @Option(help: "The carrier, for the paper.") var carrier: String?
    @Argument(help: "The consignment.") var consignment: String

    func validate() throws {
        guard head == nil || key.key != nil else { throw ValidationError("--head needs --key.") }
    }

    func run() async throws {
        let table = try await options.table()
        let number = try await table.container(consignment, for: "manifest")
        let manifest = try await table.desk.manifest(number)
        let signed = try key.signer().map { try manifest.head(signedBy: $0) }
        if let pdf {
            try ManifestPDF(manifest, head: signed, plan: table.desk.plan, carrier: carrier).write(to: pdf)
            Words.say("Wrote \(pdf)")
        }
        for (path, bytes) in [(out, manifest.json.canonical), (head, Bytes((signed?.text ?? "").utf8))] {
            guard let path else { continue }
            try DispatchFile.write(bytes, to: path)
        }
        if options.json {
            print(manifest.json.canonicalText)
        } else if pdf == nil, out == nil, head == nil {
            for bag in manifest.bags {
                print("bag \(bag.number)  seal \(bag.seal ?? "-")")
                for box in bag.boxes {
                    print("  box \(box.number)  \(box.place?.rawValue ?? "-")  \(box.count)")
                }
            }
            print("documents \(manifest.documents)")
        }
    }
}

struct DispatchCheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Checks the QR of a label or manifest with the plant's certificate alone.",
        discussion: "Needs no ledger and no network: what a phone does. Ends with 1 when it is not genuine.")
    @Option(help: "Certificate (PEM) of the dispatch key.") var trust: [String]
    @Option(help: "The manifest's bytes, which the head must name.") var manifest: String?
    @Argument(help: "The text of the QR code.") var text: String

    func run() async throws {
        let keys = try Certificates.read(all: trust).compactMap { PublicKey(info: $0.publicKeyInfo) }
        if let manifest {
            guard let bytes = FileBytes.read(manifest), Manifest.isGenuine(bytes, head: text, keys: keys) else {
                throw Exit.rejected
            }
            return Words.say("Genuine: these are the contents that the plant signed.")
        }
        guard let number = LabelStatement.number(text, keys: keys) else { throw Exit.rejected }
        print(number)
    }
}
