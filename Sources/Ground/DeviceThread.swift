import Foundation
import Synchronization

/// One operating-system thread that runs the jobs of one actor: one per reader, printer and camera, because their
/// libraries block and the cooperative pool has only as many threads as the machine has cores.
public final class DeviceThread: SerialExecutor, @unchecked Sendable {
    // the queue is guarded by the condition; everything else is immutable
    private let condition = NSCondition()
    private var jobs: [UnownedJob] = []
    private var stopped = false
    private let label: String

    public init(label: String) {
        self.label = label
        let thread = Thread { [self] in run() }
        thread.stackSize = 4 << 20
        thread.name = label
        thread.start()
    }

    public func enqueue(_ job: consuming ExecutorJob) {
        let unowned = UnownedJob(job)
        condition.lock()
        jobs.append(unowned)
        condition.signal()
        condition.unlock()
    }

    /// Lets the thread end once its queue is empty.
    public func stop() {
        condition.lock()
        stopped = true
        condition.signal()
        condition.unlock()
    }

    private func run() {
        while true {
            condition.lock()
            while jobs.isEmpty && !stopped { condition.wait() }
            if jobs.isEmpty {
                condition.unlock()
                return
            }
            let job = jobs.removeFirst()
            condition.unlock()
            job.runSynchronously(on: asUnownedSerialExecutor())
        }
    }
}
