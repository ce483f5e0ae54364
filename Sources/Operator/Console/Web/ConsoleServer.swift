import Foundation
public import Ground
import HTTPTypes
import Hummingbird
import HummingbirdCore
import HummingbirdTLS
import Logging
import NIOCore
import NIOSSL

/// Puts a console on the network: with `BareServer` the only file that knows the web framework.
public struct ConsoleServer: Sendable {
    /// PEM files of the server's own chain and key.
    public struct TLS: Sendable {
        public let chain: String
        public let key: String
        /// The browser is asked for a certificate. The connection proves that it holds the key; whether the certificate is
        /// good is the console's business, so that a refusal has words and is journaled.
        public let asksCertificate: Bool

        public init(chain: String, key: String, asksCertificate: Bool = false) {
            self.chain = chain
            self.key = key
            self.asksCertificate = asksCertificate
        }
    }

    let console: Console
    let address: String
    let port: Int
    let tls: TLS?

    /// Port 0 takes a free one.
    public init(_ console: Console, address: String, port: Int, tls: TLS?) {
        self.console = console
        self.address = address
        self.port = port
        self.tls = tls
    }

    /// Serves until the task is cancelled or the process is asked to end (SIGTERM, SIGINT). `ready` gets the port.
    ///
    /// Errors: `web.tls` for a certificate or key that cannot be used, `web.listen`.
    public func run(ready: @escaping @Sendable (Int) -> Void) async throws(SakkError) {
        let console = console
        let asks = tls?.asksCertificate == true
        let responder = CallbackResponder<ConsoleContext> { request, context in
            await ConsoleServer.respond(to: request, context, asks ? await context.proof() : .none, console)
        }
        var configuration = HTTP1Channel.Configuration(idleTimeout: .seconds(30))
        configuration.httpDecoder = .init(
            maxHeaderFieldSize: 8 * 1024, maxHeaderListSize: 16 * 1024, maxHeaderFieldCount: 64)
        var logger = Logger(label: "console")
        logger.logLevel = .error
        let application = Application(
            responder: responder, server: try server(.http1(configuration: configuration)),
            configuration: ApplicationConfiguration(address: .hostname(address, port: port), serverName: nil),
            onServerRunning: { channel in ready(channel.localAddress?.port ?? 0) }, logger: logger)
        do {
            try await application.runService()
        } catch {
            throw SakkError(
                "web.listen", source: "\(address):\(port)", text: "The console cannot listen there: \(error)",
                remedy: "Choose another address or port, or end the program that has it.")
        }
    }

    private func server(_ base: HTTPServerBuilder) throws(SakkError) -> HTTPServerBuilder {
        guard let tls else { return base }
        do {
            let chain = try NIOSSLCertificate.fromPEMFile(tls.chain).map { NIOSSLCertificateSource.certificate($0) }
            let key = try NIOSSLPrivateKey(file: tls.key, format: .pem)
            var configuration = TLSConfiguration.makeServerConfiguration(
                certificateChain: chain, privateKey: .privateKey(key))
            configuration.minimumTLSVersion = .tlsv12
            configuration.applicationProtocols = ["http/1.1"]
            guard tls.asksCertificate else { return try .tls(base, tlsConfiguration: configuration) }
            configuration.certificateVerification = .optionalVerification
            return try .tls(
                base,
                configuration: TLSChannelConfiguration(
                    tlsConfiguration: configuration,
                    customVerificationCallback: { _, promise in promise.succeed(.certificateVerified) }))
        } catch {
            throw SakkError(
                "web.tls", source: tls.chain, text: "The server's certificate or key cannot be used.",
                remedy: "Give the PEM files of a certificate chain and of its key.")
        }
    }

    /// The longest time that a request's body may take.
    private static let patience = Duration.seconds(10)

    private static func respond(
        to request: Request, _ context: ConsoleContext, _ proof: Ask.Proof, _ console: Console
    ) async -> Response {
        let peer = context.peer
        var headers: [String: String] = [:]
        for field in request.headers { headers[field.name.canonicalName] = field.value }
        if let host = request.head.authority { headers["host"] = host }
        if let cookies = headers["cookie"] { headers["cookie"] = cookies }
        let body: Bytes
        switch await collect(request) {
        case .whole(let bytes): body = bytes
        case .tooLarge: return response(await console.unreadable(413, headers, peer: peer))
        case .tooSlow: return response(await console.unreadable(408, headers, peer: peer))
        }
        let method = request.method == .head ? "GET" : request.method.rawValue
        guard
            let ask = Ask(
                method: method, target: request.head.path ?? "", headers: headers, body: body, peer: peer, proof: proof)
        else {
            return response(await console.unreadable(400, headers, peer: peer))
        }
        return response(await console.answer(ask), withBody: request.method != .head)
    }

    private enum Collected: Sendable {
        case whole(Bytes)
        case tooLarge, tooSlow
    }

    /// A connection that is cut in the middle of a body counts as slow: there is nobody to answer.
    private static func collect(_ request: Request) async -> Collected {
        if let length = request.headers[.contentLength].flatMap({ Int($0) }), length > Console.bodyLimit {
            return .tooLarge
        }
        return await withTaskGroup(of: Collected.self) { group in
            group.addTask {
                var bytes = Bytes()
                do {
                    for try await part in request.body {
                        bytes += part.readableBytesView
                        if bytes.count > Console.bodyLimit { return .tooLarge }
                    }
                } catch {
                    return .tooSlow
                }
                return .whole(bytes)
            }
            group.addTask {
                try? await Task.sleep(for: patience)
                return .tooSlow
            }
            let first = await group.next() ?? .tooSlow
            group.cancelAll()
            return first
        }
    }

    private static func response(_ reply: Reply, withBody: Bool = true) -> Response {
        var fields = HTTPFields()
        for (name, value) in reply.headers {
            guard let name = HTTPField.Name(name) else { continue }
            fields.append(HTTPField(name: name, value: value))
        }
        let status = HTTPResponse.Status(code: reply.status)
        switch reply.body {
        case .bytes(let bytes):
            let body: ResponseBody = withBody ? .init(byteBuffer: ByteBuffer(bytes: bytes)) : .init()
            return Response(status: status, headers: fields, body: body)
        case .events(let events):
            guard withBody else { return Response(status: status, headers: fields, body: .init()) }
            return Response(
                status: status, headers: fields,
                body: .init { writer in
                    for await event in events { try await writer.write(ByteBuffer(string: event)) }
                    try await writer.finish(nil)
                })
        }
    }
}

/// What the framework tells of a connection.
struct ConsoleContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    let peer: String
    private let channel: any Channel

    init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        peer = source.channel.remoteAddress?.ipAddress ?? ""
        channel = source.channel
    }

    /// What the connection proved when it was made.
    func proof() async -> Ask.Proof {
        guard let certificate = try? await channel.nioSSL_peerCertificate().get(),
            let der = try? certificate.toDERBytes()
        else { return .missing }
        return .certificate(der)
    }
}
