import COpenSSL
public import Ground

/// Two-key triple DES (SP 800-67) with keys of 16 bytes, CBC without padding, and the retail MAC of ISO/IEC 9797-1.
/// Single DES is triple DES with three equal keys: the default provider of OpenSSL 3 has no single DES.
public enum TripleDES {
    public static func cbcEncrypt(key: Bytes, iv: Bytes, data: Bytes) throws(SakkError) -> Bytes {
        try run(key, iv, data, encrypt: true)
    }

    public static func cbcDecrypt(key: Bytes, iv: Bytes, data: Bytes) throws(SakkError) -> Bytes {
        try run(key, iv, data, encrypt: false)
    }

    public static func ecbEncrypt(key: Bytes, data: Bytes) throws(SakkError) -> Bytes {
        let long = try tripled(key)
        return try withRaw(long) { (key) throws(SakkError) in
            try BlockCipher.run(.tripleDESinECB, key: key, iv: nil, data: data, encrypt: true)
        }
    }

    /// The same with a secret key.
    public static func cbcEncrypt(key: borrowing SecretBytes, iv: Bytes, data: Bytes) throws(SakkError) -> Bytes {
        try cbc(key, iv, data, encrypt: true)
    }

    public static func cbcDecrypt(key: borrowing SecretBytes, iv: Bytes, data: Bytes) throws(SakkError) -> Bytes {
        try cbc(key, iv, data, encrypt: false)
    }

    public static func ecbEncrypt(key: borrowing SecretBytes, data: Bytes) throws(SakkError) -> Bytes {
        let long = try tripled(key)
        return try long.withBytes { (key) throws(SakkError) in
            try BlockCipher.run(.tripleDESinECB, key: key, iv: nil, data: data, encrypt: true)
        }
    }

    /// Single DES with the left half of the key.
    public static func singleEncrypt(leftHalfOf key: borrowing SecretBytes, block: Bytes) throws(SakkError) -> Bytes {
        try ecbEncrypt(key: half(of: key, left: true), data: block)
    }

    /// MAC algorithm 3 (single DES, last block triple) over data that is already padded: eight bytes.
    public static func retailMAC(
        key: borrowing SecretBytes, iv: Bytes = Bytes(repeating: 0, count: 8), data: Bytes
    ) throws(SakkError) -> Bytes {
        guard key.count == 16, !data.isEmpty, data.count % 8 == 0 else {
            throw keyFailure("A retail MAC takes a key of 16 bytes and whole blocks of 8.")
        }
        let zero = Bytes(repeating: 0, count: 8)
        let left = half(of: key, left: true)
        let chained = try cbcEncrypt(key: left, iv: iv, data: data)
        let opened = try cbcDecrypt(key: half(of: key, left: false), iv: zero, data: Bytes(chained.suffix(8)))
        return try cbcEncrypt(key: left, iv: zero, data: opened)
    }

    /// One half twice: triple DES with it is single DES.
    private static func half(of key: borrowing SecretBytes, left: Bool) -> SecretBytes {
        key.withBytes { source in
            SecretBytes(count: 16) { target in
                for index in 0..<16 { target[index] = source[index % 8 + (left ? 0 : 8)] }
            }
        }
    }

    private static func cbc(
        _ key: borrowing SecretBytes, _ iv: Bytes, _ data: Bytes, encrypt: Bool
    ) throws(SakkError) -> Bytes {
        guard iv.count == 8 else { throw keyFailure("A DES initial vector has 8 bytes.") }
        let long = try tripled(key)
        return try long.withBytes { (key) throws(SakkError) in
            try BlockCipher.run(.tripleDESinCBC, key: key, iv: iv, data: data, encrypt: encrypt)
        }
    }

    private static func tripled(_ key: borrowing SecretBytes) throws(SakkError) -> SecretBytes {
        guard key.count == 16 || key.count == 24 else { throw keyFailure("A triple DES key has 16 or 24 bytes.") }
        return key.withBytes { source in
            SecretBytes(count: 24) { target in for index in 0..<24 { target[index] = source[index % source.count] } }
        }
    }

    /// MAC algorithm 3 with DES, initial value zero, over data that is already padded: eight bytes.
    public static func retailMAC(key: Bytes, data: Bytes) throws(SakkError) -> Bytes {
        guard key.count == 16, !data.isEmpty, data.count % 8 == 0 else {
            throw keyFailure("A retail MAC takes a key of 16 bytes and whole blocks of 8.")
        }
        let zero = Bytes(repeating: 0, count: 8)
        let left = Bytes(key.prefix(8))
        let chained = try cbcEncrypt(key: left + left, iv: zero, data: data)
        let right = Bytes(key.suffix(8))
        let opened = try cbcDecrypt(key: right + right, iv: zero, data: Bytes(chained.suffix(8)))
        return try cbcEncrypt(key: left + left, iv: zero, data: opened)
    }

    /// Odd parity in each byte, as DES keys have it.
    public static func adjustParity(_ key: Bytes) -> Bytes {
        key.map { byte in
            let upper = byte & 0xFE
            return upper | (upper.nonzeroBitCount % 2 == 0 ? 1 : 0)
        }
    }

    private static func run(_ key: Bytes, _ iv: Bytes, _ data: Bytes, encrypt: Bool) throws(SakkError) -> Bytes {
        guard iv.count == 8 else { throw keyFailure("A DES initial vector has 8 bytes.") }
        let long = try tripled(key)
        return try withRaw(long) { (key) throws(SakkError) in
            try BlockCipher.run(.tripleDESinCBC, key: key, iv: iv, data: data, encrypt: encrypt)
        }
    }

    private static func tripled(_ key: Bytes) throws(SakkError) -> Bytes {
        switch key.count {
        case 16: return key + key.prefix(8)
        case 24: return key
        default: throw keyFailure("A triple DES key has 16 or 24 bytes.")
        }
    }
}
