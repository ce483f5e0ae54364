internal import Ground

/// The session of either protocol.
enum ChipSecureChannel: Sendable {
    case scp02(SCP02Channel)
    case scp03(SCP03Session)

    var level: UInt8? {
        switch self {
        case .scp02(let session): session.level
        case .scp03(let session): session.level
        }
    }

    var cardCryptogram: Bytes {
        switch self {
        case .scp02(let session): session.cardCryptogram
        case .scp03(let session): session.cardCryptogram
        }
    }

    /// Block length of the data encryption key's cipher.
    var sensitiveBlock: Int {
        switch self {
        case .scp02: 8
        case .scp03: 16
        }
    }

    func openSensitive(_ sealed: Bytes) -> Bytes? {
        switch self {
        case .scp02(let session): session.openSensitive(sealed)
        case .scp03(let session): session.openSensitive(sealed)
        }
    }

    mutating func open(_ command: CommandAPDU) -> Bool {
        change {
            $0.open(command)
        } scp03: {
            $0.open(command)
        }
    }

    mutating func unwrap(_ command: CommandAPDU) -> CommandAPDU? {
        change {
            $0.unwrap(command)
        } scp03: {
            $0.unwrap(command)
        }
    }

    mutating func wrap(_ answer: Answer) -> Answer {
        change {
            $0.wrap(answer)
        } scp03: {
            $0.wrap(answer)
        }
    }

    mutating func beginResponseSession(_ level: UInt8) -> Bool {
        change {
            $0.beginResponseSession(level)
        } scp03: {
            $0.beginResponseSession(level)
        }
    }

    mutating func endResponseSession() -> Bool {
        change {
            $0.endResponseSession()
        } scp03: {
            $0.endResponseSession()
        }
    }

    private mutating func change<Value>(
        scp02: (inout SCP02Channel) -> Value, scp03: (inout SCP03Session) -> Value
    ) -> Value {
        switch self {
        case .scp02(var session):
            defer { self = .scp02(session) }
            return scp02(&session)
        case .scp03(var session):
            defer { self = .scp03(session) }
            return scp03(&session)
        }
    }
}
