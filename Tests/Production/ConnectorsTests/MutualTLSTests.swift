import Connectors
import Ground
import Testing

@Suite("Mutual TLS against the reference server") struct MutualTLSTests {
    private func code(_ client: WebClient, _ request: WebRequest = WebRequest("/v1/records")) async -> SakkError.Code? {
        do throws(SakkError) {
            _ = try await client.send(request)
            return nil
        } catch {
            return error.code
        }
    }

    @Test("The right certificates on both sides let a request through") func right() async throws {
        let server = try ReferenceServer()
        #expect(try await server.client().send(WebRequest("/v1/records")).status == 200)
        #expect(try await server.client(host: "127.0.0.1").send(WebRequest("/v1/records")).status == 200)
    }

    @Test("A client of a foreign authority is not let in") func foreignClient() async throws {
        let server = try ReferenceServer()
        #expect(await code(try server.client("client-foreign")) == "web.identity")
    }

    @Test("A client without its key or certificate is told to look at its own files") func ownFiles() async throws {
        let server = try ReferenceServer()
        var tls = try ReferenceServer.tls()
        tls.key = "/nowhere/key.pem"
        let base = "https://localhost:\(server.port)"
        #expect(await code(try WebClient(base: base, tls: tls, name: "registry")) == "web.own.certificate")
        tls = try ReferenceServer.tls()
        tls.key = try ReferenceServer.tls(client: "client-foreign").key
        #expect(await code(try WebClient(base: base, tls: tls, name: "registry")) == "web.own.certificate")
        tls = try ReferenceServer.tls()
        tls.authorities = "/nowhere/authority.pem"
        #expect(await code(try WebClient(base: base, tls: tls, name: "registry")) == "web.own.certificate")
    }

    @Test(
        "A server of a foreign authority, of another name or of the past gets nothing",
        arguments: [
            ("server-foreign", "web.certificate.untrusted"), ("server-other-name", "web.certificate.name"),
            ("server-expired", "web.certificate.expired"),
        ])
    func wrongServer(_ server: String, _ expected: String) async throws {
        let server = try ReferenceServer(server: server)
        let code = await code(try server.client())?.rawValue
        #expect(code == expected)
    }

    @Test("An authority of the system is not believed when another one is configured") func systemAuthority()
        async throws
    {
        let server = try ReferenceServer()
        let tls = try ReferenceServer.tls(authority: "foreign-authority")
        let client = try WebClient(base: "https://localhost:\(server.port)", tls: tls, name: "registry")
        #expect(await code(client) == "web.certificate.untrusted")
    }

    @Test("Each kind of refusal has a code of its own") func refusals() async throws {
        let server = try ReferenceServer()
        let client = try server.client()
        for (order, expected) in [
            ("busy", "web.busy"), ("forbid", "web.identity"), ("unknown", "web.identity"), ("gone", "web.cursor.gone"),
            ("reject", "web.refused"), ("drop", "web.answer.cut"), ("cut", "web.answer.cut"),
        ] {
            // curl itself tries once more when a connection that it kept turns out to be dead
            try await server.order(.object([order: order == "drop" ? 2 : 1]))
            let code = await code(client)?.rawValue
            #expect(code == expected, "\(order)")
        }
        #expect(await code(client, WebRequest("/v1/nothing")) == "web.refused")
    }

    @Test("An answer that is too large or too late is given up") func limits() async throws {
        let server = try ReferenceServer()
        try server.put("1", Bytes(repeating: 7, count: 100_000))
        var limits = WebLimits()
        limits.answerBytes = 50_000
        #expect(await code(try server.client(limits: limits)) == "web.answer.large")
        limits = WebLimits()
        limits.totalMilliseconds = 150
        try await server.order(["hang": 1])
        #expect(await code(try server.client(limits: limits)) == "web.timeout")
        server.stop()
        #expect(await code(try server.client()) == "web.unreachable")
    }

    @Test("Only https addresses without user, query or fragment are taken") func addresses() throws {
        for base in ["http://localhost", "https://", "https://a@b", "https://a/?b", "https://a#b", "https://a b"] {
            #expect(throws: SakkError("web.address", source: "", text: "", remedy: "")) {
                _ = try WebClient(base: base, tls: try ReferenceServer.tls(), name: "registry")
            }
        }
    }
}
