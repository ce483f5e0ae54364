public import Ground

/// A key that a line works with, as the key officer sees it: where it is and how much it was used, nothing of the key.
public struct ServedKey: Sendable, Hashable {
    public enum Use: String, Sendable, Hashable, CaseIterable {
        case documentSigner = "document_signer"
        case seal
        case transportMaster = "transport_master"
        case vault
    }

    /// Whether it may sign now.
    public enum State: String, Sendable, Hashable, CaseIterable {
        case ready
        /// Its usage period has not begun.
        case early
        /// Its usage period ended.
        case over
        /// It signed as many attempts as it may.
        case spent
    }

    public let use: Use
    /// `TOKEN/LABEL`, or the name of a file (test keys).
    public let place: String
    /// SHA-256 of its certificate, in hexadecimal digits; nil for keys without one.
    public let certificate: String?
    public let subject: String?
    public let from: WallTime?
    public let until: WallTime?
    public let attemptsMax: Int?

    public init(
        use: Use, place: String, certificate: String? = nil, subject: String? = nil, from: WallTime? = nil,
        until: WallTime? = nil, attemptsMax: Int? = nil
    ) {
        self.use = use
        self.place = place
        self.certificate = certificate
        self.subject = subject
        self.from = from
        self.until = until
        self.attemptsMax = attemptsMax
    }

    func state(at now: WallTime, used: Int) -> State {
        if let from, now < from { return .early }
        if let until, until < now { return .over }
        if let attemptsMax, used >= attemptsMax { return .spent }
        return .ready
    }
}
