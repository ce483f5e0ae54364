import ArgumentParser
import Foundation
import Glibc
import Ground
import Simulation
import Synchronization

/// How much of the real thing takes part in a simulation.
enum SimulationSize: String, ExpressibleByArgument, CaseIterable {
    case a, b, c, d

    static let words = """
        Sizes: a, worlds in memory with their own disks (CI 20,000 documents, long 1,000,000 with 100,000 crash \
        points); b, real personalisation against the plant's chips in memory (CI 200, long 10,000); c, real controller \
        processes, their books on a disk or a PostgreSQL server, really killed (CI 30 kills, long 1,000); d, the full \
        stack with pcscd, USB and cameras (CI 20 cards, long 200).
        """
}

/// Runs size c: a fleet of processes, and the judge.
struct SimulateProcesses {
    let fleet: FleetOptions
    let documents: Int
    let seed: UInt64
    let profile: FaultProfile
    let isJSON: Bool

    func run() async throws {
        let folder = try self.folder()
        var process = LineProcessOptions(books: fleet.store ?? "\(folder)/ledger.db", worlds: folder)
        process.lines = fleet.lines
        process.documents = documents
        process.seed = seed
        process.profile = profile
        process.leaseDuration = fleet.leaseMs * 1000
        guard try await LineProcesses.prepare(process) else {
            throw SakkError(
                "ledger.purpose", source: "simulation", text: "The books hold documents already.",
                remedy: "Name books of a simulation that are empty; each run needs its own.")
        }
        var plan = Fleet.Plan(process: process)
        plan.kills = fleet.kills ?? documents / 10
        plan.restartCommand = fleet.restartCommand
        plan.restarts = fleet.restartCommand == nil ? 0 : fleet.restarts
        plan.cuts = fleet.lines > Fleet.wired && fleet.store != nil ? fleet.cuts : 0
        plan.freezes = fleet.freezes
        plan.twins = fleet.twins
        let clock = ContinuousClock()
        let start = clock.now
        let running = try Fleet(plan)
        await withUnsafeContinuation { continuation in
            _ = Thread.started {
                running.run()
                continuation.resume()
            }
        }
        let seconds = (clock.now - start).seconds
        try await report(running, plan, seconds)
    }

    private func report(_ running: Fleet, _ plan: Fleet.Plan, _ seconds: Double) async throws {
        var balance = try LineProcesses.judge(plan.process)
        let (findings, counts) = running.state.withLock { ($0.findings, $0.counts) }
        balance.findings = findings + balance.findings
        balance.breaches += findings.count
        if balance.queued > 0 {
            balance.findings.append("\(balance.queued) records still wait")
            balance.breaches += 1
        }
        if fleet.verify {
            do throws(SakkError) {
                try await LineProcesses.verify(plan.process)
            } catch {
                balance.findings.append("\(error)")
                balance.breaches += 1
            }
        }
        let report = FleetReport(
            plan: plan, counts: counts, ends: FleetReport.ends(running), epochs: try LineProcesses.epochs(plan.process),
            balance: balance, seconds: seconds, command: command)
        print(isJSON ? report.json : report.table, terminator: isJSON ? "\n" : "")
        if balance.breaches > 0 { throw Exit.breached }
        if fleet.folder == nil { try? FileManager.default.removeItem(atPath: plan.process.worlds) }
    }

    private var command: String {
        "sakk simulate --size c --documents \(documents) --lines \(fleet.lines) --faults \(profile.name) --seed \(seed)"
            + " --kills \(fleet.kills ?? documents / 10)"
            + (fleet.store == nil ? "" : " --store … --restarts \(fleet.restarts) --cuts \(fleet.cuts)")
            + (fleet.freezes + fleet.twins == 0 ? "" : " --freezes \(fleet.freezes) --twins \(fleet.twins)")
    }

    private func folder() throws(SakkError) -> String {
        let path = fleet.folder ?? "/tmp/sakk-simulate-\(getpid())"
        guard mkdir(path, 0o755) == 0 else {
            throw SakkError(
                "file.folder", source: path, native: .init(kind: "errno", value: "\(errno)"),
                text: "The folder for worlds and books cannot be made.", remedy: "Name one that is not there yet.")
        }
        return path
    }
}
