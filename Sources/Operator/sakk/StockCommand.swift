import ArgumentParser
import Catalog
import Foundation
import Ground
import Ledger
import OpenSSLCrypto

struct StockCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stock", abstract: "Blanks, lots, supplies, and their destruction.",
        subcommands: [
            StockReceiveCommand.self, StockIssueCommand.self, StockLoadCommand.self, StockReturnCommand.self,
            StockHoldLotCommand.self, StockReleaseLotCommand.self, StockReportCommand.self, StockCustodyCommand.self,
            StockReleaseCommand.self, StockDestroyCommand.self, StockRibbonCommand.self,
        ])
}

/// Options of every act on the stock.
struct StockOptions: ParsableArguments {
    @OptionGroup var line: LineOptions
    @Option(name: .customLong("by"), help: "Who is answerable in the journal.") var person: String
    @Flag(help: "One JSON object.") var json = false

    func open() async throws -> (Books, LineProfile) {
        let profile = try line.profile()
        return (try await line.openLedger(profile), profile)
    }

    /// A cell of the line's file: what is laid into another one is in no machine.
    static func cell(_ name: String, of profile: LineProfile) throws(SakkError) -> CellID {
        let cells = profile.cells.map(\.id)
        guard cells.contains(CellID(name)) else {
            throw SakkError(
                "stock.cell.unknown", source: profile.path, subject: name,
                text: "Line \(profile.id) has no cell of this name.",
                remedy: "Its cells: \(cells.map(\.rawValue).joined(separator: ", ")).")
        }
        return CellID(name)
    }

    /// JSON for programs on stdout, or words for people on stderr.
    func say(_ value: JSONValue, schema: String, _ words: String) {
        if json { print(value.document(schema: schema)) } else { Words.say(words) }
    }
}

/// Command line values that are refused with their reason.
enum StockArguments {
    static func range(_ text: String) throws -> SerialRange {
        guard let range = SerialRange(text) else {
            throw ValidationError("`\(text)` is no serial and no range FIRST..LAST.")
        }
        return range
    }

    /// `STOCK:SERIAL`, or `STOCK:FIRST..LAST`.
    static func blanks(_ text: String) -> [BlankID] {
        let parts = text.split(separator: ":", maxSplits: 1).map(String.init)
        guard parts.count == 2, parts[1].contains(".."), let range = SerialRange(parts[1]) else {
            return [BlankID(text)]
        }
        return range.serials.map { BlankID(stock: parts[0], serial: $0) }
    }

    static func certificates(_ paths: [String]) throws(SakkError) -> [X509Certificate] {
        var certificates: [X509Certificate] = []
        for path in paths {
            guard let file = FileBytes.read(path) else {
                throw SakkError(
                    "file.unreadable", source: path, text: "The certificate cannot be read.",
                    remedy: "Check the path and the permissions.")
            }
            certificates.append(try X509Certificate(pem: file))
        }
        return certificates
    }
}

extension [SerialRange] {
    var json: JSONValue { .array(map { .string($0.description) }) }
}

struct StockReceiveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "receive", abstract: "Takes a delivery into the vault, against the manufacturer's manifest.",
        discussion: "Gaps and extras end with 1: what is in both is registered, the rest is named.")

    @OptionGroup var options: StockOptions
    @Option(help: "Certificate (PEM) that a signed manifest must chain to.") var trust: [String] = []
    @Option(help: "What was delivered, FIRST..LAST; all of the manifest when not given.") var delivered: [String] = []
    @Argument(help: "The manifest (sakk.stock-manifest/1).") var manifest: String

    func run() async throws {
        let (books, _) = try await options.open()
        let paper = try StockManifestFile.read(
            manifest, trust: try StockArguments.certificates(trust), at: SystemTime().wall())
        let ranges = try delivered.map(StockArguments.range)
        let receipt = try await books.receive(
            paper, delivered: ranges.isEmpty ? nil : ranges, by: options.person)
        options.say(
            [
                "stock": .string(receipt.lot.stock), "lot": .string(receipt.lot.lot),
                "registered": .integer(Int64(receipt.registered)), "gaps": receipt.gaps.json,
                "extras": receipt.extras.json, "skipped": receipt.skipped.json,
            ], schema: "sakk.stock-receipt/1",
            """
            Lot \(receipt.lot): \(receipt.registered) blanks are in the vault.
              missing in the delivery: \(receipt.gaps.isEmpty ? "none" : receipt.gaps.words)
              not in the manifest: \(receipt.extras.isEmpty ? "none" : receipt.extras.words)
              left out by the manifest: \(receipt.skipped.isEmpty ? "none" : receipt.skipped.words)
            """)
        if !receipt.gaps.isEmpty || !receipt.extras.isEmpty { throw Exit.rejected }
    }
}

struct StockIssueCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "issue", abstract: "Blanks from the vault to the line, and into a hopper when a cell is named.")

    @OptionGroup var options: StockOptions
    @Option(help: "Stock type.") var stock: String
    @Option(help: "The cell whose hopper they are laid into.") var cell: String?
    @Argument(help: "FIRST..LAST") var serials: String

    func run() async throws {
        let range = try StockArguments.range(serials)
        let (books, profile) = try await options.open()
        let cell = try cell.map { try StockOptions.cell($0, of: profile) }
        try await books.issue(range, stock: stock, to: profile.id, cell: cell, by: options.person)
        options.say(
            ["count": .integer(Int64(range.count)), "line": .string(profile.id.rawValue)], schema: "sakk.stock-issue/1",
            "\(range.count) blanks went to line \(profile.id)"
                + (cell.map { ", into the hopper of \($0)." } ?? "; they lie in no hopper yet (sakk stock load)."))
    }
}

struct StockLoadCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "load", abstract: "Blanks that were issued to the line into a hopper, behind what lies there.")

    @OptionGroup var options: StockOptions
    @Option(help: "Stock type.") var stock: String
    @Option(help: "The cell.") var cell: String
    @Argument(help: "FIRST..LAST") var serials: String

    func run() async throws {
        let range = try StockArguments.range(serials)
        let (books, profile) = try await options.open()
        let cell = try StockOptions.cell(cell, of: profile)
        try await books.load(range, stock: stock, line: profile.id, cell: cell, by: options.person)
        options.say(
            ["count": .integer(Int64(range.count)), "cell": .string(cell.rawValue)], schema: "sakk.stock-load/1",
            "\(range.count) blanks are in the hopper of \(cell).")
    }
}

struct StockReturnCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "return", abstract: "Unused blanks of the line back to the vault.")

    @OptionGroup var options: StockOptions
    @Option(help: "Stock type.") var stock: String
    @Option(help: "Why.") var reason: String
    @Argument(help: "FIRST..LAST") var serials: String

    func run() async throws {
        let range = try StockArguments.range(serials)
        let (books, _) = try await options.open()
        try await books.giveBack(range, stock: stock, reason: reason, by: options.person)
        options.say(
            ["count": .integer(Int64(range.count))], schema: "sakk.stock-return/1",
            "\(range.count) blanks are back in the vault.")
    }
}

struct StockHoldLotCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hold-lot", abstract: "Holds a lot: none of its blanks is issued, loaded or fed.")

    @OptionGroup var options: StockOptions
    @Option(help: "Stock type.") var stock: String
    @Option(help: "Why.") var reason: String
    @Argument(help: "The lot.") var lot: String

    func run() async throws {
        let (books, _) = try await options.open()
        let isKnown = try await books.read(LotKnownQuery(LotID(stock: stock, lot: lot)))
        try await books.change(.holdLot(LotID(stock: stock, lot: lot), reason: reason), by: options.person)
        options.say(
            ["stock": .string(stock), "lot": .string(lot), "held": .bool(true)], schema: "sakk.stock-lot/1",
            "Lot \(stock)/\(lot) is held\(isKnown ? "" : "; the books do not know it yet, check its name").")
    }
}

struct StockReleaseLotCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "release-lot", abstract: "Releases a held lot; two people answer for it.")

    @OptionGroup var options: StockOptions
    @Option(help: "Stock type.") var stock: String
    @Option(help: "Why.") var reason: String
    @Option(help: "One of the two.") var first: String
    @Option(help: "The other.") var second: String
    @Argument(help: "The lot.") var lot: String

    func run() async throws {
        let (books, _) = try await options.open()
        try await books.change(
            .releaseLot(LotID(stock: stock, lot: lot), reason: reason, try TwoPeople(first, second)), by: options.person
        )
        options.say(
            ["stock": .string(stock), "lot": .string(lot), "held": .bool(false)], schema: "sakk.stock-lot/1",
            "Lot \(stock)/\(lot) is released.")
    }
}
