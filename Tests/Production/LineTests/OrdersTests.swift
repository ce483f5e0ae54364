import Foundation
import Ground
import Ledger
import Stations
import Synchronization
import Testing

@testable import Line

/// A line that waits and goes on, and what other terminals ask of it.
struct OrdersTests {
    /// A controller at work, and a terminal beside it.
    final class Shop: Sendable {
        let ledger: Books
        let controller: LineController
        let run: Task<RunSummary, any Error>
        private let number = Mutex(0)

        init(
            _ factory: Factory, until end: RunEnd, adjust: @escaping (inout LineConfiguration) -> Void = { _ in }
        ) async throws {
            factory.adjust = { configuration in
                adjust(&configuration)
                configuration.preparesAhead = false
                configuration.commandsEvery = 1
                configuration.looksEvery = 1
                configuration.pause = { _ in try await Task.sleep(for: .milliseconds(1)) }
            }
            ledger = try await factory.ledger()
            let controller = factory.controller(ledger)
            self.controller = controller
            run = Task { try await controller.run(until: end) }
        }

        /// Waits for a state with this code; a run that ends without it fails the test.
        func reaches(_ state: PackMLState, _ code: String? = nil, cell: Int = 1) async throws {
            let ended = Mutex(false)
            let watch = Task {
                _ = try? await run.value
                ended.withLock { $0 = true }
            }
            defer { watch.cancel() }
            while true {
                let cells = try await ledger.read(CellsQuery(line: LineID("line-1")))
                let unit = cells.first { $0.cell == CellID("cell-\(cell)") }?.unit
                if unit?.state == state, unit?.code == code { return }
                try #require(!ended.withLock { $0 }, "ended as \(String(describing: unit))")
                await Task.yield()
            }
        }

        @discardableResult
        func ask(_ word: LineCommand.Word, _ facts: [String: JSONValue] = [:], cell: String? = nil) async throws
            -> CommandAnswer
        {
            let id = number.withLock { number in
                number += 1
                return "command-\(number)"
            }
            let command = LineCommand(
                id: id, line: LineID("line-1"), cell: cell.map { CellID($0) }, word: word, actor: "Amal", facts: facts)
            try await ledger.commit(Transition(plant: .queue, actor: "Amal", changes: [.command(command)]))
            while true {
                if let answer = try await ledger.read(CommandAnswerQuery(id: id)) { return answer }
                await Task.yield()
            }
        }
    }

    @Test(arguments: ["record.standing.old", "record.standing.unreachable"])
    func `A line that nobody answers waits, writes nothing, and goes on by itself when somebody does`(code: String)
        async throws
    {
        let factory = try await Factory(records: 2, cards: 3)
        let source = SilentStanding(code: SakkError.Code(stringLiteral: code), answersBefore: 1)
        factory.wrap = { Lies.with($0, standing: source) }
        let shop = try await Shop(factory, until: .complete)
        try await shop.reaches(.suspended, code)
        let rows = try Judge.strings(factory.path, "SELECT seq FROM journal")
        let asked = source.asked
        while source.asked < asked + 20 { await Task.yield() }
        #expect(try Judge.strings(factory.path, "SELECT seq FROM journal") == rows)
        source.speak()
        let summary = try await shop.run.value
        #expect(summary.state == .complete && summary.done == 2)
        #expect(try Judge.findings(factory.plant, factory.path) == [])
    }

    @Test func `A line without blanks goes on when they are in the books`() async throws {
        let factory = try await Factory(records: 3, cards: 3)
        let taken = try await factory.ledger()
        let third = try await taken.blanks(.hopper(factory.line, CellID("cell-1"), limit: 9))[2].blank
        try await taken.commit(
            Transition(
                plant: .vault, actor: "test",
                changes: [.move(third, from: .line, to: .vault, reason: "test", attempt: nil)]))
        let shop = try await Shop(factory, until: .complete)
        try await shop.reaches(.suspended, "line.stock.empty")
        try await taken.commit(
            Transition(
                plant: .vault, actor: "test",
                changes: [
                    .move(third, from: .vault, to: .line, reason: "test", attempt: nil),
                    .hopper(third, factory.line, CellID("cell-1")),
                ]))
        #expect(try await shop.run.value.done == 3)
        #expect(try Judge.findings(factory.plant, factory.path) == [])
    }

    @Test func `Asked to end while it waits, the line ends in the state it is in`() async throws {
        let factory = try await Factory(records: 2, cards: 3)
        factory.wrap = { Lies.with($0, standing: SilentStanding(code: "record.standing.old", answersBefore: 0)) }
        let shop = try await Shop(factory, until: .asked)
        try await shop.reaches(.suspended, "record.standing.old")
        await shop.controller.stop()
        #expect(try await shop.run.value.state == .suspended)
    }

    @Test func `A jam is settled from another terminal while the line waits, and the record is made again`()
        async throws
    {
        let factory = try await Factory(records: 2, cards: 4, faults: [.jam(card: 1)])
        let shop = try await Shop(factory, until: .complete)
        try await shop.reaches(.held, "line.card.jammed")
        #expect(try await shop.ask(.start).code == "line.command")
        factory.plant.takeOut()
        #expect(try await shop.ask(.unhold).isAccepted)
        try await shop.reaches(.held, "line.card.search")
        factory.plant.layOnDesk(1)
        #expect(try await shop.ask(.settle, ["found": "elsewhere"]).text.hasPrefix("spoiled"))
        factory.plant.put(1, good: false)
        factory.plant.layOnDesk(nil)
        try await shop.ask(.unhold)
        let summary = try await shop.run.value
        #expect(summary.state == .complete && summary.done == 2)
        #expect(try Judge.findings(factory.plant, factory.path) == [])
    }

    @Test func `PackML's commands take a line through its states, and who asked is in the journal`() async throws {
        let factory = try await Factory(records: 2, cards: 3)
        let shop = try await Shop(factory, until: .asked)
        try await shop.reaches(.complete)
        #expect(try await shop.ask(.hold).code == "line.command")
        #expect(try await shop.ask(.reset).isAccepted)
        try await shop.reaches(.idle)
        #expect(try await shop.ask(.mode, ["mode": "training", "why": "visitors"]).code == "line.mode")
        #expect(try await shop.ask(.mode, ["mode": "maintenance", "why": "rollers"]).isAccepted)
        #expect(try await shop.ask(.start).code == "line.mode")
        #expect(try await shop.ask(.mode, ["mode": "production", "why": "rollers done"]).isAccepted)
        #expect(try await shop.ask(.start, cell: "cell-9").code == "line.cells")
        #expect(try await shop.ask(.start).isAccepted)
        try await shop.reaches(.complete)
        #expect(try await shop.ask(.stop).isAccepted)
        try await shop.reaches(.stopped)
        #expect(try await shop.ask(.abort, ["why": "smoke"]).isAccepted)
        try await shop.reaches(.aborted, "line.abort.asked")
        #expect(try await shop.ask(.clear).isAccepted)
        try await shop.reaches(.stopped)
        await shop.controller.stop()
        #expect(try await shop.run.value.state == .stopped)
        let modes = try Judge.strings(
            factory.path, "SELECT CAST(subjects AS TEXT) || CAST(body AS TEXT) FROM journal WHERE kind = 'machine.mode'"
        )
        #expect(
            modes == [
                #"["Amal","cell-1"]{"mode":"maintenance","why":"rollers"}"#,
                #"["Amal","cell-1"]{"mode":"production","why":"rollers done"}"#,
            ])
    }

    @Test(arguments: [LineCommand.Word.hold, .stop])
    func `Held or stopped from another terminal, the line finishes the card that is in the machine`(
        word: LineCommand.Word
    ) async throws {
        let factory = try await Factory(records: 3, cards: 4)
        let gate = Gate()
        factory.wrap = { stations in
            Lies.beforePrint(stations) { () async throws(SakkError) in await gate.pass() }
        }
        let shop = try await Shop(factory, until: .asked)
        await gate.reached()
        #expect(try await shop.ask(word, ["why": "lunch"]).isAccepted)
        gate.open()
        try await shop.reaches(word == .hold ? .held : .stopped, word == .hold ? "line.hold.asked" : nil)
        #expect(factory.plant.world.withLock { $0.good == [1] && $0.inside == nil })
        if word == .stop {
            try await shop.ask(.reset)
            try await shop.reaches(.idle)
        }
        #expect(try await shop.ask(word == .hold ? .unhold : .start).isAccepted)
        try await shop.reaches(.complete)
        await shop.controller.stop()
        #expect(try await shop.run.value.done == 3)
        #expect(try Judge.findings(factory.plant, factory.path) == [])
    }

    @Test func `An aborted cell lets go between two acts, and goes on with the card after it was cleared`() async throws
    {
        let factory = try await Factory(records: 1, cards: 2)
        let gate = Gate()
        factory.wrap = { stations in
            Lies.beforePrint(stations) { () async throws(SakkError) in await gate.pass() }
        }
        let shop = try await Shop(factory, until: .asked)
        await gate.reached()
        #expect(try await shop.ask(.abort).isAccepted)
        gate.open()
        try await shop.reaches(.aborted, "line.abort.asked")
        #expect(factory.plant.world.withLock { $0.inside } == 1)
        for (word, state) in [(LineCommand.Word.clear, PackMLState.stopped), (.reset, .idle), (.start, .complete)] {
            #expect(try await shop.ask(word).isAccepted)
            try await shop.reaches(state)
        }
        await shop.controller.stop()
        _ = try await shop.run.value
        #expect(try Judge.counts(factory.path) == Judge.Counts(good: 1, spoiled: 0, held: 0, unknown: 0))
        #expect(try Judge.findings(factory.plant, factory.path) == [])
    }

    @Test func `A line clearance needs both evidences and the counts, and the next product begins`() async throws {
        let factory = try await Factory(records: 1, cards: 3)
        _ = try await factory.controller(factory.ledger()).run()
        let shop = try await Shop(factory, until: .asked) { $0.product = "utopia-passport" }
        try await shop.reaches(.held, "line.clearance")
        #expect(try await shop.ask(.unhold).code == "line.clearance")
        var facts: [String: JSONValue] = ["hopper": 2, "good": 1, "reject": 0, "hopper_empty": true]
        #expect(try await shop.ask(.clearance, facts).code == "line.clearance")
        facts["machine_empty"] = true
        #expect(try await shop.ask(.clearance, facts).isAccepted)
        #expect(try await shop.ask(.unhold).isAccepted)
        try await shop.reaches(.complete)
        await shop.controller.stop()
        _ = try await shop.run.value
    }

    @Test func `A command that was asked of a controller that died is refused by the next one`() async throws {
        let factory = try await Factory(records: 1, cards: 2)
        let ledger = try await factory.ledger()
        let command = LineCommand(id: "old", line: factory.line, cell: nil, word: .abort, actor: "Amal")
        try await ledger.commit(Transition(plant: .queue, actor: "Amal", changes: [.command(command)]))
        let shop = try await Shop(factory, until: .complete)
        #expect(try await shop.run.value.state == .complete)
        #expect(try await ledger.read(CommandAnswerQuery(id: "old"))?.code == "line.command.old")
    }

    @Test func `A line that is given back is free, and the desk takes it again when it is asked`() async throws {
        let factory = try await Factory(records: 1, cards: 2)
        let ledger = try await factory.ledger()
        let controller = factory.controller(ledger)
        _ = try await controller.run()
        try await controller.release()
        #expect(try await ledger.holder(of: factory.line)?.works == false)
        let error = await #expect(throws: SakkError.self) {
            try await controller.settleDestroyed(BlankID("x"), by: "a", witness: "b")
        }
        #expect(error?.code == "settle.card.unexpected")
    }
}

/// Holds whoever comes first until it is opened; others pass.
final class Gate: Sendable {
    private struct State {
        var isReached = false
        var isOpen = false
    }
    private let state = Mutex(State())

    func pass() async {
        state.withLock { $0.isReached = true }
        while !state.withLock({ $0.isOpen }) { await Task.yield() }
    }

    func reached() async {
        while !state.withLock({ $0.isReached }) { await Task.yield() }
    }

    func open() { state.withLock { $0.isOpen = true } }
}
