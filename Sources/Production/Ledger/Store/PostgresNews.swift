import Foundation
import PostgresClient
import Synchronization

/// Hears from the server that somebody committed to one of the plant's logs (trigger `journal_tells` of the schema).
///
/// A hint and no more: after a lost connection everybody is woken once, because what was said meanwhile is gone, and
/// who waits looks at the tables itself. Listens on a thread and connection of its own from the first question on.
final class PostgresNews: Sendable {
    private let board: Board

    init(_ options: PostgresOptions) { board = Board(options) }

    deinit { board.stop() }

    func stream(of log: LogID) -> AsyncStream<Void> {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        board.add(continuation, for: log)
        return stream
    }

    /// Shared with the thread, so that it holds nobody alive.
    private final class Board: Sendable {
        private struct State {
            var listeners: [UUID: (log: String, continuation: AsyncStream<Void>.Continuation)] = [:]
            var isRunning = false
            var isStopped = false
        }

        private let options: PostgresOptions
        private let waker = PostgresWaker()
        private let state = Mutex(State())

        init(_ options: PostgresOptions) { self.options = options }

        func add(_ continuation: AsyncStream<Void>.Continuation, for log: LogID) {
            let id = UUID()
            continuation.onTermination = { [weak self] _ in self?.remove(id) }
            let begins = state.withLock { state in
                state.listeners[id] = (log.rawValue, continuation)
                defer { state.isRunning = true }
                return !state.isRunning
            }
            guard begins else { return }
            let thread = Thread { [self] in run() }
            thread.name = "ledger-news"
            thread.start()
        }

        private func remove(_ id: UUID) { state.withLock { $0.listeners[id] = nil } }

        func stop() {
            let open = state.withLock { state in
                state.isStopped = true
                return state.listeners.values.map(\.continuation)
            }
            open.forEach { $0.finish() }
            waker.wake()
        }

        private var isStopped: Bool { state.withLock { $0.isStopped } }

        private func tell(_ log: String?) {
            let concerned = state.withLock { state in
                state.listeners.values.filter { log == nil || $0.log == log }.map(\.continuation)
            }
            concerned.forEach { $0.yield() }
        }

        private func run() {
            while !isStopped {
                do throws(PostgresFailure) {
                    let connection = try PostgresConnection(options)
                    guard let channel = try channel(connection) else { return }
                    try connection.listen(channel)
                    tell(nil)
                    while !isStopped {
                        if let heard = try connection.notification(within: .seconds(30), waker: waker) {
                            tell(heard.payload)
                        } else {
                            // a dead connection is silent too; said again, it changes nothing
                            try connection.listen(channel)
                        }
                    }
                } catch {
                    Thread.sleep(forTimeInterval: 0.5)
                }
            }
        }

        private func channel(_ connection: PostgresConnection) throws(PostgresFailure) -> String? {
            guard case .text(let schema) = try connection.rows("SELECT current_schema()::text AS s").first?["s"] else {
                return nil
            }
            return "sakk." + schema
        }
    }
}
