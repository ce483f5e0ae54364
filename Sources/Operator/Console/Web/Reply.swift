public import Ground

/// What is answered.
public struct Reply: Sendable {
    public enum Body: Sendable {
        case bytes(Bytes)
        /// Server-sent events (WHATWG HTML 9.2), until the stream ends or the other end goes away.
        case events(AsyncStream<String>)
    }

    public var status: Int
    public var headers: [(name: String, value: String)]
    public var body: Body

    public init(status: Int = 200, type: String, body: Bytes, headers: [(name: String, value: String)] = []) {
        self.status = status
        self.headers = [("content-type", type)] + headers
        self.body = .bytes(body)
    }

    init(events: AsyncStream<String>) {
        status = 200
        headers = [("content-type", "text/event-stream; charset=utf-8"), ("x-accel-buffering", "no")]
        body = .events(events)
    }

    static func html(_ text: String, status: Int = 200) -> Reply {
        Reply(status: status, type: "text/html; charset=utf-8", body: Bytes(text.utf8))
    }

    static func json(_ value: JSONValue, status: Int = 200) -> Reply {
        Reply(status: status, type: "application/json; charset=utf-8", body: value.canonical)
    }

    static func text(_ text: String, status: Int = 200, type: String = "text/plain; charset=utf-8") -> Reply {
        Reply(status: status, type: type, body: Bytes(text.utf8))
    }

    /// After a form: the browser asks for the page anew, so that going back repeats nothing.
    static func seeOther(_ path: String) -> Reply {
        Reply(status: 303, type: "text/plain; charset=utf-8", body: [], headers: [("location", path)])
    }

    func header(_ name: String) -> String? { headers.first { $0.name == name }?.value }

    /// Adds what every answer says: nothing is kept, framed, guessed or fetched from elsewhere.
    func sealed(isSecure: Bool) -> Reply {
        var reply = self
        if reply.header("cache-control") == nil { reply.headers.append(("cache-control", "no-store")) }
        reply.headers += [
            (
                "content-security-policy",
                "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self'; "
                    + "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
            ),
            ("x-content-type-options", "nosniff"), ("referrer-policy", "same-origin"), ("x-frame-options", "DENY"),
            ("cross-origin-opener-policy", "same-origin"), ("cross-origin-resource-policy", "same-origin"),
            ("permissions-policy", "camera=(), microphone=(), geolocation=()"),
        ]
        if isSecure { reply.headers.append(("strict-transport-security", "max-age=31536000")) }
        return reply
    }
}
