import ArgumentParser
import Catalog
import Foundation
import Ground
import Ledger

struct ShiftCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "shift", abstract: "Opens, counts and closes the shifts of a line.",
        subcommands: [
            ShiftOpenCommand.self, ShiftCountCommand.self, ShiftSuppliesCommand.self, ShiftCloseCommand.self,
            ShiftReportCommand.self, ShiftListCommand.self,
        ])
}

extension Books {
    /// The shift that is named, or the one that is open.
    func shift(_ name: String?, of line: LineID) async throws -> ShiftID {
        if let name { return ShiftID(name) }
        guard let open = try await read(OpenShiftQuery(line: line)) else {
            throw SakkError(
                "shift.none", source: "line \(line)", text: "No shift of this line is open.",
                remedy: "Open one (sakk shift open), or name a closed one (sakk shift list).")
        }
        return open
    }
}

struct ShiftOpenCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "open", abstract: "Opens a shift; what is in the line's hands is carried in.")

    @OptionGroup var options: StockOptions
    @Option(help: "The factory day, YYYY-MM-DD; a night shift keeps the day it begins on.") var day: String
    @Option(help: "Name of the shift within the day.") var name = "1"

    func run() async throws {
        guard let day = FactoryDay(day) else { throw ValidationError("--day is YYYY-MM-DD.") }
        let (books, profile) = try await options.open()
        let shift = try await books.openShift(
            profile.id, day: day, name: name, cells: profile.cells.map(\.id), by: options.person)
        options.say(["shift": .string(shift.rawValue)], schema: "sakk.shift-open/1", "Shift \(shift) is open.")
    }
}

struct ShiftCountCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "count",
        abstract: "Puts down what was counted at one cell, before anybody sees what the books hold.",
        discussion: "A second count of a cell is another person's. When every cell is counted the report compares.")

    @OptionGroup var options: StockOptions
    @Option(help: "The cell.") var cell: String
    @Option(help: "Cards in the hopper.") var hopper: Int
    @Option(help: "Cards in the good tray.") var good: Int
    @Option(help: "Spoiled cards in the reject tray.") var reject: Int
    @Option(help: "Held cards in the reject tray.") var held: Int

    func run() async throws {
        let (books, profile) = try await options.open()
        let shift = try await books.shift(nil, of: profile.id)
        try await books.countShift(
            ShiftCount(
                shift: shift, cell: CellID(cell), person: options.person,
                counts: PlaceCounts(hopper: hopper, good: good, reject: reject, held: held)))
        let open = try await books.read(ShiftStateQuery(shift)).notCounted
        options.say(
            ["shift": .string(shift.rawValue), "cell": .string(cell), "not_counted": .array(open.map { .string($0) })],
            schema: "sakk.shift-count/1",
            open.isEmpty
                ? "Everything is counted: see `sakk shift report`."
                : "Put down. To be counted: \(open.joined(separator: ", ")).")
    }
}

struct ShiftSuppliesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "supplies",
        abstract: "Puts down the ribbons and films that were found at the line, before anybody sees the books.",
        discussion: "Mounted, spent and waiting ones, by the serials on them. A second count is another person's.")

    @OptionGroup var options: StockOptions
    @Argument(help: "ribbon:SERIAL or film:SERIAL; none when nothing was found.") var seen: [String] = []

    func run() async throws {
        if let wrong = seen.first(where: { !ShiftCloseCommand.isSupply($0) }) {
            throw ValidationError("`\(wrong)` is not ribbon:SERIAL or film:SERIAL.")
        }
        let (books, profile) = try await options.open()
        let shift = try await books.shift(nil, of: profile.id)
        try await books.countSupplies(shift, seen: seen.map { ConsumableID($0) }, by: options.person)
        let open = try await books.read(ShiftStateQuery(shift)).notCounted
        options.say(
            [
                "shift": .string(shift.rawValue), "seen": .array(seen.map { .string($0) }),
                "not_counted": .array(open.map { .string($0) }),
            ], schema: "sakk.shift-supplies/1",
            open.isEmpty
                ? "Everything is counted: see `sakk shift report`."
                : "Put down. To be counted: \(open.joined(separator: ", ")).")
    }
}

struct ShiftCloseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "close", abstract: "Closes the shift on what was counted; every difference is a named card.")

    @OptionGroup var options: StockOptions
    @Option(
        help:
            "A card in a cell, held, in quarantine, or in no hopper: BLANK=PERSON@PLACE; a range STOCK:FIRST..LAST too."
    )
    var carried: [String] = []
    @Option(help: "A blank (STOCK:SERIAL), ribbon:SERIAL or film:SERIAL that is missing.") var missing: [String] = []
    @Option(help: "What happened; needed when something is missing.") var incident: String?
    @Option(help: "One of two people; needed when something is missing.") var first: String?
    @Option(help: "The other.") var second: String?

    static func isSupply(_ name: String) -> Bool { name.hasPrefix("ribbon:") || name.hasPrefix("film:") }

    func run() async throws {
        guard (first == nil) == (second == nil) else { throw ValidationError("Give --first and --second, or neither.") }
        let supplies = missing.filter(Self.isSupply)
        var closing = ShiftClosing(
            shift: ShiftID(""), missing: missing.filter { !Self.isSupply($0) }.map { BlankID($0) }, incident: incident)
        closing.missingSupplies = supplies.map { ConsumableID($0) }
        closing.carried = try carried.flatMap { text in
            guard let equals = text.firstIndex(of: "="), let at = text.lastIndex(of: "@"), equals < at else {
                throw ValidationError("`\(text)` is not BLANK=PERSON@PLACE.")
            }
            return StockArguments.blanks(String(text[..<equals])).map { blank in
                CarriedCard(
                    blank: blank, person: String(text[text.index(after: equals)..<at]),
                    place: String(text[text.index(after: at)...]))
            }
        }
        if let first, let second { closing.people = try TwoPeople(first, second) }
        let (books, profile) = try await options.open()
        closing.shift = try await books.shift(nil, of: profile.id)
        let balance = try await books.closeShift(closing, by: options.person)
        options.say(
            ShiftReportCommand.json(balance), schema: "sakk.shift-balance/1",
            "Shift \(closing.shift) is closed.\n  \(ShiftReportCommand.text(balance))")
    }
}
