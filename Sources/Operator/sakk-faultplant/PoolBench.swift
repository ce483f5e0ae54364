import Foundation
import Ground
import PlantPrinter
import Printers
import Stations
import Synchronization
import USBTransport

/// A cable behind which the machine takes its time, as a real one does: rollers, head, and the long wait before it says that
/// a card is stuck.
final class PacedCable: BulkDevice, @unchecked Sendable {
    struct Pace: Sendable {
        var commandMicroseconds: UInt32 = 300
        var panelMicroseconds: UInt32 = 40_000
        var moveMicroseconds: UInt32 = 60_000
        var jamMicroseconds: UInt32 = 3_000_000
    }

    private let inner: MemoryCable
    private let table: CardTable
    private let pace: Pace

    init(_ inner: MemoryCable, _ table: CardTable, _ pace: Pace) {
        self.inner = inner
        self.table = table
        self.pace = pace
    }

    var connection: String { inner.connection }
    func deviceID() throws(SakkError) -> String? { try inner.deviceID() }
    func softReset() throws(SakkError) { try inner.softReset() }
    func massStorageReset() throws(SakkError) { try inner.massStorageReset() }
    func portStatus() throws(SakkError) -> UInt8? { try inner.portStatus() }
    func close() { inner.close() }

    func send(_ bytes: Bytes, timeoutMS: Int) throws(SakkError) {
        let before = (table.position, table.fired)
        try inner.send(bytes, timeoutMS: timeoutMS)
        if table.fired != before.1 {
            usleep(pace.jamMicroseconds)
        } else if bytes.count > 10_000 {
            usleep(pace.panelMicroseconds)
        } else {
            usleep(table.position != before.0 ? pace.moveMicroseconds : pace.commandMicroseconds)
        }
    }

    func receive(upTo count: Int, timeoutMS: Int) throws(SakkError) -> Bytes {
        try inner.receive(upTo: count, timeoutMS: timeoutMS)
    }
}

/// Many printers in one process, one of them jams: what that costs the others.
struct PoolBench {
    let printers: Int
    let cards: Int

    struct Round {
        /// Milliseconds of each card of the printers that are not disturbed.
        var times: [Double] = []
        /// Of the card that jammed.
        var jam: Double = 0
        func at(_ share: Double) -> Double {
            let sorted = times.sorted()
            return sorted.isEmpty ? 0 : sorted[min(Int(Double(sorted.count) * share), sorted.count - 1)]
        }
        var longest: Double { times.max() ?? 0 }
    }

    /// One machine with its driver.
    private final class Place: Sendable {
        let printer: EvolisPrinter
        private let world: Mutex<World>

        /// Touched by the driver's thread, and by the task before it works.
        private struct World: @unchecked Sendable {
            let table: CardTable
            let firmware: EvolisMachine
        }

        init(_ number: Int, cards: Int) {
            let serial = "POOL-\(number)"
            let table = CardTable(cards: cards, ribbon: "ymckok", hasBooklets: false, decode: { _, _ in (1, true) })
            let firmware = EvolisMachine(
                plate: MachinePlate(model: "KC200B", serial: serial, firmware: "1"), mechanism: table)
            let world = World(table: table, firmware: firmware)
            self.world = Mutex(world)
            printer = EvolisPrinter(
                EvolisConfiguration(
                    vendorID: 0x0F49, serial: serial, model: "KC200B", knownFirmware: ["1"],
                    refusesUnknownFirmware: true, rasterWidth: 648, rasterHeight: 1016, ribbon: "ymckok",
                    commandTimeoutMS: 2000, moveTimeoutMS: 5000, panelTimeoutMS: 5000, chunkBytes: 65536,
                    straysOK: true),
                open: { () throws(SakkError) in
                    PacedCable(
                        MemoryCable(world.firmware, world.table, connection: serial), world.table, PacedCable.Pace())
                })
        }

        func jam() { world.withLock { $0.table.armed = .jamFeed } }
    }

    func run() async throws -> (quiet: Round, disturbed: Round) {
        let places = (0..<printers).map { Place($0, cards: cards * 4 + 10) }
        for place in places { _ = try await place.printer.connect() }
        // what is done once is done before
        _ = try await round(places, cards: 1)
        let quiet = try await round(places, cards: cards)
        places[0].jam()
        let disturbed = try await round(places, cards: cards)
        for place in places { await place.printer.disconnect() }
        return (quiet, disturbed)
    }

    private func round(_ places: [Place], cards: Int) async throws -> Round {
        try await withThrowingTaskGroup(of: (Int, [Double], Bool).self) { group in
            for (index, place) in places.enumerated() {
                group.addTask {
                    var times: [Double] = []
                    var failed = false
                    for card in 0..<cards where !failed {
                        let begun = SystemTime().boot().microseconds
                        do throws(SakkError) {
                            try await PoolBench.card(place.printer, "P-\(index)-\(card)")
                        } catch {
                            guard error.code == "printer.feed" || error.code == "printer.jam" || index == 0 else {
                                throw error
                            }
                            failed = true
                        }
                        times.append(Double(SystemTime().boot().microseconds - begun) / 1000)
                    }
                    return (index, times, failed)
                }
            }
            var round = Round()
            for try await (index, times, failed) in group {
                if failed { round.jam = times.last ?? 0 }
                if index > 0 { round.times += times }
            }
            return round
        }
    }

    private static func card(_ printer: EvolisPrinter, _ name: String) async throws(SakkError) {
        try await printer.feed(to: .contactless)
        try await printer.move(to: .print)
        try await printer.present(.front)
        let panels = [Panel.yellow, .magenta, .cyan, .black, .overlay].map { panel in
            PanelRaster(
                side: .front, panel: panel, width: 1016, height: 648,
                pixels: Bytes(repeating: panel == .overlay ? 255 : 90, count: 1016 * 648))
        }
        let back = PanelRaster(
            side: .back, panel: .black, width: 1016, height: 648, pixels: Bytes(repeating: 0, count: 1016 * 648))
        try await printer.print(
            PrintJob(attempt: AttemptID(name), ribbon: "ymckok", panels: panels + [back]))
        try await printer.eject(.good)
    }
}
