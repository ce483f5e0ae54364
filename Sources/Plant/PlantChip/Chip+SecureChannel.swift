internal import Ground

/// Opening an SCP03 channel to the issuer security domain (Amendment D clause 7.1).
extension Chip {
    mutating func initializeUpdate(_ command: CommandAPDU) -> Answer {
        dropChannel()
        guard life != .terminated else { return .status(0x6985) }
        guard command.p2 == 0 else { return .status(0x6A86) }
        guard command.data.count == 8 else { return .status(0x6700) }
        guard command.p1 == 0 || command.p1 == keyVersion else { return .status(0x6A88) }
        guard failedAttempts < Self.attemptLimit else { return .status(0x6983) }
        let counter = Bytes(BigEndian.bytes(sequenceCounter).suffix(3))
        let challenge = SCP03Session.challenge(encKey: keys.enc, sequenceCounter: counter, aid: Self.issuerAID)
        let session = SCP03Session(keys: keys, hostChallenge: command.data, cardChallenge: challenge)
        pending = session
        var cryptogram = session.cardCryptogram
        if givesWrongCryptogram { cryptogram[0] ^= 0x01 }
        return Answer(
            cplc.keyDiversificationData + [keyVersion, 0x03, 0x70] + challenge + cryptogram + counter)
    }

    mutating func externalAuthenticate(_ command: CommandAPDU) -> Answer {
        guard var session = pending else {
            dropChannel()
            return .status(0x6985)
        }
        dropChannel()
        guard SCP03Session.levels.contains(command.p1), command.p2 == 0 else { return .status(0x6A86) }
        guard session.open(command) else {
            failedAttempts += 1
            return .status(0x6300)
        }
        failedAttempts = 0
        sequenceCounter = (sequenceCounter + 1) & 0xFF_FFFF
        channel = session
        return Answer()
    }
}
