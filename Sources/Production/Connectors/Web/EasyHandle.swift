import CCurl
import Glibc
import Ground

/// A curl handle: keeps its connection between requests. Used on its client's thread only.
final class EasyHandle {
    private let pointer: UnsafeMutableRawPointer

    init?() {
        guard let pointer = curl_easy_init() else { return nil }
        self.pointer = pointer
    }

    deinit { curl_easy_cleanup(pointer) }

    /// The answer's body is the caller's to free with `sakk_curl_free`.
    func perform(
        url: String, tls: MutualTLS, limits: WebLimits, headers: [String], body: Bytes?
    ) -> sakk_curl_answer {
        var answer = sakk_curl_answer()
        let texts = ([url, tls.authorities, tls.certificate, tls.key] + headers).map { strdup($0) }
        defer { for text in texts { free(text) } }
        let pointers = texts.map { text in text.map { UnsafePointer<CChar>($0) } }
        Array(pointers.dropFirst(4)).withUnsafeBufferPointer { list in
            (body ?? []).withUnsafeBufferPointer { bytes in
                // an empty body is a body; curl wants an address all the same
                var none: UInt8 = 0
                withUnsafePointer(to: &none) { fallback in
                    var request = sakk_curl_request()
                    request.url = pointers[0]
                    request.authorities = pointers[1]
                    request.certificate = pointers[2]
                    request.key = pointers[3]
                    request.body = body == nil ? nil : bytes.baseAddress ?? fallback
                    request.body_count = bytes.count
                    request.headers = list.baseAddress
                    request.header_count = list.count
                    request.connect_timeout_ms = limits.connectMilliseconds
                    request.timeout_ms = limits.totalMilliseconds
                    request.answer_limit = limits.answerBytes
                    sakk_curl_perform(pointer, &request, &answer)
                }
            }
        }
        return answer
    }
}
