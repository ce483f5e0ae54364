import Foundation
import Glibc
import Ground
import Simulation
import Synchronization

/// What happens to a fleet besides kills: the server falls, a wire is cut, a process freezes, a line is started twice.
struct FleetTrouble: Sendable {
    let fleet: Fleet

    private enum Event { case restart, cut, silence, cutOff, freeze, twin, stranger }

    /// Spreads the events over the documents, in an order that follows from the seed.
    func run() {
        let plan = fleet.plan
        var dice = SplitMix(plan.process.seed &* 31 &+ 5)
        var events: [Event] = (0..<plan.restarts).map { _ in .restart }
        events += (0..<plan.cuts).map { [.cutOff, .silence, .cut][$0 % 3] }
        events += (0..<plan.freezes).map { _ in .freeze }
        events += (0..<plan.twins).map { $0.isMultiple(of: 2) ? .twin : .stranger }
        events.shuffle(using: &dice)
        // one of each kind before the second of any
        var seen: Set<Event> = []
        let firsts = events.indices.filter { seen.insert(events[$0]).inserted }
        events = firsts.map { events[$0] } + events.indices.filter { !firsts.contains($0) }.map { events[$0] }
        for (index, event) in events.enumerated() {
            let due = (index + 1) * plan.process.documents / (events.count + 1)
            while fleet.made < due, !fleet.isDone { Thread.sleep(forTimeInterval: 0.05) }
            guard !fleet.isDone else {
                Words.say("\(events.count - index) events came too late")
                return
            }
            happen(event, &dice)
        }
    }

    private func happen(_ event: Event, _ dice: inout SplitMix) {
        let line = dice.below(fleet.plan.process.lines)
        let seconds = 0.3 + Double(dice.below(1000)) / 1000 * 3
        switch event {
        case .restart: restart()
        case .cut, .silence:
            fleet.wire?.set(event == .cut ? .cut : .silent)
            Thread.sleep(forTimeInterval: seconds)
            fleet.wire?.set(.open)
            fleet.count(event == .cut ? "cut off from the server" : "server silent for one")
        case .cutOff:
            fleet.wire?.set(.cut)
            takeOver(Fleet.wired) { fleet.wire?.set(.open) }
            fleet.wire?.set(.open)
            fleet.count("cut off from the server")
        case .freeze: freeze(line)
        case .twin: twin(line)
        case .stranger: stranger(line)
        }
    }

    private func restart() {
        guard let command = fleet.plan.restartCommand else { return }
        let log = fleet.plan.process.worlds + "/server-restarts.log"
        do throws(SakkError) {
            let ending = try ChildProcess.start(["/bin/bash", "-c", command], output: log).wait()
            guard ending == .exit(0) else { return fleet.finding("the server was not restarted: \(ending)") }
            fleet.count("restarts of the server")
        } catch {
            fleet.finding("\(error)")
        }
    }

    private func running(_ line: Int) -> ChildProcess? { fleet.state.withLock { $0.running[line] } }

    /// Stopped where it stands, which may be inside a transaction; not inside an act of the machine, which would stop the
    /// machine and not the controller.
    private func freeze(_ line: Int) {
        for _ in 0..<200 {
            guard let child = running(line) else {
                Thread.sleep(forTimeInterval: 0.02)
                continue
            }
            child.send(SIGSTOP)
            Thread.sleep(forTimeInterval: 0.01)
            if LineProcesses.isAtRest(fleet.plan.process, line: line) {
                takeOver(line) { child.send(SIGCONT) }
                child.send(SIGCONT)
                fleet.count("frozen and woken")
                return
            }
            child.send(SIGCONT)
        }
    }

    /// Another host gets the machine's cable, waits for the lease to end, and makes documents; then `wake`.
    private func takeOver(_ line: Int, wake: () -> Void) {
        let process = fleet.plan.process
        func made() -> Int {
            var information = stat()
            return stat(process.made(line), &information) == 0 ? Int(information.st_size) : 0
        }
        let before = made()
        guard
            let other = fleet.start(line, host: "host-b", isDirect: true, words: ["--move-cable"])
        else { return }
        let limit = ContinuousClock.now.advanced(by: .seconds(40))
        while made() < before + 2, ContinuousClock.now < limit, fleet.made < process.documents - 5 {
            if let ending = other.poll() {
                note(ending, "a take-over")
                return
            }
            Thread.sleep(forTimeInterval: 0.05)
        }
        if made() > before { fleet.count("lines taken over by another host") }
        fleet.state.withLock { $0.successor[line] = other }
        wake()
    }

    /// The same line on the same host: its machine is held, so the line is not even asked for.
    private func twin(_ line: Int) {
        guard running(line) != nil, let second = fleet.start(line) else { return }
        watch(second, line, expected: .unplugged, "second controllers of a line, refused by the machine")
    }

    /// The same line on another host, with the cable put over to it while the lease runs: the books refuse it.
    private func stranger(_ line: Int) {
        guard running(line) != nil,
            let second = fleet.start(line, host: "host-c", isDirect: true, words: ["--move-cable", "--no-wait"])
        else { return }
        watch(second, line, expected: .fenced, "second controllers of a line, refused by the books")
    }

    /// A second one that is not refused came in between two lives of the first, and is the line's own from here on.
    private func watch(
        _ second: ChildProcess, _ line: Int, expected: SimulateLineCommand.Ending, _ name: String
    ) {
        let limit = ContinuousClock.now.advanced(by: .seconds(20))
        while ContinuousClock.now < limit {
            if let ending = second.poll() {
                if ending == .exit(expected.rawValue) { fleet.count(name) } else { note(ending, name) }
                return
            }
            Thread.sleep(forTimeInterval: 0.05)
        }
        fleet.count("second controllers that got the line between two lives")
        fleet.state.withLock { $0.successor[line] = second }
    }

    private func note(_ ending: ChildProcess.Ending, _ name: String) {
        if ending == .exit(SimulateLineCommand.Ending.wrong.rawValue) { fleet.finding("\(name): wrong") }
    }
}
