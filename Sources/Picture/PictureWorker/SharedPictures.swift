internal import Glibc
internal import Ground
internal import Workers

/// The memory in which a controller lays what its worker is to judge.
final class SharedPictures {
    let memory: WorkerMemory

    init() throws(SakkError) {
        guard let memory = WorkerMemory(count: WorkerLimits.requestBytes) else {
            throw SakkError(
                "inspection.worker.memory", source: "sakk-picture", native: .init(kind: "errno", value: "\(errno)"),
                text: "There is no memory to show pictures to the worker.", remedy: "Look at this machine's memory.")
        }
        self.memory = memory
    }

    /// Lays something there; nil when it does not fit.
    func lay(_ write: (inout WireWriter) -> Void) -> Int? {
        var wire = WireWriter(memory.bytes)
        write(&wire)
        guard wire.isFull else { return wire.count }
        memory.forget(memory.bytes.count)
        return nil
    }
}
