internal import Ground
internal import OpenSSLCrypto
internal import SmartCard

/// Chip Authentication version 1, the reader's side (Doc 9303-11 clause 6.2): new session keys that only the chip with
/// the signed key can have.
struct ChipAuthentication {
    let protocolIdentifier: Bytes
    let suite: CipherSuite
    let key: SecurityInfos.ChipKey
    /// Whether 84 names the key: the chip has several.
    let namesKey: Bool

    struct Outcome {
        /// The reader's ephemeral public key: Terminal Authentication signs it.
        let terminalPublicKey: Bytes
        let domain: AgreementDomain
        /// Whether a chip with triple DES took MSE:Set AT instead of MSE:Set KAT.
        let deviates: Bool
    }

    /// The strongest variant that the chip offers with a key of ours to fit; nil when there is none.
    init?(_ infos: SecurityInfos) {
        let offers = infos.chipAuthentication.sorted { $0.suite.rawValue > $1.suite.rawValue }
        for offer in offers {
            let fitting = infos.chipKeys.filter { $0.kind == offer.kind }
            guard let key = fitting.first(where: { $0.keyID == offer.keyID }) ?? fitting.only else { continue }
            self.init(
                protocolIdentifier: offer.identifier, suite: offer.suite, key: key, namesKey: key.keyID != nil)
            return
        }
        // the first documents had a key and no ChipAuthenticationInfo: triple DES is meant
        guard offers.isEmpty, let key = infos.chipKeys.only else { return nil }
        let family: UInt8 = key.kind == .dh ? 1 : 2
        self.init(
            protocolIdentifier: ObjectIdentifier.smartcard + [3, family, 1], suite: .tripleDES, key: key,
            namesKey: key.keyID != nil)
    }

    init(protocolIdentifier: Bytes, suite: CipherSuite, key: SecurityInfos.ChipKey, namesKey: Bool) {
        self.protocolIdentifier = protocolIdentifier
        self.suite = suite
        self.key = key
        self.namesKey = namesKey
    }

    /// Restarts secure messaging with the new keys. `ephemeral` is the reader's secret; nil is a fresh one.
    func run(on messaging: SecureMessaging, ephemeral: Bytes? = nil) throws(BorderFault) -> Outcome {
        let mine: (private: Bytes, public: Bytes)
        let shared: Bytes
        do throws(SakkError) {
            if let ephemeral {
                mine = (ephemeral, try key.domain.publicKey(of: ephemeral))
            } else {
                mine = try key.domain.keyPair()
            }
            shared = try key.domain.agree(privateKey: mine.private, publicKey: key.publicKey)
        } catch {
            throw .chip("Chip Authentication: the signed key is not in its group")
        }
        let reference = namesKey ? key.keyID.map { TLV(0x84, $0).encoded } ?? [] : []
        var deviates = false
        if suite == .tripleDES {
            let data = TLV(0x91, mine.public).encoded + reference
            let answer = try messaging.transmit(APDUCommand(0x00, 0x22, 0x41, 0xA6, data: data))
            if !answer.status.isSuccess {
                // documents that know only the newer commands (clause 8.5 note 1)
                deviates = true
                try authenticate(messaging, mine.public, reference)
            }
        } else {
            try authenticate(messaging, mine.public, reference)
        }
        messaging.restart(keys: suite.keys(from: shared))
        return Outcome(terminalPublicKey: mine.public, domain: key.domain, deviates: deviates)
    }

    private func authenticate(
        _ messaging: SecureMessaging, _ publicKey: Bytes, _ reference: Bytes
    ) throws(BorderFault) {
        let template = TLV(0x80, protocolIdentifier).encoded + reference
        _ = try messaging.expect(
            APDUCommand(0x00, 0x22, 0x41, 0xA4, data: template), "Chip Authentication: MSE:Set AT")
        let data = TLV(0x7C, [TLV(0x80, publicKey)]).encoded
        _ = try messaging.expect(
            APDUCommand(0x00, 0x86, 0, 0, data: data, le: data.count > 200 ? 65536 : 256),
            "Chip Authentication: GENERAL AUTHENTICATE")
    }
}

extension Collection {
    /// The element when there is exactly one.
    var only: Element? { count == 1 ? first : nil }
}

extension PasswordAccess.Outcome {
    /// Whether the signed static key explains the mapping (clause 4.4.3.5.2).
    func isExplained(by key: SecurityInfos.ChipKey) -> Bool {
        guard let chipAuthentication, key.domain.kind == .ecdh else { return false }
        let product = try? key.domain.multiply(publicKey: key.publicKey, by: chipAuthentication.data)
        return product == chipAuthentication.mappingKey
    }
}
