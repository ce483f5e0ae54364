import ArgumentParser
import Catalog
import Ground
import Ledger
import Line

/// `sakk line ...`: what another terminal asks of the controller that works on a line, and what it says about itself.
struct LineCommands: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "line", abstract: "Commands to a running line (PackML), modes, line clearance, status.",
        subcommands: [
            LineStatusCommand.self, LineStart.self, LineHold.self, LineUnhold.self, LineStop.self, LineAbort.self,
            LineClear.self, LineReset.self, LineMode.self, LineClearance.self, LineChallenge.self, LineArticle.self,
            LineRepaired.self, LineAttended.self,
        ])
}

/// Who asks, and why.
struct OrderOptions: ParsableArguments {
    @OptionGroup var line: LineOptions
    @Option(help: "One cell; all of them when none is named.") var cell: String?
    @Option(help: "The person who is answerable.") var by: String
    @Option(help: "Why, in a few words without names or numbers of holders.") var why: String = ""

    func validate() throws {
        guard !by.isEmpty, by.count <= 60 else { throw ValidationError("--by needs a name.") }
        // a document number would stay in the journal for ever
        guard why.count <= 80, why.count(where: \.isNumber) < 6 else {
            throw ValidationError("--why: at most 80 characters and no numbers of documents.")
        }
    }

    func ask(_ word: LineCommand.Word, _ facts: [String: JSONValue] = [:]) async throws {
        let profile = try line.profile()
        let store = try await line.openLedger(profile)
        var facts = facts
        if !why.isEmpty { facts["why"] = .string(why) }
        let answer = try await LineDesk(profile: profile, store: store).ask(
            word, cell: cell.map { CellID($0) }, by: by, facts: facts
        ) { () throws(SakkError) in
            let product = try ProductProfile(folder: profile.profile)
            let builder = CellBuilder(
                line: profile, product: product, pictures: nil, wrongCards: try line.wrongCards(profile))
            return LineController(cells: try builder.cells(line, actor: by), store: store)
        }
        print(answer.text)
    }
}

struct LineStart: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "start", abstract: "Idle cells begin.")
    @OptionGroup var order: OrderOptions
    func run() async throws { try await order.ask(.start) }
}

struct LineHold: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hold", abstract: "Holds after the card that is in the machine.")
    @OptionGroup var order: OrderOptions
    func run() async throws { try await order.ask(.hold) }
}

struct LineUnhold: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "unhold", abstract: "The cause of the hold was looked after: look at the machine and go on.")
    @OptionGroup var order: OrderOptions
    func run() async throws { try await order.ask(.unhold) }
}

struct LineStop: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stop", abstract: "Stops after the card that is in the machine.")
    @OptionGroup var order: OrderOptions
    func run() async throws { try await order.ask(.stop) }
}

struct LineAbort: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "abort", abstract: "Lets go before the next act; the card stays where it is.")
    @OptionGroup var order: OrderOptions
    func run() async throws { try await order.ask(.abort) }
}

struct LineClear: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "clear", abstract: "Looks at aborted cells and finishes what lies in them.")
    @OptionGroup var order: OrderOptions
    func run() async throws { try await order.ask(.clear) }
}

struct LineReset: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reset", abstract: "Stopped or complete cells become idle.")
    @OptionGroup var order: OrderOptions
    func run() async throws { try await order.ask(.reset) }
}

struct LineMode: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mode", abstract: "Sets the mode of cells that are stopped, idle or aborted.")
    @OptionGroup var order: OrderOptions
    @Argument(help: "production, maintenance, manual or training.") var mode: String

    func run() async throws {
        guard UnitMode(rawValue: mode) != nil else {
            throw ValidationError("A mode is one of: \(UnitMode.allCases.map(\.rawValue).joined(separator: ", ")).")
        }
        guard !order.why.isEmpty else { throw ValidationError("A change of mode needs --why.") }
        try await order.ask(.mode, ["mode": .string(mode)])
    }
}

struct LineClearance: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "clearance",
        abstract: "A cell was emptied for another product or batch: what was seen and counted there.")
    @OptionGroup var order: OrderOptions
    @Flag(help: "The person looked into the hopper: it is empty.") var hopperEmpty = false
    @Flag(help: "The person looked into the machine: it is empty.") var machineEmpty = false
    @Option(help: "Cards taken out of the boxes: CELL=HOPPER,GOOD,REJECT.") var counted: CountedCards

    func run() async throws {
        var order = order
        order.cell = counted.cell
        let counts = counted.counts
        try await order.ask(
            .clearance,
            [
                "hopper_empty": .bool(hopperEmpty), "machine_empty": .bool(machineEmpty),
                "hopper": .integer(Int64(counts.hopper)), "good": .integer(Int64(counts.good)),
                "reject": .integer(Int64(counts.reject)),
            ])
    }
}
