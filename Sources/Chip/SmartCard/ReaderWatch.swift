import CPCSC
import Foundation
internal import Ground
import Synchronization

/// Readers that come and go. PC/SC tells of them through a reader that is none, `\\?PnP?\Notification`.
public enum ReaderWatch {
    /// A PC/SC context that one thread waits in and another may cancel; the library allows just that.
    private final class Waiting: Sendable {
        let context: SCARDCONTEXT
        private let isOver = Mutex(false)

        init() throws(SakkError) {
            var fresh: SCARDCONTEXT = 0
            let result = PCSCError(SCardEstablishContext(DWORD(SCARD_SCOPE_SYSTEM), nil, nil, &fresh))
            guard result == .success else { throw result.error(reader: "PC/SC", during: "connecting") }
            context = fresh
        }

        deinit { SCardReleaseContext(context) }

        var hasEnded: Bool { isOver.withLock { $0 } }

        func end() {
            isOver.withLock { $0 = true }
            SCardCancel(context)
        }
    }

    private static let notification = "\\\\?PnP?\\Notification"
    /// A cancel that comes just before the wait is lost: the wait ends by itself and looks again.
    private static let longestWaitMS: DWORD = 2000

    /// The names of all readers, now and after each change, until the caller stops listening. It throws `reader.service.missing`
    /// when the service is not there or goes away.
    public static func readers() -> AsyncThrowingStream<[String], any Error> {
        AsyncThrowingStream { continuation in
            let waiting: Waiting
            do { waiting = try Waiting() } catch {
                continuation.finish(throwing: error)
                return
            }
            continuation.onTermination = { _ in waiting.end() }
            let thread = Thread {
                do throws(SakkError) {
                    try watch(waiting) { continuation.yield($0) }
                    continuation.finish()
                } catch {
                    continuation.finish(throwing: error)
                }
            }
            thread.name = "readers"
            thread.start()
        }
    }

    private static func watch(_ waiting: Waiting, _ report: ([String]) -> Void) throws(SakkError) {
        var known: [String]?
        while !waiting.hasEnded {
            let now = try PCSCReader.list(in: waiting.context, reader: "PC/SC")
            if now != known { report(now) }
            known = now
            // the upper half of the state is the number of readers known: a change in between is not missed
            var state = DWORD(now.count) << 16
            var length: DWORD = 0
            var atr = Bytes(repeating: 0, count: Int(MAX_ATR_SIZE))
            let result = PCSCError(
                sakk_pcsc_status_change(waiting.context, notification, longestWaitMS, &state, &atr, &length))
            guard [.success, .timeout, .cancelled].contains(result) else {
                throw result.error(reader: "PC/SC", during: "waiting for readers")
            }
        }
    }
}
