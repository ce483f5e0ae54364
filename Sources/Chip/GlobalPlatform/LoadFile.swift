public import Ground
public import OpenSSLCrypto
public import SmartCard

/// A load file (GPCS 2.3.1 table 11-58): signatures of security domains, then the data block.
public struct LoadFile: Sendable, Equatable {
    /// A DAP block: the signature of one security domain over the hash of the data block (C.3).
    public struct Signature: Sendable, Equatable {
        public let securityDomain: Bytes
        public let signature: Bytes
        public init(securityDomain: Bytes, signature: Bytes) {
            self.securityDomain = securityDomain
            self.signature = signature
        }
    }

    public let dataBlock: Bytes
    public var signatures: [Signature]

    public init(dataBlock: Bytes, signatures: [Signature] = []) {
        self.dataBlock = dataBlock
        self.signatures = signatures
    }

    /// Load file data block hash (C.2): over the value of C4 alone.
    public func hash(_ digest: Digest) -> Bytes { digest.of(dataBlock) }

    /// E2 { 4F, C3 } for each signature, then C4.
    public var encoded: Bytes {
        signatures.flatMap { TLV(0xE2, [TLV(0x4F, $0.securityDomain), TLV(0xC3, $0.signature)]).encoded }
            + TLV(0xC4, dataBlock).encoded
    }

    /// LOAD commands (11.6): blocks numbered from 00, after FF again 00; bit 8 of P1 in the last.
    public func commands(blockSize: Int) -> [APDUCommand] {
        precondition(blockSize > 0, "a block has a byte at least")
        let stream = encoded
        let count = (stream.count + blockSize - 1) / blockSize
        return (0..<count).map { index in
            let block = Bytes(stream[index * blockSize..<min(stream.count, (index + 1) * blockSize)])
            return APDUCommand(0x80, 0xE8, index == count - 1 ? 0x80 : 0x00, UInt8(index & 0xFF), data: block, le: 256)
        }
    }
}

/// A symmetric key for tokens and DAP signatures (C.3, C.4). Asymmetric ones sign outside, in a vault.
public final class ContentKey: Sendable {
    private let key: SecretBytes
    private let kind: CardKeyType

    public init(_ key: consuming SecretBytes, _ kind: CardKeyType) {
        self.key = key
        self.kind = kind
    }

    /// AES: CMAC, 16 bytes (B.2.2). DES: single DES with triple last block over padded data, 8 bytes (B.1.2.2).
    public func sign(_ data: Bytes) throws(SakkError) -> Bytes {
        switch kind {
        case .aes: try AES.cmac(key: key, data: data)
        case .des: try TripleDES.retailMAC(key: key, data: ISO9797.pad2(data, block: 8))
        }
    }
}
