import CCurl
import Glibc
public import Ground

/// The files that a connection with mutual TLS is made of, all PEM.
public struct MutualTLS: Sendable, Hashable {
    /// The certificate authorities that the server may be certified by; those of the system are not believed.
    public var authorities: String
    /// The client certificate, its chain behind it.
    public var certificate: String
    /// The key of the client certificate, without pass phrase: the file's permissions protect it.
    public var key: String

    public init(authorities: String, certificate: String, key: String) {
        self.authorities = authorities
        self.certificate = certificate
        self.key = key
    }
}

/// What a server may cost us.
public struct WebLimits: Sendable, Hashable {
    public var answerBytes = 64 << 20
    public var connectMilliseconds = 10_000
    /// The whole exchange, answer included.
    public var totalMilliseconds = 60_000
    public init() {}
}

/// One request; `path` stands behind the base address.
public struct WebRequest: Sendable {
    public var path: String
    public var query: [(name: String, value: String)]
    public var headers: [(name: String, value: String)]
    /// POST when there is one, else GET.
    public var body: Bytes?

    public init(
        _ path: String, query: [(name: String, value: String)] = [], headers: [(name: String, value: String)] = [],
        body: Bytes? = nil
    ) {
        self.path = path
        self.query = query
        self.headers = headers
        self.body = body
    }
}

/// An answer of the 200 family.
public struct WebAnswer: Sendable {
    public let status: Int
    public let body: Bytes
}

/// HTTPS with mutual TLS to one server. libcurl blocks, so each client has a thread of its own; it keeps its connection.
///
/// Only answers of the 200 family come back; everything else is an error whose code says whom to call (`WebFailure`).
public actor WebClient {
    private let thread: DeviceThread
    private let base: String
    private let tls: MutualTLS
    private let limits: WebLimits
    private let name: String
    private var handle: EasyHandle?

    private static let started: Bool = sakk_curl_start() == 1

    public nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    /// - Parameters:
    ///   - base: `https://host[:port][/path]`, without user, query or fragment (`web.address`).
    ///   - name: what errors call the server.
    public init(base: String, tls: MutualTLS, limits: WebLimits = WebLimits(), name: String) throws(SakkError) {
        guard base.hasPrefix("https://"), base.utf8.count > 8,
            base.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }), !base.contains(where: { "@?#\\\"".contains($0) })
        else {
            throw SakkError(
                "web.address", source: name, text: "The address is not https://host[:port][/path].",
                remedy: "Correct the address; http and addresses with a user, query or fragment are not used.")
        }
        var base = base
        while base.hasSuffix("/") { base.removeLast() }
        self.base = base
        self.tls = tls
        self.limits = limits
        self.name = name
        thread = DeviceThread(label: "web \(name)")
    }

    deinit { thread.stop() }

    /// Throws `web.*` (`WebFailure`).
    public func send(_ request: WebRequest) throws(SakkError) -> WebAnswer {
        guard WebClient.started, let curl = handle ?? EasyHandle() else {
            throw WebFailure.of(name, "web.library", "libcurl does not start.", "Install libcurl and start again.")
        }
        handle = curl
        var url = base + request.path
        for (index, item) in request.query.enumerated() {
            url += (index == 0 ? "?" : "&") + item.name + "=" + WebClient.escape(item.value)
        }
        var headers = request.headers.map { "\($0.name): \($0.value)" } + ["Accept: application/json"]
        // without this curl asks for leave before a large body and waits a second for servers that do not know it
        if request.body != nil { headers += ["Content-Type: application/json", "Expect:"] }
        var answer = curl.perform(
            url: url, tls: tls, limits: limits, headers: headers, body: request.body)
        defer { sakk_curl_free(&answer) }
        if let error = WebFailure.of(answer, name: name) { throw error }
        let body = answer.body.map { Bytes(UnsafeBufferPointer(start: $0, count: answer.body_count)) } ?? []
        return WebAnswer(status: answer.status, body: body)
    }

    /// RFC 3986, 2.3: all but the unreserved characters.
    static func escape(_ text: String) -> String {
        var escaped = ""
        for byte in text.utf8 {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E:
                escaped.unicodeScalars.append(Unicode.Scalar(byte))
            default: escaped += "%" + [byte].hex
            }
        }
        return escaped
    }
}
