import Ground
import Ledger
import Stations
import Synchronization
import Testing

@testable import Line

/// Several cells of one line in one process.
struct CellsTests {
    private func judge(_ factory: Factory) throws -> [String] {
        try Judge.findings(MemoryPlant(all: factory.plants), factory.path)
    }

    @Test func `Three cells share the queue, and a jam in one leaves the others alone`() async throws {
        let factory = try await Factory(records: 12, cards: 14, faults: [.jam(card: 15)], cells: 3)
        let ledger = try await factory.ledger()
        let summary = try await factory.controller(ledger).run()
        #expect(summary.state == .held && summary.code == "line.card.jammed" && summary.done == 11)
        #expect(summary.cells.map(\.state) == [.complete, .held, .complete])
        #expect(summary.cells.reduce(0) { $0 + $1.done } == 11 && summary.cells[1].done == 0)
        let counts = try Judge.counts(factory.path)
        #expect(counts.good == 11)
        // the person clears the second cell, and the record is made again
        factory.plants[1].takeOut()
        let again = try await factory.controller(ledger).run(acknowledgedBy: "operator")
        #expect(again.cells.map(\.state) == [.complete, .held, .complete])
        #expect(again.cells[1].code == "line.card.search")
        factory.plants[1].layOnDesk(15)
        let settled = try await factory.controller(ledger).settleFound(
            in: nil, at: MemoryChipStation(plant: factory.plants[1], desk: true), by: "operator")
        #expect(settled.decision == .spoiled)
        factory.plants[1].put(15, good: false)
        let last = try await factory.controller(ledger).run(acknowledgedBy: "operator")
        #expect(last.state == .complete && last.done == 1)
        #expect(try judge(factory) == [])
    }

    @Test func `A cell whose devices cannot be claimed is left out and the others run`() async throws {
        let factory = try await Factory(records: 4, cards: 6, cells: 3)
        factory.wrapCell = { number, stations in
            number == 2 ? Lies.with(stations, printer: AbsentPrinter(inner: stations.printer)) : stations
        }
        let summary = try await factory.controller(factory.ledger()).run()
        #expect(summary.cells.map(\.state) == [.complete, .aborted, .complete])
        #expect(summary.cells[1].code == "usb.absent" && summary.done == 4)
        #expect(try judge(factory) == [])
    }

    @Test func `A target is the line's and is met exactly`() async throws {
        let factory = try await Factory(records: 9, cards: 9, faults: [.missingPanel(card: 10)], cells: 3)
        let summary = try await factory.controller(factory.ledger()).run(target: 5)
        #expect(summary.done == 5 && summary.rejects == 1)
    }

    @Test func `A cell that ends lets go of the record that it claimed ahead`() async throws {
        let factory = try await Factory(records: 6, cards: 8, faults: [.jam(card: 1)])
        factory.adjust = { $0.preparesAhead = true }
        let summary = try await factory.controller(factory.ledger()).run()
        #expect(summary.state == .held)
        let waiting = try Judge.strings(
            factory.path, "SELECT state FROM attempt WHERE state = 'claimed'")
        #expect(waiting.isEmpty)
    }

    @Test func `An act is not begun under a lease that is about to end, and a new controller goes on`() async throws {
        let time = ManualTime()
        let factory = try await Factory(records: 2, cards: 3)
        factory.time = time
        factory.adjust = {
            $0.leaseDuration = 30_000_000
            $0.pause = { _ in try await Task.sleep(for: .seconds(3600)) }
        }
        let once = Mutex(true)
        factory.wrap = { stations in
            Lies.with(
                stations,
                chip: HookedChip(
                    inner: stations.chip,
                    seen: { presence in
                        let first = once.withLock { once in
                            defer { once = false }
                            return once
                        }
                        if first { time.advance(26_000_000) }
                        return presence
                    }))
        }
        var error: SakkError?
        do { _ = try await factory.controller(factory.ledger()).run() } catch let caught { error = caught }
        #expect(error?.code == "line.lease.expired" && error?.outcome == .notDone)
        #expect(factory.plant.world.withLock { $0.cards.values.allSatisfy { $0.document == nil } })
        try await factory.runToTheEnd()
        #expect(try judge(factory) == [])
        #expect(try Judge.counts(factory.path) == Judge.Counts(good: 2, spoiled: 0, held: 0, unknown: 0))
    }

    @Test func `A heartbeat keeps the lease of a line whose cards take longer than it`() async throws {
        let time = ManualTime()
        let factory = try await Factory(records: 2, cards: 3)
        factory.time = time
        let ledger = try await factory.ledger()
        let (beats, beat) = AsyncStream.makeStream(of: Void.self)
        let heard = Mutex(0)
        factory.adjust = { configuration in
            configuration.leaseDuration = 30_000_000
            configuration.pause = { _ in
                heard.withLock { $0 += 1 }
                var next = beats.makeAsyncIterator()
                guard await next.next() != nil, !Task.isCancelled else { throw CancellationError() }
            }
        }
        factory.wrap = { stations in
            Lies.beforePrint(stations) { () async throws(SakkError) in
                // two thirds of the lease pass while this card is at the printer, three times
                for _ in 0..<3 {
                    let before = heard.withLock { $0 }
                    time.advance(20_000_000)
                    beat.yield()
                    while heard.withLock({ $0 }) == before { await Task.yield() }
                }
            }
        }
        let summary = try await factory.controller(ledger).run()
        #expect(summary.state == .complete && summary.done == 2)
    }

    @Test func `When another controller takes the line over no cell does anything more`() async throws {
        let factory = try await Factory(records: 12, cards: 8, cells: 3)
        let ledger = try await factory.ledger()
        let line = factory.line
        let usurped = Mutex(false)
        factory.wrapCell = { number, stations in
            guard number == 2 else { return stations }
            return Lies.beforePrint(stations) { () async throws(SakkError) in
                let first = usurped.withLock { usurped in
                    defer { usurped = true }
                    return !usurped
                }
                if first { _ = try await ledger.takeOver(line, by: LeaseHolder(name: "other", host: "host")) }
            }
        }
        var error: SakkError?
        do { _ = try await factory.controller(ledger).run() } catch let caught { error = caught }
        #expect(error?.code == "ledger.epoch.stale")
        let after = try Judge.strings(
            factory.path,
            """
            SELECT kind FROM journal WHERE log = 'line-1' AND epoch = (SELECT MAX(epoch) FROM journal WHERE log = 'line-1')
            AND kind NOT IN ('line.taken', 'observation.late')
            """)
        #expect(after.isEmpty)
        try await factory.runToTheEnd()
        #expect(try judge(factory) == [])
        #expect(try Judge.counts(factory.path).good == 12)
    }

    @Test func `A crash of three cells at any point loses nothing and doubles nothing`() async throws {
        let faults: Set<MemoryPlant.Fault> = [.mute(card: 1), .missingPanel(card: 7)]
        var wrong: [String] = []
        for point in stride(from: 3, to: 400, by: 17) {
            let factory = try await Factory(records: 5, cards: 6, faults: faults, cells: 3)
            try await CrashScope(at: point).run { _ = try await factory.runToTheEnd() }
            wrong += try judge(factory).map { "crash at point \(point): \($0)" }
            if try Judge.counts(factory.path).good != 5 { wrong.append("crash at point \(point): not all good") }
        }
        #expect(wrong.isEmpty, "\(wrong.joined(separator: "\n"))")
    }
}

/// Boot and wall clock that move when a test says so.
final class ManualTime: TimeSource {
    private let now = Mutex<Int64>(1_000_000_000)
    func advance(_ microseconds: Int64) { now.withLock { $0 += microseconds } }
    func wall() -> WallTime { WallTime(microseconds: 1_700_000_000_000_000 + now.withLock { $0 }) }
    func boot() -> BootTime { BootTime(boot: "test", microseconds: now.withLock { $0 }) }
}

struct AbsentPrinter: CardPrinter {
    let inner: any CardPrinter
    private var absent: SakkError {
        SakkError("usb.absent", source: "test", text: "no such device", remedy: "none")
    }
    func connect() async throws(SakkError) -> PrinterIdentity { throw absent }
    func status() async throws(SakkError) -> PrinterStatus { throw absent }
    func feed(to station: PrinterStation) async throws(SakkError) { throw absent }
    func move(to station: PrinterStation) async throws(SakkError) { throw absent }
    func print(_ job: PrintJob) async throws(SakkError) { throw absent }
    func present(_ side: CardSide) async throws(SakkError) { throw absent }
    func eject(_ exit: CardExit) async throws(SakkError) { throw absent }
    func disconnect() async {}
}
