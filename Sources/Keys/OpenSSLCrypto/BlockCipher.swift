import COpenSSL
import Ground

/// A cipher as a provider has it, looked up once: OpenSSL looks `EVP_des_ede3_cbc()` and its like up anew at each call. It is
/// never changed and never freed, so it may cross threads.
struct CipherKind: @unchecked Sendable {
    let pointer: OpaquePointer?
    private init(_ name: String) { pointer = EVP_CIPHER_fetch(nil, name, nil) }

    static let tripleDESinCBC = CipherKind("DES-EDE3-CBC")
    static let tripleDESinECB = CipherKind("DES-EDE3")
    /// By the length of the key.
    static let aesInCBC = aes("CBC")
    static let aesInECB = aes("ECB")
    static let aesInGCM = aes("GCM")

    private static func aes(_ mode: String) -> [Int: CipherKind] {
        Dictionary(uniqueKeysWithValues: [16, 24, 32].map { ($0, CipherKind("AES-\($0 * 8)-\(mode)")) })
    }
}

/// One run of an unpadded block cipher.
enum BlockCipher {
    static func run(
        _ kind: CipherKind?, key: UnsafeRawBufferPointer, iv: Bytes?, data: Bytes, encrypt: Bool
    ) throws(SakkError) -> Bytes {
        guard let cipher = kind?.pointer, let context = EVP_CIPHER_CTX_new() else {
            throw keyFailure("The cipher is not there.")
        }
        defer { EVP_CIPHER_CTX_free(context) }
        guard data.count % Int(EVP_CIPHER_get_block_size(cipher)) == 0 else {
            throw keyFailure("The data is not a whole number of blocks.")
        }
        var output = Bytes(repeating: 0, count: data.count + 16)
        var written: Int32 = 0
        var last: Int32 = 0
        let keyBytes = key.bindMemory(to: UInt8.self).baseAddress
        guard EVP_CipherInit_ex(context, cipher, nil, keyBytes, iv, encrypt ? 1 : 0) == 1,
            EVP_CIPHER_CTX_set_padding(context, 0) == 1,
            EVP_CipherUpdate(context, &output, &written, data, Int32(data.count)) == 1,
            output.withUnsafeMutableBufferPointer({ buffer in
                EVP_CipherFinal_ex(context, buffer.baseAddress?.advanced(by: Int(written)), &last)
            }) == 1
        else { throw keyFailure("The cipher failed.") }
        // shortened in place: a copy would leave derived keys behind in the heap
        output.removeLast(output.count - Int(written + last))
        return output
    }
}

/// ISO/IEC 9797-1 padding method 2 (also ISO/IEC 7816-4): 80, then zeros to a whole block.
public enum ISO9797 {
    public static func pad2(_ data: [UInt8], block: Int) -> [UInt8] {
        let padded = data + [0x80]
        return padded + [UInt8](repeating: 0, count: (block - padded.count % block) % block)
    }

    /// Nil when the data does not end as padded data does.
    public static func unpad2(_ data: [UInt8]) -> [UInt8]? {
        guard let last = data.lastIndex(where: { $0 != 0 }), data[last] == 0x80 else { return nil }
        return [UInt8](data[..<last])
    }
}
