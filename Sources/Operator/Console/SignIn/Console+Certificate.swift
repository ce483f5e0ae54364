import Ground
import Ledger
import OpenSSLCrypto

extension Console {
    /// What the page to sign in at says of the certificate; nil where nobody signs in with one.
    func certificateDoor(_ ask: Ask) -> JSONValue {
        guard settings.clientTrust != nil else { return .null }
        guard ask.proof != .none else {
            // the other port has the same name: only the number differs
            let host = ask.headers["host"].flatMap(Console.hostName)
            guard let port = settings.certificatePort?.value, let host else { return .null }
            return ["address": .string("https://\(host):\(port)/signin")]
        }
        guard case .certificate(let der) = ask.proof, let certificate = try? X509Certificate(der: der) else {
            return ["is_missing": true]
        }
        return ["subject": .string(certificate.subject)]
    }

    /// A name or an address without its port; nil for what is neither.
    private static func hostName(_ host: String) -> String? {
        let name =
            host.hasPrefix("[") ? host.split(separator: "]").first.map { $0 + "]" } : host.split(separator: ":").first
        guard let name, !name.isEmpty,
            name.utf8.allSatisfy({
                (48...58).contains($0) || (65...91).contains($0) || (97...122).contains($0)
                    || [45, 46, 93].contains($0)
            })
        else { return nil }
        return String(name)
    }

    /// Whose certificate the connection proved. Refused: `console.certificate.*`, `console.wait`.
    func identifyByCertificate(_ ask: Ask) async throws(SakkError) -> Person {
        let item = ask.certificateDigest.map { "certificate \($0.hex.lowercased())" } ?? "certificate"
        return try await proving(ask, names: [], item) { known throws(SakkError) in
            guard let trust = settings.clientTrust, case .certificate(let der) = ask.proof else {
                throw ClientTrust.refusal("none")
            }
            if let id = try await books.person(certificate: Digest.sha256(der)) {
                known = try await books.read(PersonQuery(id))
            }
            try trust.check(try X509Certificate(der: der), at: time.wall())
            guard let person = known, person.isActive else { throw ClientTrust.refusal("unknown") }
            return person
        }
    }

    /// Nil while the session's certificate, if it has one, is on this connection and still good: the cookie alone is worth
    /// nothing, and a certificate that was taken back ends what was begun with it.
    func withoutProof(_ session: Session, _ ask: Ask) async -> SakkError? {
        guard let digest = session.certificate else { return nil }
        guard case .certificate(let der) = ask.proof, ask.certificateDigest == digest else {
            return ClientTrust.refusal("other")
        }
        do throws(SakkError) {
            guard let trust = settings.clientTrust else { throw ClientTrust.refusal("none") }
            try trust.check(try X509Certificate(der: der), at: time.wall())
            // what was taken back in the books by another program, at the latest when something is to be done
            if ask.method == "POST", try await books.person(certificate: digest) != session.person.id {
                throw ClientTrust.refusal("unknown")
            }
            return nil
        } catch {
            return error
        }
    }

    /// A person without a password opens the lock with the certificate that the session began with.
    func opensByCertificate(_ session: Session?) async throws(SakkError) -> Bool {
        guard let session, session.certificate != nil else { return false }
        return try await !books.credentials(of: session.person.id).contains { $0.credential.kind == .password }
    }
}
