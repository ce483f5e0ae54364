import COpenSSL
public import Ground

/// A chip's own key on its way into the chip: secret numbers go straight into memory that is wiped.
extension PrivateKey {
    /// PKCS #8 in DER, in the clear.
    public func secretPKCS8() throws(SakkError) -> SecretBytes {
        guard let info = EVP_PKEY2PKCS8(handle.pointer) else { throw keyFailure("The key cannot be written.") }
        defer { PKCS8_PRIV_KEY_INFO_free(info) }
        var output: UnsafeMutablePointer<UInt8>?
        let count = i2d_PKCS8_PRIV_KEY_INFO(info, &output)
        guard count > 0, let output else { throw keyFailure("The key cannot be written.") }
        defer {
            OPENSSL_cleanse(output, Int(count))
            sakk_openssl_free(output)
        }
        return SecretBytes(count: Int(count)) { target in
            target.copyMemory(from: UnsafeRawBufferPointer(start: output, count: Int(count)))
        }
    }

    /// The private number of an RSA (`d`) or EC (`priv`) key, filled with zeros in front.
    public func secretNumber(byteCount: Int) throws(SakkError) -> SecretBytes {
        let name = kind == .rsa ? "d" : "priv"
        guard let number = PublicKey.number(handle.pointer, name), number.byteCount <= byteCount else {
            throw keyFailure("The key has no private number of this length.")
        }
        return SecretBytes(count: byteCount) { target in
            guard let base = target.baseAddress else { return }
            BN_bn2binpad(number.pointer, base.assumingMemoryBound(to: UInt8.self), Int32(byteCount))
        }
    }

    /// The modulus of an RSA key, filled with zeros in front.
    public func modulus(byteCount: Int) throws(SakkError) -> Bytes {
        guard kind == .rsa, let number = PublicKey.number(handle.pointer, "n"), number.byteCount <= byteCount else {
            throw keyFailure("The key has no modulus of this length.")
        }
        return number.bytes(count: byteCount)
    }
}
