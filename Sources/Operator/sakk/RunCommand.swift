import ArgumentParser
import Catalog
import Connectors
import Foundation
import Ground
import Ledger
import Line
import Stations

struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Runs the line until the queue is empty or it is stopped.",
        discussion: """
            A cell that is suspended (no blanks, a stop-list that is too old, a source that does not answer) waits and \
            goes on by itself; one that is held waits for a person: sakk line unhold. Ctrl-C ends the run after the \
            card that is in the machine; the exit code is 4 when a cell was held or suspended then.
            """)

    @OptionGroup var options: LineOptions
    @Option(help: "Stop after so many good cards.") var count: Int?
    @Option(help: "Blanks that were put into the hopper and are not in the books yet.") var blanks: Int?
    @Option(help: "Lot of these blanks.") var lot = "LOT-1"
    @Option(help: "Of a line of several products, the one to make; without it the one whose blanks are in the hopper.")
    var product: String?
    @Option(help: "The cell whose hopper they were put into; the first when none is named.") var cell: String?
    @Option(help: "Who is answerable in the journal.") var operatorName = "operator"
    @Option(
        help: "After a line clearance: the cards that were counted in hopper, good box and reject box of each cell.")
    var counted: [CountedCards] = []
    @Flag(help: "The cell was looked after: go on after a hold that asks for a person.") var acknowledge = false
    @Flag(help: "End as soon as nothing moves: with 4 where a cell is held or suspended.") var untilIdle = false
    @Flag(help: "Stay when the queue is empty and go on with the next record that comes.") var stay = false

    func validate() throws {
        if untilIdle, stay { throw ValidationError("--until-idle and --stay exclude each other.") }
    }

    func run() async throws {
        let line = try options.profile()
        let store = try await options.openLedger(line)
        let profile = try await options.setUp(line, for: product, store)
        let product = try ProductProfile(folder: profile.profile)
        if let blanks {
            guard product.blankIdentity != .engraved else {
                throw ValidationError(
                    "Booklets have numbers: receive and issue them by these (sakk stock receive|issue).")
            }
            let hopper = try hopper(of: profile)
            let loaded = try await store.load(
                count: blanks, stock: product.blankStock, lot: lot, line: profile.id, cell: hopper,
                by: operatorName)
            Words.say("\(loaded.count) blanks of \(lot) are in the hopper of \(hopper), line \(profile.id).")
        }
        let pictures = try options.cardPictures(profile, store)
        try await pictures?.sweep(store, now: SystemTime().wall())
        let books = BooksIntake(store, actor: operatorName, product: product)
        let standing = try profile.standing.map { path throws(SakkError) in
            try StandingConfiguration(path: path).standing(books: books, time: SystemTime())
        }
        let builder = CellBuilder(
            line: profile, product: product, pictures: pictures, standing: standing,
            wrongCards: try options.wrongCards(profile), sealFolder: try options.wrongCards(profile).folder,
            signed: try await store.read(SignerUseQuery()),
            signedNow: { () async throws(SakkError) in try await store.read(SignerUseQuery()) })
        let cells = try builder.cells(options, actor: operatorName)
        let progress = ProgressLine()
        let controller = LineController(
            cells: cells, store: store, desk: try builder.desk(), events: { progress.show($0) })
        let interrupt = StopSignal { Task { await controller.stop() } }
        defer { interrupt.cancel() }
        let summary = try await release(controller, cells) { () async throws(SakkError) in
            try await controller.run(
                target: count,
                acknowledgedBy: acknowledge || !counted.isEmpty ? operatorName : nil,
                counted: Dictionary(counted.map { (CellID($0.cell), $0.counts) }) { $1 },
                until: untilIdle ? .idle : stay ? .asked : .complete)
        }
        progress.finish()
        Words.say(
            "Line \(profile.id) \(summary.state.word): \(summary.done) good, \(summary.rejects) thrown out, "
                + "\(summary.held) held.")
        for cell in summary.cells {
            if summary.cells.count > 1 {
                Words.say(
                    "  \(cell.cell) \(cell.state.word): \(cell.done) good, \(cell.rejects) thrown out, \(cell.held) held."
                )
            }
            guard let code = cell.code else { continue }
            Words.say("  why: \(cell.text) [\(code)]")
            Words.say("  do:  \(cell.remedy)")
        }
        if ![.complete, .stopped, .idle].contains(summary.state) { throw Exit.held }
    }
}

/// `cell-1=12,200,3`: hopper, good box, reject box.
struct CountedCards: ExpressibleByArgument {
    let cell: String
    let counts: ClearanceCounts

    init?(argument: String) {
        let parts = argument.split(separator: "=")
        let numbers = parts.last?.split(separator: ",").compactMap { Int($0) } ?? []
        guard parts.count == 2, numbers.count == 3, numbers.allSatisfy({ $0 >= 0 }) else { return nil }
        cell = String(parts[0])
        counts = ClearanceCounts(hopper: numbers[0], good: numbers[1], reject: numbers[2])
    }
}

extension RunCommand {
    /// However the run ends, the line is free for another controller at once.
    private func release(
        _ controller: LineController, _ cells: [LineCell], after run: () async throws(SakkError) -> RunSummary
    ) async throws(SakkError) -> RunSummary {
        // the devices first: whoever gets the line can claim them
        func disconnect() async {
            for cell in cells {
                await cell.stations.printer.disconnect()
                await cell.stations.chip.disconnect()
                await cell.stations.camera.disconnect()
            }
        }
        let summary: RunSummary
        do throws(SakkError) {
            summary = try await run()
        } catch {
            await disconnect()
            // what ended the run is told, not that the line could not be given back for the same reason
            try? await controller.release()
            throw error
        }
        await disconnect()
        try await controller.release()
        return summary
    }

    private func hopper(of profile: LineProfile) throws(SakkError) -> CellID {
        guard let cell else { return profile.cell.id }
        guard profile.cells.contains(where: { $0.id == CellID(cell) }) else {
            throw SakkError(
                "config.missing", source: profile.path, subject: cell, text: "The line has no cell of this name.",
                remedy: "Name one of: \(profile.cells.map(\.id.rawValue).joined(separator: ", ")).")
        }
        return CellID(cell)
    }
}

/// SIGINT and SIGTERM ask for an orderly stop.
final class StopSignal {
    private let sources: [any DispatchSourceSignal]

    init(_ handler: @escaping @Sendable () -> Void) {
        sources = [SIGINT, SIGTERM].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler(handler: handler)
            source.resume()
            return source
        }
    }

    func cancel() { sources.forEach { $0.cancel() } }
}
