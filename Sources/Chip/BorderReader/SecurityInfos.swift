internal import Ground
internal import OpenSSLCrypto

/// SecurityInfos (Doc 9303-11 clause 9.2): which protocols a chip knows, from EF.CardAccess, EF.CardSecurity and EF.DG14.
struct SecurityInfos {
    /// One PACE variant (clause 9.2.1).
    struct PACE: Equatable {
        enum Mapping: String { case generic = "GM", integrated = "IM", chipAuthentication = "CAM" }
        /// Value of the object identifier, as MSE:Set AT takes it.
        let identifier: Bytes
        let kind: AgreementDomain.Kind
        let mapping: Mapping
        let suite: CipherSuite
        let parameter: Int?
    }

    /// Chip Authentication (clause 9.2.5).
    struct ChipAuthentication: Equatable {
        let identifier: Bytes
        let kind: AgreementDomain.Kind
        let suite: CipherSuite
        let keyID: Bytes?
    }

    /// A public key for it (clause 9.2.6).
    struct ChipKey {
        let kind: AgreementDomain.Kind
        let domain: AgreementDomain
        let publicKey: Bytes
        let keyID: Bytes?
    }

    private(set) var pace: [PACE] = []
    private(set) var explicitDomains: [Int: AgreementDomain] = [:]
    private(set) var chipAuthentication: [ChipAuthentication] = []
    private(set) var chipKeys: [ChipKey] = []
    /// Versions of Terminal Authentication.
    private(set) var terminalAuthentication: [Int] = []
    /// Hash of Active Authentication with ECDSA (clause 9.2.4).
    private(set) var activeAuthentication: Digest?
    /// Each SecurityInfo as it was read.
    let entries: [Bytes]
    /// Dotted protocols in written order.
    let protocols: [String]
    /// Entries that name a protocol of ours in a form that is not.
    private(set) var oddities: [String] = []

    /// The SET itself; nil when it is none.
    init?(_ set: Bytes) {
        guard let outer = TLV.parse(set), outer.tag == 0x31, let infos = outer.children else { return nil }
        var entries: [Bytes] = []
        var protocols: [String] = []
        var fields: [[TLV]] = []
        for info in infos {
            guard info.tag == 0x30, let parts = info.children, let first = parts.first, first.tag == 0x06 else {
                return nil
            }
            entries.append(info.encoded)
            protocols.append(ObjectIdentifier.dotted(first.value))
            fields.append(parts)
        }
        self.entries = entries
        self.protocols = protocols
        for parts in fields { take(parts) }
    }

    private mutating func take(_ parts: [TLV]) {
        let identifier = parts[0].value
        if identifier == ObjectIdentifier.activeAuthentication {
            guard parts.count >= 3, parts[2].value.count == 10, parts[2].value.starts(with: ObjectIdentifier.plainECDSA)
            else { return oddities.append("ActiveAuthenticationInfo without a plain ECDSA algorithm") }
            activeAuthentication = [1: .sha1, 2: .sha224, 3: .sha256, 4: .sha384, 5: .sha512][Int(parts[2].value[9])]
            return
        }
        guard identifier.starts(with: ObjectIdentifier.smartcard) else { return }
        let arcs = Bytes(identifier.dropFirst(ObjectIdentifier.smartcard.count))
        let understood =
            switch arcs.first {
            case 1: takeChipKey(parts, arcs)
            case 2: takeTerminal(parts)
            case 3: takeChipAuthentication(parts, arcs)
            case 4: takePACE(parts, arcs)
            default: true
            }
        if !understood { oddities.append("SecurityInfo \(ObjectIdentifier.dotted(identifier)) cannot be read") }
    }

    private mutating func takePACE(_ parts: [TLV], _ arcs: Bytes) -> Bool {
        let variants: [UInt8: (AgreementDomain.Kind, PACE.Mapping)] = [
            1: (.dh, .generic), 2: (.ecdh, .generic), 3: (.dh, .integrated), 4: (.ecdh, .integrated),
            6: (.ecdh, .chipAuthentication),
        ]
        guard arcs.count >= 2, let (kind, mapping) = variants[arcs[1]] else { return arcs.count < 2 }
        if arcs.count == 2 {
            // PACEDomainParameterInfo names the family only
            guard explicitDomains.count < 8, parts.count >= 2, let domain = DomainReading.domain(parts[1].encoded)
            else {
                return false
            }
            explicitDomains[parts.count > 2 ? Self.small(parts[2]) ?? 0 : 0] = domain
            return true
        }
        guard arcs.count == 3, let suite = CipherSuite(rawValue: arcs[2]), parts.count >= 2, Self.small(parts[1]) == 2
        else { return false }
        pace.append(
            PACE(
                identifier: parts[0].value, kind: kind, mapping: mapping, suite: suite,
                parameter: parts.count > 2 ? Self.small(parts[2]) : nil))
        return true
    }

    private mutating func takeChipAuthentication(_ parts: [TLV], _ arcs: Bytes) -> Bool {
        guard arcs.count >= 2, [1, 2].contains(arcs[1]) else { return true }
        // version 2 and the domain parameters that belong to it are another protocol
        guard arcs.count == 3, parts.count >= 2, Self.small(parts[1]) == 1 else { return true }
        guard let suite = CipherSuite(rawValue: arcs[2]) else { return false }
        chipAuthentication.append(
            ChipAuthentication(
                identifier: parts[0].value, kind: arcs[1] == 1 ? .dh : .ecdh, suite: suite,
                keyID: parts.count > 2 && parts[2].tag == 0x02 ? parts[2].value : nil))
        return true
    }

    private mutating func takeChipKey(_ parts: [TLV], _ arcs: Bytes) -> Bool {
        // no chip has more; validating a key of a large field takes a tenth of a second
        guard chipKeys.count < 4, arcs.count == 2, [1, 2].contains(arcs[1]), parts.count >= 2,
            let (domain, key) = DomainReading.publicKey(parts[1].encoded)
        else { return false }
        chipKeys.append(
            ChipKey(
                kind: domain.kind, domain: domain, publicKey: key,
                keyID: parts.count > 2 && parts[2].tag == 0x02 ? parts[2].value : nil))
        return true
    }

    private mutating func takeTerminal(_ parts: [TLV]) -> Bool {
        guard parts.count >= 2, let version = Self.small(parts[1]) else { return false }
        terminalAuthentication.append(version)
        return true
    }

    private static func small(_ object: TLV) -> Int? {
        guard object.tag == 0x02, object.value.count <= 3, !object.value.isEmpty else { return nil }
        return BigEndian.unsigned(object.value).map { Int($0) }
    }
}

/// Domain parameters and keys in X.509 clothes (Doc 9303-11 clauses 9.1 and 9.5).
enum DomainReading {
    /// AlgorithmIdentifier: a standardised number, a curve, or PKCS #3 and X9.42 parameters.
    static func domain(_ algorithm: Bytes) -> AgreementDomain? {
        guard let outer = TLV.parse(algorithm), outer.tag == 0x30, let parts = outer.children, parts.count == 2,
            parts[0].tag == 0x06
        else { return nil }
        switch parts[0].value {
        case ObjectIdentifier.standardDomain:
            guard parts[1].tag == 0x02, parts[1].value.count == 1 else { return nil }
            return AgreementDomain.standard(Int(parts[1].value[0]))
        case ObjectIdentifier.ecPublicKey: return AgreementDomain(curveParameters: parts[1].encoded)
        case ObjectIdentifier.dhKeyAgreement:
            guard let numbers = parts[1].children, numbers.count >= 2 else { return nil }
            return AgreementDomain(prime: numbers[0].value, generator: numbers[1].value, order: nil)
        case ObjectIdentifier.dhPublicNumber:
            guard let numbers = parts[1].children, numbers.count >= 3 else { return nil }
            return AgreementDomain(prime: numbers[0].value, generator: numbers[1].value, order: numbers[2].value)
        default: return nil
        }
    }

    /// SubjectPublicKeyInfo of an agreement key.
    static func publicKey(_ info: Bytes) -> (domain: AgreementDomain, key: Bytes)? {
        guard let outer = TLV.parse(info), outer.tag == 0x30, let parts = outer.children, parts.count == 2,
            let domain = domain(parts[0].encoded), parts[1].tag == 0x03, parts[1].value.first == 0
        else { return nil }
        let bits = Bytes(parts[1].value.dropFirst())
        guard domain.kind == .dh else { return domain.isValid(publicKey: bits) ? (domain, bits) : nil }
        guard let number = TLV.parse(bits), number.tag == 0x02 else { return nil }
        let key = Bytes(number.value.drop { $0 == 0 })
        return domain.isValid(publicKey: key) ? (domain, key) : nil
    }
}
