import Foundation
import Ground
import PostgresClient

/// One connection on a thread of its own, with its transactions one after the other.
///
/// A lost connection is made anew by the next transaction, which waits for the server only so long.
actor PostgresDesk {
    private let thread: DeviceThread
    nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    private let options: PostgresOptions
    private let source: String
    /// How long a transaction tries to reach a server that is away, and how long it repeats one that lost a deadlock.
    private let patience: Duration
    private var connection: PostgresConnection?

    init(_ options: PostgresOptions, source: String, patience: Duration) {
        self.options = options
        self.source = source
        self.patience = patience
        thread = DeviceThread(label: "ledger-\(options.application)")
    }

    deinit { thread.stop() }

    /// Runs `body` in one transaction. A deadlock or a serialization failure repeats all of it: nothing of the earlier
    /// run is left, so `body` may have no effect but on the session.
    func transaction<Value: Sendable>(
        _ mode: PostgresConnection.Mode, _ body: @Sendable (any SQLSession) throws -> Value
    ) throws(SakkError) -> Value {
        do {
            return try repeating(mode, body)
        } catch {
            throw LedgerFailure.words(error, source: source)
        }
    }

    /// Statements that may not stand in a transaction.
    func outside(_ statements: [String]) throws(SakkError) {
        do {
            for statement in statements {
                // a connection that went stale is found by something that may be said twice
                try repeating(.write) { session in _ = try session.row("SELECT 1") }
                guard let connection else { return }
                try PostgresSession.mapping { try connection.run(statement) }
            }
        } catch {
            throw LedgerFailure.words(error, source: source)
        }
    }

    private func repeating<Value>(_ mode: PostgresConnection.Mode, _ body: (any SQLSession) throws -> Value) throws
        -> Value
    {
        let deadline = ContinuousClock.now.advanced(by: patience)
        var pause = Pause()
        while true {
            let wasOpen = connection?.isOpen == true
            let connection = try opened(until: deadline, &pause)
            let session = PostgresSession(connection, mode)
            do {
                let value = try body(session)
                try session.commit()
                return value
            } catch let failure as SQLFailure where failure.isTransient && ContinuousClock.now < deadline {
                connection.rollback()
                pause.wait()
            } catch let failure as SQLFailure
                where failure.kind == .away && !session.isBegun && ContinuousClock.now < deadline
            {
                // nothing was done; a connection that went stale while idle is replaced at once
                self.connection = nil
                if !wasOpen { pause.wait() }
            } catch {
                connection.rollback()
                throw error
            }
        }
    }

    private func opened(until deadline: ContinuousClock.Instant, _ pause: inout Pause) throws -> PostgresConnection {
        if let connection, connection.isOpen { return connection }
        while true {
            do throws(PostgresFailure) {
                let open = try PostgresConnection(options)
                connection = open
                return open
            } catch {
                connection = nil
                guard error.kind == .away, ContinuousClock.now < deadline else { throw words(error) }
                pause.wait()
            }
        }
    }

    private func words(_ failure: PostgresFailure) -> any Error {
        guard failure.kind == .refused else { return SQLFailure(failure) }
        return SakkError(
            "ledger.refused", source: source, native: failure.sqlstate.map { .init(kind: "sqlstate", value: $0) },
            text: "The database server turned the controller down: \(failure.detail).",
            remedy: "Correct the connection string, the role or the server's settings; then start again.")
    }

    /// Grows, and differs between two that lost the same deadlock. Blocks this desk's own thread only.
    private struct Pause {
        private var ceiling = 0.02

        mutating func wait() {
            Thread.sleep(forTimeInterval: Double.random(in: ceiling / 4...ceiling))
            ceiling = min(ceiling * 2, 0.5)
        }
    }
}

extension SQLFailure {
    /// Deadlock, serialization failure, lock not available: the same transaction may succeed now.
    fileprivate var isTransient: Bool { ["40P01", "40001", "55P03"].contains(native.value) }
}
