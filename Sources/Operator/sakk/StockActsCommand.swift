import ArgumentParser
import Catalog
import Foundation
import Ground
import Ledger

struct StockCustodyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "custody",
        abstract: "Says who has a card that is out of the machine, and where; or that nobody has.")

    @OptionGroup var options: StockOptions
    @Option(help: "Who has it; with --place.") var person: String?
    @Option(help: "Where it is.") var place: String?
    @Argument(help: "The blank (STOCK:SERIAL).") var blank: String

    func run() async throws {
        guard (person == nil) == (place == nil) else { throw ValidationError("Give --person and --place, or neither.") }
        let (books, _) = try await options.open()
        let id = BlankID(blank)
        if let person, let place {
            try await books.change(.custody(id, person: person, place: place), by: options.person)
        } else {
            try await books.change(.custodyEnded(id), by: options.person)
        }
        options.say(
            ["blank": .string(blank), "person": person.map { .string($0) } ?? .null], schema: "sakk.stock-custody/1",
            person.map { "\($0) has \(blank)." } ?? "Nobody has \(blank) any more.")
    }
}

struct StockReleaseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "release",
        abstract: "Lets a card out of quarantine, or a recalled document back; two people answer for it.")

    @OptionGroup var options: StockOptions
    @Option(help: "vault (never used), held, spoiled or sample; good for a recalled document.") var to: String
    @Option(help: "Why.") var reason: String
    @Option(help: "One of the two.") var first: String
    @Option(help: "The other.") var second: String
    @Argument(help: "The blank (STOCK:SERIAL).") var blank: String

    func run() async throws {
        guard let account = Account(rawValue: to), [.vault, .held, .spoiled, .sample, .good].contains(account) else {
            throw ValidationError("--to is vault, held, spoiled, sample or good.")
        }
        let people = try TwoPeople(first, second)
        let (books, _) = try await options.open()
        try await books.change(
            account == .good
                ? .releaseRecall(BlankID(blank), reason: reason, people)
                : .releaseQuarantine(BlankID(blank), to: account, reason: reason, people),
            by: options.person)
        options.say(
            ["blank": .string(blank), "account": .string(to)], schema: "sakk.stock-release/1", "\(blank) is in \(to).")
    }
}

struct StockRibbonCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ribbon", abstract: "Ribbons and films: they carry every name, so they are counted like blanks.",
        discussion: "receive (with --part, --lot, --capacity), mount (with --cell), unmount (it is spent), missing.")

    @OptionGroup var options: StockOptions
    @Option(help: "ribbon or film.") var kind = "ribbon"
    @Option(help: "The manufacturer's part number.") var part: String?
    @Option(help: "Its lot.") var lot: String?
    @Option(help: "Cards that it is made for.") var capacity: Int?
    @Option(help: "The cell.") var cell: String?
    @Argument(help: "receive, mount, unmount or missing.") var act: String
    @Argument(help: "Its serial.") var serial: String

    func run() async throws {
        guard let kind = Consumable.Kind(rawValue: kind) else { throw ValidationError("--kind is ribbon or film.") }
        let id = ConsumableID("\(kind.rawValue):\(serial)")
        let profile = try options.line.profile()
        let change: StockChange
        switch act {
        case "receive":
            guard let part, let lot, let capacity, capacity > 0, SerialRange(serial)?.count == 1 else {
                throw ValidationError("Give --part, --lot and --capacity, and a plain serial.")
            }
            change = .consumable(
                Consumable(kind: kind, serial: serial, part: part, lot: lot, capacity: capacity))
        case "mount":
            guard let cell else { throw ValidationError("Give --cell.") }
            change = .consumableMoved(
                id, from: .vault, to: .mounted, line: profile.id, cell: try StockOptions.cell(cell, of: profile),
                reason: "mounted", certificate: nil)
        case "unmount":
            change = .consumableMoved(
                id, from: .mounted, to: .spent, line: profile.id, cell: nil, reason: "spent", certificate: nil)
        case "missing":
            let (books, _) = try await options.open()
            try await books.missing(id, reason: "missing", by: options.person)
            return say(id)
        default: throw ValidationError("`\(act)` is not receive, mount, unmount or missing.")
        }
        let (books, _) = try await options.open()
        try await books.change(change, by: options.person)
        say(id)
    }

    private func say(_ id: ConsumableID) {
        let words = [
            "receive": "is in the vault", "mount": "is mounted", "unmount": "is spent", "missing": "is missing",
        ]
        options.say(
            ["consumable": .string(id.rawValue), "act": .string(act)], schema: "sakk.stock-supply/1",
            "\(id) \(words[act] ?? act).")
    }
}

struct StockReportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report", abstract: "What is where: accounts, lots, supplies, custody, void booklets.",
        discussion: "A line whose shift is open is left out: its figures are for the blind count to find.")

    @OptionGroup var line: LineOptions
    @Flag(help: "One JSON object (sakk.stock-report/1).") var json = false

    func run() async throws {
        let books = try await line.openLedger(try line.profile())
        let rows = try await books.read(StockAccountsQuery())
        let lots = try await books.read(LotsQuery())
        let supplies = try await books.read(ConsumablesQuery())
        let custody = try await books.read(CustodyQuery())
        let void = try await books.read(VoidNumbersQuery())
        guard json else {
            for row in rows {
                print("\(row.stock)  \(row.account.rawValue)\(row.line.map { "  line \($0)" } ?? "")  \(row.count)")
            }
            for lot in lots {
                print("lot \(lot.id)  \(lot.count) received\(lot.hold.map { "  HELD: \($0)" } ?? "")")
            }
            for row in supplies {
                print("\(row.supply.id)  \(row.account.rawValue)  \(row.attempts) of \(row.supply.capacity)")
            }
            for row in custody { print("\(row.card.blank)  with \(row.card.person), \(row.card.place)") }
            print("\(void.count) booklet numbers are void")
            return
        }
        let value: JSONValue = [
            "accounts": .array(
                rows.map {
                    [
                        "stock": .string($0.stock), "account": .string($0.account.rawValue),
                        "line": $0.line.map { .string($0) } ?? .null, "count": .integer(Int64($0.count)),
                    ]
                }),
            "lots": .array(
                lots.map {
                    [
                        "stock": .string($0.id.stock), "lot": .string($0.id.lot), "received": .integer(Int64($0.count)),
                        "hold": $0.hold.map { .string($0) } ?? .null,
                        "chip_lot": $0.chipLot.map { .string($0) } ?? .null,
                    ]
                }),
            "supplies": .array(
                supplies.map {
                    [
                        "consumable": .string($0.supply.id.rawValue), "account": .string($0.account.rawValue),
                        "attempts": .integer(Int64($0.attempts)), "capacity": .integer(Int64($0.supply.capacity)),
                    ]
                }),
            "custody": .array(
                custody.map {
                    [
                        "blank": .string($0.card.blank.rawValue), "person": .string($0.card.person),
                        "place": .string($0.card.place), "since": .string($0.since.iso8601),
                    ]
                }),
            "void": .array(
                void.map {
                    [
                        "blank": .string($0.blank.rawValue), "number": .string($0.number),
                        "reason": .string($0.reason), "voided_at": .string($0.voidedAt.iso8601),
                    ]
                }),
        ]
        print(value.document(schema: "sakk.stock-report/1"))
    }
}
