import ArgumentParser
import Catalog
import Ground
import Printers
import Stations

struct PrinterCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "printer", abstract: "One printer by hand: the line must not hold it.",
        discussion: """
            status and counters only ask; reset is refused while anything is inside. What moves a card is for a bench: on a \
            production line each act belongs in the books, so clean, test-card, eject and reject are refused there.
            """,
        subcommands: [Status.self, Counters.self, Clean.self, TestCard.self, Eject.self, Reject.self, Reset.self])

    struct Choice: ParsableArguments {
        @OptionGroup var line: LineOptions
        @Option(help: "Name of the cell; not needed when the line has one.") var cell: String?
        @Flag(help: "One JSON object.") var json = false

        func open() throws(SakkError) -> (LineProfile, LineProfile.Cell, any ServicePrinter) {
            let profile = try line.profile()
            let product = try ProductProfile(folder: profile.profile)
            guard let cell = profile.cells.first(where: { cell == nil || $0.id.rawValue == cell }) else {
                throw SakkError(
                    "config.cell", source: profile.path, subject: cell,
                    text: "The line has no such cell: \(profile.cells.map(\.id.rawValue).joined(separator: ", ")).",
                    remedy: "Name one of them with --cell.")
            }
            guard self.cell != nil || profile.cells.count == 1 else {
                throw SakkError(
                    "config.cell", source: profile.path,
                    text: "The line has several cells: \(profile.cells.map(\.id.rawValue).joined(separator: ", ")).",
                    remedy: "Name one of them with --cell.")
            }
            return (profile, cell, try PrinterBuilder.printer(of: cell, for: product))
        }

        /// Opens, works, and gives the printer back whatever happened.
        func use<Value>(
            _ moves: Bool = false, _ body: (any ServicePrinter, PrinterIdentity) async throws -> Value
        ) async throws -> Value {
            let (profile, _, printer) = try open()
            if moves, profile.mode == .production {
                throw SakkError(
                    "printer.bench", source: profile.path,
                    text: "A production line's printer moves cards by the books only.",
                    remedy: "Use the line's own commands (`sakk line`), or a bench configuration with `mode: training`."
                )
            }
            let identity = try await printer.connect()
            do {
                let value = try await body(printer, identity)
                await printer.disconnect()
                return value
            } catch {
                await printer.disconnect()
                throw error
            }
        }
    }

    struct Status: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Identity, position, state, supplies; exit 4 when a person must come.")
        @OptionGroup var choice: Choice

        func run() async throws {
            let (identity, status, details) = try await choice.use { printer, identity in
                (identity, try await printer.status(), try await printer.details())
            }
            let report = PrinterReport(identity: identity, status: status, details: details)
            print(choice.json ? report.json : report.text)
            if !status.reasons.isEmpty { throw Exit.held }
        }
    }

    struct Counters: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Every counter that the printer keeps.")
        @OptionGroup var choice: Choice

        func run() async throws {
            let details = try await choice.use { printer, _ in try await printer.details() }
            if choice.json {
                let fields = details.counters.map { ($0.name, JSONValue.integer(Int64($0.value))) }
                print(
                    JSONValue.object(Dictionary(uniqueKeysWithValues: fields)).document(
                        schema: "sakk.printer-counters/1"))
            } else {
                for counter in details.counters { print("\(counter.name)\t\(counter.value)") }
            }
        }
    }

    struct Clean: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Runs the cleaning card that lies alone in the hopper.")
        @OptionGroup var choice: Choice

        func run() async throws {
            try await choice.use(true) { printer, _ in try await printer.clean() }
            Words.say("The cleaning card went through.")
        }
    }

    struct TestCard: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "test-card",
            abstract:
                "Feeds a blank, prints a ruler, wedges and a frame on both sides, lets it out by the reject exit.",
            discussion: "The blank is a set-up card: enter it as such with `sakk blank`.")
        @OptionGroup var choice: Choice

        func run() async throws {
            let (profile, cell, _) = try choice.open()
            let product = try ProductProfile(folder: profile.profile)
            let model = try PrinterModel(path: cell.printerModel)
            let job = TestCardArt.job(
                ribbon: cell.ribbon ?? product.ribbon, width: model.imageWidth, height: model.imageHeight)
            try await choice.use(true) { printer, _ in
                try await printer.feed(to: .print)
                do {
                    try await printer.print(job)
                } catch {
                    // whatever is on it, it must not stay inside
                    try? await printer.eject(.reject)
                    throw error
                }
                try await printer.eject(.reject)
            }
            Words.say("A test card lies in the reject box: enter it as set-up.")
        }
    }

    struct Eject: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lets the card inside out by the good exit.")
        @OptionGroup var choice: Choice
        func run() async throws {
            try await choice.use(true) { printer, _ in try await printer.eject(.good) }
            Words.say("The card left by the good exit.")
        }
    }

    struct Reject: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lets the card inside out by the reject exit.")
        @OptionGroup var choice: Choice
        func run() async throws {
            try await choice.use(true) { printer, _ in try await printer.eject(.reject) }
            Words.say("The card left by the reject exit.")
        }
    }

    struct Reset: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Resets the machine by its own command, with nothing inside, and says how it came back.")
        @OptionGroup var choice: Choice

        func run() async throws {
            let report = try await choice.use { printer, _ in
                let identity = try await printer.reset()
                return PrinterReport(
                    identity: identity, status: try await printer.status(), details: try await printer.details())
            }
            print(choice.json ? report.json : report.text)
        }
    }
}

/// What one printer says of itself, for people and for programs.
struct PrinterReport {
    let identity: PrinterIdentity
    let status: PrinterStatus
    let details: PrinterDetails

    private var place: String {
        switch status.position {
        case .none: "empty"
        case .at(let station): "card at \(station.rawValue)"
        case .somewhere: "card between stations"
        }
    }

    private var reasons: [String] { status.reasons.map(\.rawValue).sorted() }

    var text: String {
        var lines = [
            "\(identity.model) \(identity.serial)  \(identity.family), firmware \(identity.firmware), "
                + identity.connection,
            "  state     " + (reasons.isEmpty ? "ready" : reasons.joined(separator: ", ")),
            "  path      \(place)",
        ]
        let ribbon = details.ribbonCards.map { "\($0) cards" } ?? "none"
        let lot = details.ribbonLot.map { ", lot \($0)" } ?? ""
        if details.tellsLife {
            lines.append("  ribbon    \(ribbon)\(lot)")
        }
        if let cleaning = details.cleaningCards { lines.append("  cleaning  due in \(cleaning) cards") }
        if let forecast = details.forecast { lines.append("  forecast  \(forecast) cards until a person has to come") }
        lines.append(
            "  life      "
                + (details.tellsLife
                    ? "\(status.counters.cards) cards, \(status.counters.panels) panels"
                    : "the machine tells no counters"))
        return lines.joined(separator: "\n")
    }

    var fields: [String: JSONValue] {
        func number(_ value: Int?) -> JSONValue { value.map { .integer(Int64($0)) } ?? .null }
        return [
            "family": .string(identity.family), "model": .string(identity.model), "serial": .string(identity.serial),
            "firmware": .string(identity.firmware), "connection": .string(identity.connection),
            "reasons": .array(reasons.map { .string($0) }), "position": .string(place),
            "ribbon_cards": number(details.ribbonCards), "ribbon_lot": details.ribbonLot.map { .string($0) } ?? .null,
            "cleaning_cards": number(details.cleaningCards), "forecast_cards": number(details.forecast),
            "cards": number(details.tellsLife ? status.counters.cards : nil),
            "panels": number(details.tellsLife ? status.counters.panels : nil),
        ]
    }

    var json: String { JSONValue.object(fields).document(schema: "sakk.printer-status/1") }
}
