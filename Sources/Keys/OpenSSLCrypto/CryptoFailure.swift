import COpenSSL
import Ground

/// The reason OpenSSL gave on this thread, as an error of ours. Read at once: the queue is per thread.
func cryptoFailure(_ code: SakkError.Code, _ text: String, remedy: String) -> SakkError {
    let number = ERR_peek_last_error()
    ERR_clear_error()
    var native: SakkError.Native?
    if number != 0, let reason = ERR_reason_error_string(number) {
        native = SakkError.Native(kind: "openssl", value: String(cString: reason))
    }
    return SakkError(code, source: "crypto", native: native, text: text, remedy: remedy)
}

func keyFailure(_ text: String) -> SakkError {
    cryptoFailure("crypto.key", text, remedy: "Check the key material; this is a fault of configuration or program.")
}
