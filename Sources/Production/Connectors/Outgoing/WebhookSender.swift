public import Ground
import OpenSSLCrypto

/// Sends the events of an outbox to one address, in order, each until the receiver has taken it.
///
/// Delivered is an answer of the 200 family and nothing else. What passes (5xx, 408, 425, 429, no connection, a cut
/// answer) is tried again with growing pauses and a limit; then the event stays at the head and `webhook.undelivered`
/// is thrown, so that the order is kept. Another 4xx parks the event and goes on. A certificate or identity problem
/// (401, 403) concerns every event and ends the run with its own error.
///
/// Headers: `Idempotency-Key`, and `Sakk-Signature: t=SECONDS,v1=HEX` with HMAC-SHA-256 (RFC 2104) over
/// `SECONDS.KEY.BODY`.
public actor WebhookSender {
    /// What a run did.
    public struct Count: Sendable, Equatable {
        public var delivered = 0
        public var parked = 0
        public init() {}
    }

    private let outbox: Outbox
    private let client: WebClient
    private let key: SecretBytes
    private let retry: RetryPolicy
    private let time: any TimeSource
    private let tell: @Sendable (_ parked: OutboxEvent, _ failure: SakkError) -> Void

    /// - Parameters:
    ///   - client: its base address is the webhook's whole address.
    ///   - key: shared with the receiver.
    public init(
        outbox: Outbox, client: WebClient, key: consuming SecretBytes, retry: RetryPolicy = RetryPolicy(),
        time: any TimeSource = SystemTime(),
        tell: @escaping @Sendable (_ parked: OutboxEvent, _ failure: SakkError) -> Void = { _, _ in }
    ) {
        self.outbox = outbox
        self.client = client
        self.key = key
        self.retry = retry
        self.time = time
        self.tell = tell
    }

    /// Sends until nothing waits.
    public func run() async throws(SakkError) -> Count {
        var count = Count()
        while let event = try await outbox.head(), !Task.isCancelled {
            do throws(SakkError) {
                try await retry.run { [self] () async throws(SakkError) in try await send(event) }
                try FaultPoint.pass("webhook.sent")
                try await outbox.markDelivered(event)
                count.delivered += 1
            } catch {
                guard ["web.refused", "web.cursor.gone"].contains(error.code.rawValue) else {
                    throw WebFailure.passes(error) ? undelivered(event, error) : error
                }
                try await outbox.park(event, because: error)
                count.parked += 1
                tell(event, error)
            }
        }
        return count
    }

    private func send(_ event: OutboxEvent) async throws(SakkError) {
        let seconds = "\(time.wall().microseconds / 1_000_000)"
        let signature = HMAC.sha256(key: key, data: Bytes("\(seconds).\(event.key).".utf8) + event.body)
        let headers = [
            ("Idempotency-Key", event.key), ("Sakk-Signature", "t=\(seconds),v1=\(signature.hex.lowercased())"),
        ]
        _ = try await client.send(WebRequest("", headers: headers, body: event.body))
    }

    private func undelivered(_ event: OutboxEvent, _ error: SakkError) -> SakkError {
        SakkError(
            "webhook.undelivered", source: error.source, subject: "event \(event.number)", native: error.native,
            outcome: .unknown, text: "The receiver does not take the event. \(error.text)",
            remedy: "It stays first in the outbox and is sent again at the next run with the same key.")
    }
}
