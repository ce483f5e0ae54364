import Synchronization

/// What was handed in, in order.
final class Counter: Sendable {
    private let state = Mutex<[Int]>([])
    func add(_ value: Int) { state.withLock { $0.append(value) } }
    var values: [Int] { state.withLock { $0 } }
}
