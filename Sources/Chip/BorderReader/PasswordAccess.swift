internal import Ground
internal import OpenSSLCrypto
internal import SmartCard

/// Password Authenticated Connection Establishment, the reader's side (Doc 9303-11 clause 4.4), with generic, integrated
/// and chip authentication mapping.
struct PasswordAccess {
    /// Secrets of the reader; nil is a fresh one. Worked examples bring theirs.
    struct Secrets {
        var mapping: Bytes?
        var nonce: Bytes?
        var ephemeral: Bytes?
    }

    /// What PACE leaves behind besides the session keys.
    struct Outcome {
        let keys: SessionKeys
        /// The chip's ephemeral public key: names the chip in Terminal Authentication.
        let chipPublicKey: Bytes
        let domain: AgreementDomain
        /// The reader's own ephemeral public key: Terminal Authentication after CAM signs it.
        let terminalPublicKey: Bytes
        /// Certification authorities of Terminal Authentication, newest first, where the chip tells them.
        let authorities: [Bytes]
        /// With CAM: chip authentication data, and the public key of the mapping that it has to explain.
        let chipAuthentication: (data: Bytes, mappingKey: Bytes)?
    }

    let info: SecurityInfos.PACE
    let domain: AgreementDomain
    /// Whether 84 names the domain: asked for where the chip knows several.
    let namesDomain: Bool

    private var suite: CipherSuite { info.suite }

    /// Both sides know the password when it returns. 6300 and other refusals throw with the step's name.
    func open(
        _ channel: any CardChannel, password: Bytes, reference: UInt8, secrets: Secrets = Secrets()
    ) throws(BorderFault) -> Outcome {
        let link = PlainLink(channel: channel)
        try select(link, reference: reference)
        let first = try step(link, [], last: false, "the encrypted nonce")
        // the chip chooses how many blocks; the integrated mapping alone needs as many as a key has
        let shortest = info.mapping == .integrated ? 16 : suite.block
        guard let cryptogram = first[0x80], (shortest...64).contains(cryptogram.count),
            cryptogram.count % suite.block == 0
        else { throw .chip("PACE: no encrypted nonce") }
        let nonce = try suite.decrypt(suite.derive(password, counter: 3), cryptogram)
        let (mapped, mappingKey) = try map(link, nonce, secrets)
        let (secret, mine) = try pair(mapped, secrets.ephemeral)
        let third = try step(link, [TLV(0x83, mine)], last: false, "key agreement")
        guard let theirs = third[0x84], theirs != mine else { throw .chip("PACE: no ephemeral key of the chip") }
        let keys = suite.keys(from: try agree(mapped, secret, theirs))
        let token = try token(keys, over: theirs)
        let fourth = try step(link, [TLV(0x85, token)], last: true, "mutual authentication")
        guard let answer = fourth[0x86], ConstantTime.equal(answer, try self.token(keys, over: mine)) else {
            throw .chip("PACE: the chip's authentication token does not verify")
        }
        var chipAuthentication: (data: Bytes, mappingKey: Bytes)?
        if info.mapping == .chipAuthentication {
            guard let encrypted = fourth[0x8A] else { throw .chip("PACE: no chip authentication data") }
            let vector = try suite.encrypt(keys.enc, Bytes(repeating: 0xFF, count: 16))
            guard let data = ISO9797.unpad2(try suite.decrypt(keys.enc, iv: vector, encrypted)) else {
                throw .chip("PACE: chip authentication data without padding")
            }
            chipAuthentication = (data, mappingKey)
        }
        return Outcome(
            keys: keys, chipPublicKey: theirs, domain: domain, terminalPublicKey: mine,
            authorities: [fourth[0x87], fourth[0x88]].compactMap { $0 }, chipAuthentication: chipAuthentication)
    }

    /// MSE:Set AT. A chip that wants the domain named although it knows one only is asked once more.
    private func select(_ link: any BorderLink, reference: UInt8) throws(BorderFault) {
        let base = TLV(0x80, info.identifier).encoded + TLV(0x83, [reference]).encoded
        let named = base + (info.parameter.map { TLV(0x84, [UInt8(truncatingIfNeeded: $0)]).encoded } ?? [])
        let response = try link.transmit(APDUCommand(0x00, 0x22, 0xC1, 0xA4, data: namesDomain ? named : base))
        if response.status.isSuccess { return }
        if !namesDomain, named != base, [.wrongData, .referencedDataNotFound].contains(response.status) {
            let again = try link.transmit(APDUCommand(0x00, 0x22, 0xC1, 0xA4, data: named))
            if again.status.isSuccess { return }
        }
        // 63Cx only warns that few tries are left
        guard response.status.retriesLeft == nil else { return }
        throw .chip("PACE: MSE:Set AT was answered \(response.status)")
    }

    private func map(
        _ link: any BorderLink, _ nonce: Bytes, _ secrets: Secrets
    ) throws(BorderFault) -> (domain: AgreementDomain, mappingKey: Bytes) {
        guard info.mapping != .integrated else {
            let mine = try made(secrets.nonce) { () throws(SakkError) in try RandomSource.bytes(suite.keyBytes) }
            _ = try step(link, [TLV(0x81, mine)], last: false, "mapping")
            let stream = try pseudoRandom(nonce, mine)
            do { return (try domain.mapped(pseudoRandom: stream), []) } catch {
                throw .chip("PACE: the nonces map to no generator")
            }
        }
        let (secret, mine) = try pair(domain, secrets.mapping)
        let second = try step(link, [TLV(0x81, mine)], last: false, "mapping")
        guard let theirs = second[0x82] else { throw .chip("PACE: no mapping data") }
        do {
            return (try domain.mapped(nonce: nonce, privateKey: secret, publicKey: theirs), theirs)
        } catch {
            throw .chip("PACE: the chip's mapping key is not in the group")
        }
    }

    /// R(s, t) of clause 4.4.3.3.2: a chain of keys, each of which encrypts two constants.
    func pseudoRandom(_ s: Bytes, _ t: Bytes) throws(BorderFault) -> Bytes {
        let isShort = suite.keyBytes == 16
        let c0: Bytes = isShort ? Self.c0Short : Self.c0Long
        let c1: Bytes = isShort ? Self.c1Short : Self.c1Long
        guard s.count % suite.block == 0, t.count == suite.keyBytes else { throw .chip("PACE: a nonce is too short") }
        let rounds = (domain.fieldBits + 64 + c0.count * 8 - 1) / (c0.count * 8)
        var key = try suite.encrypt(t, s)
        var stream = Bytes()
        for _ in 0..<rounds {
            guard key.count >= suite.keyBytes else { throw .chip("PACE: a nonce is too short") }
            let cut = Bytes(key.prefix(suite.keyBytes))
            stream += try suite.encrypt(cut, c1)
            key = try suite.encrypt(cut, c0)
        }
        return stream
    }

    private static let c0Short = Bytes(hex: "A668892A7C41E3CA739F40B057D85904")!
    private static let c1Short = Bytes(hex: "A4E136AC725F738B01C1F60217C188AD")!
    private static let c0Long = Bytes(hex: "D463D65234124EF7897054986DCA0A174E28DF758CBAA03F240616414D5A1676")!
    private static let c1Long = Bytes(hex: "54BD7255F0AAF831BEC3423FCF39D69B6CBF066677D0FAAE5AADD99DF8E53517")!

    /// Clause 4.4.3.4: over the protocol and the other side's public key.
    func token(_ keys: SessionKeys, over publicKey: Bytes) throws(BorderFault) -> Bytes {
        let object = TLV(
            0x7F49, [TLV(0x06, info.identifier), TLV(info.kind == .ecdh ? 0x86 : 0x84, publicKey)])
        return try suite.checksum(keys.mac, object.encoded, padding: false)
    }

    private func pair(_ domain: AgreementDomain, _ given: Bytes?) throws(BorderFault) -> (Bytes, Bytes) {
        do throws(SakkError) {
            guard let given else { return try domain.keyPair() }
            return (given, try domain.publicKey(of: given))
        } catch {
            throw .transport(error)
        }
    }

    private func made(_ given: Bytes?, _ make: () throws(SakkError) -> Bytes) throws(BorderFault) -> Bytes {
        if let given { return given }
        do { return try make() } catch { throw .transport(error) }
    }

    private func agree(_ domain: AgreementDomain, _ secret: Bytes, _ theirs: Bytes) throws(BorderFault) -> Bytes {
        do { return try domain.agree(privateKey: secret, publicKey: theirs) } catch {
            throw .chip("PACE: the chip's ephemeral key is not in the group")
        }
    }

    /// One GENERAL AUTHENTICATE; the objects of the answer by tag.
    private func step(
        _ link: any BorderLink, _ objects: [TLV], last: Bool, _ name: String
    ) throws(BorderFault) -> [UInt32: Bytes] {
        let data = TLV(0x7C, objects).encoded
        let command = APDUCommand(last ? 0x00 : 0x10, 0x86, 0, 0, data: data, le: data.count > 255 ? 65536 : 256)
        let response = try link.transmit(command)
        guard response.status.isSuccess else {
            let meaning = response.status == .authenticationFailed ? " (wrong password)" : ""
            throw .chip("PACE: \(name) was answered \(response.status)\(meaning)")
        }
        // some chips leave the empty answer of the integrated mapping out altogether
        if response.data.isEmpty { return [:] }
        guard let outer = TLV.parse(response.data), outer.tag == 0x7C, let inside = outer.children else {
            throw .chip("PACE: \(name) was answered with other data than 7C")
        }
        var found: [UInt32: Bytes] = [:]
        for object in inside where found.updateValue(object.value, forKey: object.tag) != nil {
            throw .chip("PACE: \(name) was answered with one object twice")
        }
        return found
    }
}

extension SecurityInfos {
    /// The variants of PACE that this reader can do, best first: chip authentication mapping, then generic, then
    /// integrated; curves before fields; AES before triple DES; longer keys first.
    var paceByPreference: [(info: PACE, domain: AgreementDomain)] {
        let known = pace.compactMap { info in domain(of: info).map { (info: info, domain: $0) } }
        func rank(_ info: PACE) -> [Int] {
            let mapping = [PACE.Mapping.chipAuthentication: 0, .generic: 1, .integrated: 2][info.mapping] ?? 3
            return [mapping, info.kind == .ecdh ? 0 : 1, -Int(info.suite.rawValue)]
        }
        return known.sorted { rank($0.info).lexicographicallyPrecedes(rank($1.info)) }
    }

    /// Nil for a number that nobody defines, or of another kind than the protocol's.
    func domain(of info: PACE) -> AgreementDomain? {
        let explicit = explicitDomains[info.parameter ?? 0]
        let domain = info.parameter.flatMap(AgreementDomain.standard) ?? explicit
        return domain?.kind == info.kind ? domain : nil
    }
}
