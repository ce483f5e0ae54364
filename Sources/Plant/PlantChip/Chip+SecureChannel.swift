internal import Ground

/// Opening a secure channel to the selected security domain (GlobalPlatform 2.3.1 E.5, Amendment D 7.1).
extension Chip {
    /// Whose keys open a channel to the selected domain: its own, or those of the issuer while it has none.
    private var keyHolder: Bytes { domains[domainAID]?.versions.isEmpty == false ? domainAID : Self.issuerAID }

    private var options: UInt8 {
        switch offer {
        case .scp02(let options), .scp03(let options): options
        }
    }

    mutating func initializeUpdate(_ command: CommandAPDU) -> Answer {
        dropChannel()
        guard life != .terminated else { return .status(0x6985) }
        guard command.p2 == 0 else { return .status(0x6A86) }
        guard let domain = domains[keyHolder] else { return .status(0x6985) }
        guard let version = command.p1 == 0 ? domain.versions.first : command.p1, let set = domain.set(version) else {
            return .status(0x6A88)
        }
        guard failedAttempts < Self.attemptLimit else { return .status(0x6983) }
        let count = domain.counters[version] ?? 0
        pendingVersion = version
        return set.kind == .des
            ? initializeSCP02(command, set.keys, version, count) : initializeSCP03(command, set.keys, version, count)
    }

    private mutating func initializeSCP02(
        _ command: CommandAPDU, _ keys: StaticKeys, _ version: UInt8, _ count: UInt32
    ) -> Answer {
        guard command.data.count == 8 else { return .status(0x6700) }
        // at its highest value the counter stays, and the key set is at its end
        guard count < 0xFFFF else { return .status(0x6985) }
        var options: UInt8 = 0x15
        if case .scp02(let own) = offer { options = own }
        let counter = BigEndian.bytes(UInt16(count))
        let challenge =
            options & 0x40 != 0
            ? SCP02Channel.challenge(macKey: keys.mac, counter: counter, aid: domainAID) : random.bytes(6)
        let session = SCP02Channel(
            keys: keys, counter: counter, hostChallenge: command.data, cardChallenge: challenge, options: options)
        pending = .scp02(session)
        return Answer(
            cplc.keyDiversificationData + [version, 0x02] + counter + challenge + shown(session.cardCryptogram))
    }

    private mutating func initializeSCP03(
        _ command: CommandAPDU, _ keys: StaticKeys, _ version: UInt8, _ count: UInt32
    ) -> Answer {
        var options: UInt8 = 0x70
        if case .scp03(let own) = offer { options = own }
        let length = options & 0x01 == 0 ? 8 : 16
        guard command.data.count == length else { return .status(0x6700) }
        guard count < 0xFF_FFFF else { return .status(0x6985) }
        let counter = Bytes(BigEndian.bytes(count).suffix(3))
        let isPseudoRandom = options & 0x10 != 0
        let challenge =
            isPseudoRandom
            ? SCP03Session.challenge(encKey: keys.enc, sequenceCounter: counter, aid: domainAID, count: length)
            : random.bytes(length)
        let session = SCP03Session(
            keys: keys, hostChallenge: command.data, cardChallenge: challenge, macLength: length)
        pending = .scp03(session)
        let head = cplc.keyDiversificationData + [version, 0x03, options]
        return Answer(head + challenge + shown(session.cardCryptogram) + (isPseudoRandom ? counter : []))
    }

    private func shown(_ cryptogram: Bytes) -> Bytes {
        var cryptogram = cryptogram
        if fault == .wrongCryptogram { cryptogram[0] ^= 0x01 }
        return cryptogram
    }

    mutating func externalAuthenticate(_ command: CommandAPDU) -> Answer {
        guard var session = pending else {
            dropChannel()
            return .status(0x6985)
        }
        dropChannel()
        guard allows(command.p1, session), command.p2 == 0 else { return .status(0x6A86) }
        guard session.open(command) else {
            failedAttempts += 1
            failedAuthentications += 1
            return .status(0x6300)
        }
        failedAttempts = 0
        guard fault != .wornKeyCounter else { return .status(0x6581) }
        domains[keyHolder]?.counters[pendingVersion, default: 0] += 1
        channel = session
        return Answer()
    }

    private func allows(_ level: UInt8, _ session: ChipSecureChannel) -> Bool {
        switch session {
        case .scp02:
            if case .scp02(let options) = offer { return SCP02Channel.allows(level, options: options) }
            return SCP02Channel.allows(level, options: 0x15)
        case .scp03:
            guard SCP03Session.levels.contains(level) else { return false }
            var options: UInt8 = 0x70
            if case .scp03(let own) = offer { options = own }
            return level & 0x10 == 0 || options & 0x20 != 0 && (level & 0x20 == 0 || options & 0x40 != 0)
        }
    }

    /// BEGIN and END R-MAC SESSION.
    mutating func responseSession(_ command: CommandAPDU) -> Answer {
        if command.ins == 0x7A {
            let answer = channel?.wrap(Answer()) ?? Answer()
            guard command.p2 == 0x01, channel?.beginResponseSession(command.p1) == true else { return .status(0x6985) }
            return answer
        }
        let answer = channel?.wrap(Answer()) ?? Answer()
        guard command.p1p2 == 0x0003, channel?.endResponseSession() == true else { return .status(0x6985) }
        return answer
    }
}
