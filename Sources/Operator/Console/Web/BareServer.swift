public import Ground
import Hummingbird
import Logging
import NIOCore

/// One route of the web framework that answers the same bytes and does nothing: the measure beside which the console's
/// pages are timed (`sakk bench console`).
public struct BareServer: Sendable {
    private let body: Bytes

    public init(body: Bytes) { self.body = body }

    /// Serves `GET /bare` on loopback, at a free port that `ready` gets, until the task is cancelled. `web.listen`.
    public func run(ready: @escaping @Sendable (Int) -> Void) async throws(SakkError) {
        let body = ByteBuffer(bytes: body)
        let router = Router()
        router.get("bare") { _, _ -> Response in Response(status: .ok, body: .init(byteBuffer: body)) }
        var logger = Logger(label: "bare")
        logger.logLevel = .critical
        let application = Application(
            router: router, configuration: ApplicationConfiguration(address: .hostname("127.0.0.1", port: 0)),
            onServerRunning: { channel in ready(channel.localAddress?.port ?? 0) }, logger: logger)
        do {
            try await application.runService(gracefulShutdownSignals: [])
        } catch {
            throw SakkError(
                "web.listen", source: "127.0.0.1", text: "The bare route cannot listen: \(error)",
                remedy: "Run it again.")
        }
    }
}
