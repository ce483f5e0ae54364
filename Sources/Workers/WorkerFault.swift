/// What went wrong between us and a worker: after any of them it is of no use any more.
public enum WorkerFault: Error, Sendable {
    /// It ended.
    case ended
    /// It did not answer in time.
    case late
    /// What it said cannot be an answer.
    case nonsense
}
