import Foundation
import Synchronization

/// One thread for all tasks of a world, and the order in which they go on: by seed, not by chance.
///
/// A task parks before each call that leaves it; only when every task is parked or done, and no call is outside (in the
/// ledger's own thread), one parked task is let go on. So two runs of a seed do the same in the same order.
final class Scheduler: TaskExecutor, @unchecked Sendable {
    private struct Parked {
        let cell: Int
        let order: Int
        let continuation: UnsafeContinuation<Void, Never>
    }

    // all of this is guarded by the condition
    private let condition = NSCondition()
    /// What is to run, and for which actor when it is one with a seat of its own.
    private var jobs: [(job: UnownedJob, seat: Seat?)] = []
    private var head = 0
    private var parked: [Parked] = []
    private var outside = 0
    private var order = 0
    private var stopped = false
    private var dice: Dice

    init(seed: UInt64) {
        dice = Dice(seed: seed, 7)
        let thread = Thread { [self] in run() }
        thread.stackSize = 4 << 20
        thread.name = "simulation"
        thread.start()
    }

    func enqueue(_ job: consuming ExecutorJob) { enqueue(UnownedJob(job), nil) }

    private func enqueue(_ job: UnownedJob, _ seat: Seat?) {
        condition.lock()
        jobs.append((job, seat))
        condition.signal()
        condition.unlock()
    }

    /// For an actor that blocks: its jobs run on the world's one thread like all others.
    final class Seat: SerialExecutor {
        private let scheduler: Scheduler
        init(_ scheduler: Scheduler) { self.scheduler = scheduler }
        func enqueue(_ job: consuming ExecutorJob) { scheduler.enqueue(UnownedJob(job), self) }
    }

    func stop() {
        condition.lock()
        stopped = true
        condition.signal()
        condition.unlock()
    }

    /// Waits for this task's turn.
    func turn(_ cell: Int) async {
        await withUnsafeContinuation { continuation in
            condition.lock()
            order += 1
            parked.append(Parked(cell: cell, order: order, continuation: continuation))
            condition.signal()
            condition.unlock()
        }
    }

    /// A call to another thread begins; nobody else goes on until `back`.
    func away() {
        condition.lock()
        outside += 1
        condition.unlock()
    }

    func back() {
        condition.lock()
        outside -= 1
        condition.signal()
        condition.unlock()
    }

    private func run() {
        while let (job, seat) = next() {
            if let seat {
                job.runSynchronously(on: seat.asUnownedSerialExecutor())
            } else {
                job.runSynchronously(on: asUnownedTaskExecutor())
            }
        }
    }

    private func next() -> (UnownedJob, Seat?)? {
        condition.lock()
        defer { condition.unlock() }
        while true {
            if head < jobs.count {
                let job = jobs[head]
                head += 1
                if head == jobs.count {
                    jobs.removeAll(keepingCapacity: true)
                    head = 0
                }
                return job
            }
            if outside == 0, !parked.isEmpty {
                let chosen = parked.remove(at: choice())
                condition.unlock()
                chosen.continuation.resume()
                condition.lock()
                continue
            }
            if stopped { return nil }
            condition.wait()
        }
    }

    /// By cell first: in which order two tasks came to the gate must not count.
    private func choice() -> Int {
        guard parked.count > 1 else { return 0 }
        let sorted = parked.indices.sorted {
            (parked[$0].cell, parked[$0].order) < (parked[$1].cell, parked[$1].order)
        }
        return sorted[dice.below(sorted.count)]
    }
}
