import Foundation
public import Ground
public import OpenSSLCrypto
import Synchronization

/// Whose certificates may prove a person at the console: the authorities that issue them, and the lists of those that were
/// taken back. A list is read again when its file changes, so that a card that was lost is worth nothing at once.
public final class ClientTrust: Sendable {
    private struct Known {
        let content: Data
        let list: CertificateRevocationList
    }

    private let authorities: [X509Certificate]
    private let paths: [String]
    private let known = Mutex<[String: Known]>([:])

    /// - Parameters:
    ///   - authorities: each issues people's certificates itself; no chain is built.
    ///   - lists: paths of revocation lists (PEM or DER); none, or one for each authority.
    ///
    /// Throws `console.certificate.list` when an authority has no list although others have, or a list cannot be read.
    public init(authorities: [X509Certificate], lists: [String] = []) throws(SakkError) {
        self.authorities = authorities
        paths = lists
        for authority in authorities where !lists.isEmpty {
            var isListed = false
            for path in lists where try list(path).isSigned(by: authority) { isListed = true }
            guard isListed else { throw ClientTrust.refusal("list") }
        }
    }

    /// Whether the certificate is good at this time; whose it is the books say.
    ///
    /// Errors: `console.certificate.untrusted` (no authority of ours issued it), `.expired` (its period is over or has not
    /// begun), `.revoked`, `.list` (the list of its authority is over, or cannot be read).
    public func check(_ certificate: X509Certificate, at now: WallTime) throws(SakkError) {
        guard let authority = authorities.first(where: { certificate.isIssued(by: $0) && $0.isValid(at: now) }) else {
            throw ClientTrust.refusal("untrusted")
        }
        guard certificate.isValid(at: now) else { throw ClientTrust.refusal("expired") }
        guard !paths.isEmpty else { return }
        var isListed = false
        for path in paths {
            let list = try list(path)
            guard list.isSigned(by: authority) else { continue }
            guard !list.revokes(certificate) else { throw ClientTrust.refusal("revoked") }
            if list.thisUpdate <= now, list.nextUpdate.map({ now <= $0 }) ?? true { isListed = true }
        }
        guard isListed else { throw ClientTrust.refusal("list") }
    }

    private func list(_ path: String) throws(SakkError) -> CertificateRevocationList {
        // its content tells a list from the one before, also from one of the same second and size
        guard let content = FileManager.default.contents(atPath: path) else { throw ClientTrust.refusal("list") }
        if let last = known.withLock({ $0[path] }), last.content == content { return last.list }
        let bytes = Bytes(content)
        let list: CertificateRevocationList
        do throws(SakkError) {
            list =
                bytes.starts(with: Bytes("-----BEGIN".utf8))
                ? try CertificateRevocationList(pem: bytes) : try CertificateRevocationList(der: bytes)
        } catch {
            throw ClientTrust.refusal("list")
        }
        known.withLock { $0[path] = Known(content: content, list: list) }
        return list
    }

    static func refusal(_ kind: String) -> SakkError {
        let words: [String: (text: String, remedy: String)] = [
            "none": ("The browser proved no certificate.", "Put your card into the reader and open the page anew."),
            "untrusted": (
                "No authority that this console trusts issued the certificate.", "Choose your own certificate."
            ),
            "expired": ("The certificate is not valid at this time.", "Have a new one issued."),
            "revoked": ("The certificate was taken back.", "Tell the supervisor; have a new one issued."),
            "list": (
                "Nobody can say whether the certificate was taken back.",
                "Have the authority's list brought up to date."
            ),
            "unknown": ("The certificate is nobody's here.", "A supervisor enters it with `sakk people certificate`."),
            "other": ("The session belongs to another certificate.", "Sign in again."),
        ]
        return SakkError(
            SakkError.Code(rawValue: "console.certificate.\(kind)"), source: "console", text: words[kind]?.text ?? "",
            remedy: words[kind]?.remedy ?? "")
    }
}
