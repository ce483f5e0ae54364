import CCurl
import Ground

/// What can go wrong between two computers, told by whom it is to be mended.
///
/// `web.unreachable`, `web.timeout`, `web.answer.cut`, `web.busy` pass by themselves: the caller tries again after a
/// pause. `web.certificate.untrusted`, `.name`, `.expired` are the server's, `web.identity` is ours (no certificate that
/// the server takes: TLS alert, 401, 403), `web.own.certificate` is our own file. `web.refused` (other 4xx),
/// `web.redirected`, `web.cursor.gone` (410), `web.answer.large`, `web.answer.schema` need a person.
enum WebFailure {
    static func of(_ name: String, _ code: SakkError.Code, _ text: String, _ remedy: String) -> SakkError {
        SakkError(code, source: name, text: text, remedy: remedy)
    }

    static func passes(_ error: SakkError) -> Bool {
        ["web.unreachable", "web.timeout", "web.answer.cut", "web.busy", "source.table.away", "source.table.busy"]
            .contains(error.code.rawValue)
    }

    static func schema(_ name: String, _ reason: String) -> SakkError {
        of(
            name, "web.answer.schema", "The answer is not what the protocol asks for: \(reason).",
            "Ask the keeper of the server; docs/connectors.md states the protocol.")
    }

    /// Nil for an answer of the 200 family.
    static func of(_ answer: sakk_curl_answer, name: String) -> SakkError? {
        guard answer.code == CURLE_OK else { return broken(answer, name: name) }
        let status = Int(answer.status)
        if (200..<300).contains(status) { return nil }
        let asked = "Ask the keeper of the server."
        var error =
            switch status {
            case 300..<400: of(name, "web.redirected", "The server points elsewhere.", "Configure the right address.")
            case 401, 403:
                of(
                    name, "web.identity", "The server does not let this client in.",
                    "Check that the client certificate is registered with the server.")
            case 410: of(name, "web.cursor.gone", "The server no longer knows this place in its list.", asked)
            case 408, 425, 429, 500...:
                of(
                    name, "web.busy", "The server cannot answer now.",
                    "It is asked again; if it stays, call its keeper.")
            default: of(name, "web.refused", "The server refuses the request.", asked)
            }
        error.native = SakkError.Native(kind: "http", value: "\(status)")
        // an act that the server may have begun
        if error.code == "web.busy" { error.outcome = .unknown }
        return error
    }

    private static func broken(_ answer: sakk_curl_answer, name: String) -> SakkError {
        var error = kind(answer, name: name)
        let isChain = error.code.rawValue.hasPrefix("web.certificate.") && answer.verification != 0
        error.native =
            isChain
            ? SakkError.Native(kind: "x509", value: "\(answer.verification)")
            : SakkError.Native(kind: "curl", value: "\(answer.code.rawValue)")
        return error
    }

    private static func kind(_ answer: sakk_curl_answer, name: String) -> SakkError {
        if answer.too_large != 0 {
            return of(
                name, "web.answer.large", "The answer is larger than is taken.",
                "Ask for smaller pages (`page_records`).")
        }
        switch answer.code {
        case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_CONNECT:
            return of(
                name, "web.unreachable", "The server cannot be reached.",
                "Check network, name and port; it is tried again.")
        case CURLE_OPERATION_TIMEDOUT:
            var error = of(
                name, "web.timeout", "The server did not answer in time.", "It is tried again; check the network.")
            error.outcome = .unknown
            return error
        case CURLE_PEER_FAILED_VERIFICATION: return certificate(answer, name: name)
        case CURLE_SSL_CERTPROBLEM, CURLE_SSL_CACERT_BADFILE:
            return of(
                name, "web.own.certificate", "The certificate, key or list of authorities cannot be used.",
                "Check the files under `tls`: PEM, readable, key without pass phrase and belonging to the certificate.")
        case CURLE_SSL_CONNECT_ERROR where isAlert(answer), CURLE_RECV_ERROR where isAlert(answer),
            CURLE_SEND_ERROR where isAlert(answer):
            return of(
                name, "web.identity", "The server does not take our certificate.",
                "Check that the client certificate is valid and of the authority that the server asks for.")
        case CURLE_SSL_CONNECT_ERROR:
            return of(
                name, "web.tls", "No common ground for TLS: 1.2 or newer is needed.", "Ask the keeper of the server.")
        case CURLE_URL_MALFORMAT, CURLE_UNSUPPORTED_PROTOCOL:
            return of(name, "web.address", "The address cannot be used.", "Correct the address: https only.")
        default:
            var error = of(
                name, "web.answer.cut", "The connection ended before the answer did.",
                "It is tried again; if it stays, call the keeper of the server.")
            error.outcome = .unknown
            return error
        }
    }

    private static func certificate(_ answer: sakk_curl_answer, name: String) -> SakkError {
        let remedy = "Nothing was sent. Call the keeper of the server by telephone before changing anything here."
        switch answer.verification {
        case 0, 1, 62:
            // X509_V_ERR_HOSTNAME_MISMATCH; curl 7 compares names itself, behind the chain, and leaves UNSPECIFIED
            return of(name, "web.certificate.name", "The server's certificate is made out to another name.", remedy)
        case 9, 10:  // X509_V_ERR_CERT_NOT_YET_VALID, X509_V_ERR_CERT_HAS_EXPIRED
            return of(name, "web.certificate.expired", "The server's certificate is not valid today.", remedy)
        default:
            return of(
                name, "web.certificate.untrusted", "The server's certificate is not of a configured authority.", remedy)
        }
    }

    /// A TLS alert of the server (RFC 8446, 6.2): with TLS 1.3 a missing client certificate is told at the first read.
    private static func isAlert(_ answer: sakk_curl_answer) -> Bool {
        withUnsafeBytes(of: answer.message) { message in
            let text = String(decoding: message.prefix { $0 != 0 }, as: UTF8.self).lowercased()
            return text.contains("alert") && !text.contains("protocol version")
        }
    }
}
