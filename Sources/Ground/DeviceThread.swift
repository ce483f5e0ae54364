internal import CStack

/// One operating-system thread that runs the jobs of one actor: one per reader, printer and camera, because their
/// libraries block and the cooperative pool has only as many threads as the machine has cores.
public final class DeviceThread: SerialExecutor {
    private let loop = JobLoop()

    public init(label: String) {
        loop.start(label: label) { [self] job in job.runSynchronously(on: asUnownedSerialExecutor()) }
    }

    public func enqueue(_ job: consuming ExecutorJob) { loop.add(UnownedJob(job)) }

    /// Lets the thread end once its queue is empty.
    public func stop() { loop.stop() }
}

/// One operating-system thread for what belongs to no actor: a task that is started with it (`executorPreference`) runs nowhere
/// else, so that nothing of it is left on stacks that nobody wipes. Lives as long as the process.
public final class WorkThread: TaskExecutor {
    private let loop = JobLoop()

    public init(label: String) {
        loop.start(label: label) { [self] job in job.runSynchronously(on: asUnownedTaskExecutor()) }
    }

    public func enqueue(_ job: consuming ExecutorJob) { loop.add(UnownedJob(job)) }

    /// Wipes what earlier calls left on the calling thread's stack; for work that waits for its next piece without ending.
    public static func forgetStack() { sakk_stack_forget() }
}
