import Foundation
import Glibc
import Ground

/// The physical truth of one cell in a file that outlives every process: what happened to card and machine is appended
/// in one write before anybody is told of it, so a process that is killed leaves the world as it was.
///
/// A second file says who holds the machine, as the kernel does for a USB interface: every act asks it under a lock. A
/// process that lost the machine while it was frozen moves nothing any more.
final class WorldFile: Sendable {
    let path: String
    private let cell: Int
    private let log: Int32
    private let lock: Int32
    /// Only touched under the world's own lock.
    private nonisolated(unsafe) var generation = 0
    private nonisolated(unsafe) var inked: [Int: Int] = [:]
    private let seed: UInt64

    /// Makes the files when they are not there. Errors: `simulation.file`.
    init(_ path: String, cell: Int, seed: UInt64) throws(SakkError) {
        self.path = path
        self.cell = cell
        self.seed = seed
        log = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
        lock = open(path + ".claim", O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard log >= 0, lock >= 0 else { throw WorldFile.failure(path) }
    }

    deinit {
        close(log)
        close(lock)
    }

    private static func failure(_ path: String) -> SakkError {
        SakkError("simulation.file", source: path, text: "The world's file cannot be used.", remedy: "None.")
    }

    // MARK: who holds the machine

    private func locked<Value>(_ body: () throws(SakkError) -> Value) throws(SakkError) -> Value {
        while flock(lock, LOCK_EX) != 0 {
            guard errno == EINTR else { throw WorldFile.failure(path) }
        }
        defer { flock(lock, LOCK_UN) }
        return try body()
    }

    private func holder() -> (generation: Int, process: pid_t) {
        var buffer = Bytes(repeating: 0, count: 48)
        let count = pread(lock, &buffer, buffer.count, 0)
        let words = String(decoding: buffer.prefix(max(0, count)), as: UTF8.self).split(separator: " ")
        guard words.count >= 2 else { return (0, 0) }
        return (Int(words[0]) ?? 0, pid_t(words[1]) ?? 0)
    }

    /// Takes the machine and reads what happened to it meanwhile. Moving the cable takes it from whoever has it.
    func claim(_ state: inout World.State, movingCable: Bool) throws(SakkError) {
        try locked { () throws(SakkError) in
            let now = holder()
            if now.generation == generation, generation > 0 { return }
            let isHeld = now.process > 0 && now.process != getpid() && kill(now.process, 0) == 0
            guard !isHeld || movingCable else {
                throw SakkError(
                    "usb.busy", source: "simulated printer", outcome: .notDone,
                    text: "Another process holds the printer.", remedy: "End the other process.")
            }
            generation = now.generation + 1
            var record = Bytes("\(generation) \(getpid()) ".utf8)
            record += Bytes(repeating: UInt8(ascii: " "), count: max(0, 48 - record.count))
            guard pwrite(lock, record, record.count, 0) == record.count else { throw WorldFile.failure(path) }
            try read(into: &state)
            state.touched = []
            inked = Dictionary(uniqueKeysWithValues: state.cards.map { ($0.number, $0.ink.count) })
            state.cells[cell].dice = Dice(seed: seed, UInt64(1000 + generation))
            // fresh keys of a document never repeat
            state.prepared = generation << 32
            guard isHeld else { return }
            let before = state.cells[cell]
            state.cells[cell].connection += 1
            try write(state, before: before, faults: state.faults, cards: state.cards.count)
        }
    }

    private func isOurs() -> Bool { generation > 0 && holder().generation == generation }

    // MARK: acts

    /// One act of the machine. What it changed is in the file, also when it ends in an error.
    func act<Value>(
        _ state: inout World.State, _ body: (inout World.State) throws(SakkError) -> Value
    ) throws(SakkError) -> Value {
        try locked { () throws(SakkError) in
            guard isOurs() else {
                throw SakkError(
                    "usb.gone", source: "simulated printer", outcome: .unknown,
                    text: "The printer belongs to another process now.", remedy: "Find out which one should have it.")
            }
            let before = state.cells[cell]
            let faults = state.faults
            let cards = state.cards.count
            let result: Result<Value, SakkError>
            do throws(SakkError) { result = .success(try body(&state)) } catch { result = .failure(error) }
            try write(state, before: before, faults: faults, cards: cards)
            state.touched = []
            return try result.get()
        }
    }

    /// What a person or a look does. A person beside a machine that another process has does nothing.
    func look<Value>(_ state: inout World.State, _ body: (inout World.State) -> Value) -> Value {
        do throws(SakkError) {
            return try act(&state) { (state) throws(SakkError) in body(&state) }
        } catch {
            var copy = state
            return body(&copy)
        }
    }

    private func write(
        _ state: World.State, before: PhysicalCell, faults: [String: Int], cards: Int
    ) throws(SakkError) {
        var text = ""
        WorldLines.cards(state, since: cards, &inked, &text)
        WorldLines.cell(state.cells[cell], before, &text)
        if state.faults != faults {
            for (name, count) in state.faults where faults[name] != count { text += "fault \(name) \(count)\n" }
        }
        guard !text.isEmpty else { return }
        text += ".\n"
        let bytes = Bytes(text.utf8)
        // one write: a killed process wrote all of it or, at a page's end, a part that nobody reads
        guard Glibc.write(log, bytes, bytes.count) == bytes.count else { throw WorldFile.failure(path) }
    }

    private func read(into state: inout World.State) throws(SakkError) {
        guard let data = FileManager.default.contents(atPath: path) else { throw WorldFile.failure(path) }
        let whole = WorldFile.wholeActs(data)
        if whole < data.count { ftruncate(log, off_t(whole)) }
        try WorldFile.replay(data.prefix(whole), cell: cell, into: &state)
    }

    /// Bytes up to the end of the last act that was written whole.
    private static func wholeActs(_ data: Data) -> Int {
        data.lastRange(of: Data("\n.\n".utf8))?.upperBound ?? 0
    }

    private static func replay(_ data: Data, cell: Int, into state: inout World.State) throws(SakkError) {
        state.cards = []
        state.faults = [:]
        state.cells[cell] = PhysicalCell(dice: Dice(seed: 0))
        for line in String(decoding: data, as: UTF8.self).utf8.split(separator: UInt8(ascii: "\n")) {
            guard WorldLines.apply(line, cell: cell, to: &state) else { throw failure("\(cell)") }
        }
    }

    /// The world as the file has it, for the judge.
    static func state(_ path: String, cell: Int, cells: Int) throws(SakkError) -> World.State {
        guard let data = FileManager.default.contents(atPath: path) else { throw failure(path) }
        var state = World.State()
        for _ in 0..<cells { state.cells.append(PhysicalCell(dice: Dice(seed: 0))) }
        try replay(data.prefix(wholeActs(data)), cell: cell, into: &state)
        return state
    }

    /// True when no process stands in the middle of an act.
    static func isAtRest(_ path: String) -> Bool {
        let lock = open(path + ".claim", O_RDWR | O_CLOEXEC)
        guard lock >= 0 else { return true }
        defer { close(lock) }
        return flock(lock, LOCK_EX | LOCK_NB) == 0
    }
}

extension World.State {
    /// All cards and cells of several plants as one, the cards numbered anew.
    static func merged(_ plants: [World.State]) -> World.State {
        var all = World.State()
        for plant in plants {
            let shift = all.cards.count
            all.cards += plant.cards.map { $0.renumbered($0.number + shift) }
            for cell in plant.cells {
                var moved = cell
                for list in PhysicalCell.lists {
                    moved[keyPath: list.path] = cell[keyPath: list.path].map { $0 + shift }
                }
                moved.desk = cell.desk.map { $0 + shift }
                moved.inside = cell.inside.map { $0 + shift }
                moved.dragged = cell.dragged.map { $0 + shift }
                all.cells.append(moved)
            }
            all.faults.merge(plant.faults, uniquingKeysWith: +)
        }
        return all
    }
}
