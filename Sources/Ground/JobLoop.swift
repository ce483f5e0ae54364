internal import CStack
import Foundation

/// Jobs of one operating-system thread, in the order in which they came. Whenever there are none left, what they left on the
/// thread's stack is wiped.
final class JobLoop: @unchecked Sendable {
    // the queue is guarded by the condition; everything else is immutable
    private let condition = NSCondition()
    private var jobs: [UnownedJob] = []
    private var stopped = false

    /// Starts the thread; it lives until `stop`.
    func start(label: String, _ run: @escaping @Sendable (UnownedJob) -> Void) {
        let thread = Thread { [self] in
            while let job = next() { run(job) }
        }
        thread.stackSize = 4 << 20
        thread.name = label
        thread.start()
    }

    func add(_ job: UnownedJob) {
        condition.lock()
        jobs.append(job)
        condition.signal()
        condition.unlock()
    }

    /// Lets the thread end once its queue is empty.
    func stop() {
        condition.lock()
        stopped = true
        condition.signal()
        condition.unlock()
    }

    private func next() -> UnownedJob? {
        condition.lock()
        defer { condition.unlock() }
        if jobs.isEmpty { sakk_stack_forget() }
        while jobs.isEmpty && !stopped { condition.wait() }
        return jobs.isEmpty ? nil : jobs.removeFirst()
    }
}
