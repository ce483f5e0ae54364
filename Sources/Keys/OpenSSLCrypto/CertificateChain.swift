import COpenSSL
import Ground

/// Chains of certificates up to a trusted one (RFC 5280, 6), without online checks.
enum CertificateChain {
    /// Throws `cms.chain.untrusted` or `cms.certificate.expired`.
    static func verify(
        _ certificate: X509Certificate, others: [X509Certificate], trust: [X509Certificate], at time: WallTime
    ) throws(SakkError) {
        guard let store = X509_STORE_new(), let context = X509_STORE_CTX_new(), let stack = sakk_x509_stack_new()
        else { throw keyFailure("Out of memory.") }
        defer {
            X509_STORE_CTX_free(context)
            X509_STORE_free(store)
            sakk_x509_stack_free_shallow(stack)
        }
        for anchor in trust { X509_STORE_add_cert(store, anchor.handle.pointer) }
        for other in others { _ = sakk_x509_stack_push(stack, other.handle.pointer) }
        guard X509_STORE_CTX_init(context, store, certificate.handle.pointer, stack) == 1 else {
            throw keyFailure("The chain cannot be checked.")
        }
        let parameters = X509_STORE_CTX_get0_param(context)
        X509_VERIFY_PARAM_set_time(parameters, time_t(time.microseconds / 1_000_000))
        // a trusted intermediate is trusted; purposes are the caller's business
        X509_VERIFY_PARAM_set_flags(parameters, UInt(X509_V_FLAG_PARTIAL_CHAIN))
        X509_VERIFY_PARAM_set_purpose(parameters, X509_PURPOSE_ANY)
        sakk_accept_named_explicit_curves(context)
        guard X509_verify_cert(context) != 1 else { return }
        let code = X509_STORE_CTX_get_error(context)
        let reason = X509_verify_cert_error_string(Int(code)).map { String(cString: $0) } ?? "unknown"
        let expired = code == X509_V_ERR_CERT_HAS_EXPIRED || code == X509_V_ERR_CERT_NOT_YET_VALID
        ERR_clear_error()
        throw SakkError(
            expired ? "cms.certificate.expired" : "cms.chain.untrusted", source: "crypto",
            native: SakkError.Native(kind: "x509", value: "\(code) \(reason)"),
            text: expired
                ? "A certificate of the signer is not valid at this time."
                : "The signer does not chain to a trusted certificate.",
            remedy: "Do not use it; check the signer and the list of trusted certificates.")
    }
}
