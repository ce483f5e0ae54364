import COpenSSL
public import Ground

/// Hash functions (FIPS 180-4).
public enum Digest: String, Sendable, CaseIterable {
    case sha1, sha224, sha256, sha384, sha512

    public static func sha1(_ bytes: Bytes) -> Bytes { Digest.sha1.of(bytes) }
    public static func sha256(_ bytes: Bytes) -> Bytes { Digest.sha256.of(bytes) }
    public static func sha384(_ bytes: Bytes) -> Bytes { Digest.sha384.of(bytes) }
    public static func sha512(_ bytes: Bytes) -> Bytes { Digest.sha512.of(bytes) }

    /// The hash of all of `bytes`.
    public func of(_ bytes: Bytes) -> Bytes {
        Bytes(unsafeUninitializedCapacity: byteCount) { output, written in
            write(bytes, to: output.baseAddress)
            written = byteCount
        }
    }

    /// The hash of all of `bytes` into `byteCount` bytes at `output`.
    func write(_ bytes: Bytes, to output: UnsafeMutablePointer<UInt8>?) {
        let done = sakk_digest(implementation.pointer ?? algorithm, bytes, bytes.count, output, nil)
        precondition(done == 1, "hash functions of the default provider do not fail")
    }

    /// A hash function as a provider has it, looked up once: OpenSSL looks `algorithm` up anew at each call. It is never
    /// changed and never freed, so it may cross threads.
    private struct Implementation: @unchecked Sendable {
        let pointer: OpaquePointer?
        private init(_ name: String) { pointer = EVP_MD_fetch(nil, name, nil) }

        static let sha1 = Implementation("SHA1")
        static let sha224 = Implementation("SHA224")
        static let sha256 = Implementation("SHA256")
        static let sha384 = Implementation("SHA384")
        static let sha512 = Implementation("SHA512")
    }

    private var implementation: Implementation {
        switch self {
        case .sha1: .sha1
        case .sha224: .sha224
        case .sha256: .sha256
        case .sha384: .sha384
        case .sha512: .sha512
        }
    }

    var algorithm: OpaquePointer? {
        switch self {
        case .sha1: EVP_sha1()
        case .sha224: EVP_sha224()
        case .sha256: EVP_sha256()
        case .sha384: EVP_sha384()
        case .sha512: EVP_sha512()
        }
    }
}

/// HMAC (RFC 2104).
public enum HMAC {
    public static func sha256(key: borrowing SecretBytes, data: Bytes) -> Bytes {
        key.withBytes { sha256(key: $0, data: data) }
    }

    public static func sha256(key: Bytes, data: Bytes) -> Bytes {
        key.withUnsafeBytes { sha256(key: $0, data: data) }
    }

    private static func sha256(key: UnsafeRawBufferPointer, data: Bytes) -> Bytes {
        var output = Bytes(repeating: 0, count: 32)
        var count: UInt32 = 0
        // an empty key is a key; OpenSSL wants an address all the same
        var none: UInt8 = 0
        let result = withUnsafePointer(to: &none) { fallback in
            COpenSSL.HMAC(
                EVP_sha256(), key.baseAddress ?? UnsafeRawPointer(fallback), Int32(key.count), data, data.count,
                &output, &count)
        }
        precondition(result != nil && count == 32, "HMAC-SHA256 does not fail")
        return output
    }
}

/// Bytes nobody can guess.
public enum RandomSource {
    /// Throws `crypto.random` when the system has none: then nothing is made.
    public static func bytes(_ count: Int) throws(SakkError) -> Bytes {
        var bytes = Bytes(repeating: 0, count: count)
        guard count == 0 || RAND_bytes(&bytes, Int32(count)) == 1 else {
            throw cryptoFailure(
                "crypto.random", "No random numbers are to be had.", remedy: "Check the system's random source.")
        }
        return bytes
    }

    /// A fresh secret of `count` bytes.
    public static func secret(_ count: Int) throws(SakkError) -> SecretBytes {
        var bytes = try bytes(count)
        return SecretBytes(wiping: &bytes)
    }
}

/// Comparisons that take the same time wherever the first difference lies.
public enum ConstantTime {
    public static func equal(_ left: Bytes, _ right: Bytes) -> Bool {
        left.count == right.count && CRYPTO_memcmp(left, right, left.count) == 0
    }
}
