public import Ground

/// The three MRZ values that open a chip (BAC, PACE with MRZ). Personal data: it does not describe itself.
public struct MRZAccess: Sendable, Hashable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Document number without check digit and without filler.
    public let documentNumber: String
    /// YYMMDD.
    public let dateOfBirth: String
    /// YYMMDD.
    public let dateOfExpiry: String

    public init(documentNumber: String, dateOfBirth: String, dateOfExpiry: String) {
        self.documentNumber = documentNumber
        self.dateOfBirth = dateOfBirth
        self.dateOfExpiry = dateOfExpiry
    }

    public var description: String { "MRZ access key (not shown)" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: []) }
}

/// One elementary file for the chip.
public struct ChipFile: Sendable, Equatable {
    /// File identifier, for example 0x0101 for EF.DG1.
    public let fileID: UInt16
    /// EF.CardAccess (011C) and EF.CardSecurity (011D) lie there, all others in the eMRTD application.
    public let isInMasterFile: Bool
    public let bytes: Bytes
    public init(fileID: UInt16, isInMasterFile: Bool = false, bytes: Bytes) {
        self.fileID = fileID
        self.isInMasterFile = isInMasterFile
        self.bytes = bytes
    }
}

/// What goes onto one chip for one attempt.
public struct ChipJob: Sendable {
    public let attempt: AttemptID
    /// EF.COM, data groups and EF.SOD, in writing order; without those that wait for keys to be born in the chip.
    public let files: [ChipFile]
    public let access: MRZAccess
    /// Card access number (9303-4, 4.4), for PACE; nil for a document without one.
    public let cardAccessNumber: CardAccessNumber?
    /// The chip's own keys; nil for a document without any.
    public let keys: ChipKeys?
    /// Card verifiable certificate of the authority whose inspection systems read the fingers; nil for a document without any.
    public let fingerAuthority: Bytes?
    /// SHA-256 of the document signer's certificate in hexadecimal digits; empty when nobody signed yet.
    public let signer: String
    private let knownHash: Bytes

    /// SHA-256 of EF.SOD: names the document on the chip after lock. Empty until it is signed, for a document whose chip
    /// bears its keys itself.
    public var sodHash: Bytes { keys?.lateHash ?? knownHash }

    public init(
        attempt: AttemptID, files: [ChipFile], access: MRZAccess, cardAccessNumber: CardAccessNumber? = nil,
        keys: ChipKeys? = nil, fingerAuthority: Bytes? = nil, signer: String = "", sodHash: Bytes
    ) {
        self.attempt = attempt
        self.files = files
        self.access = access
        self.cardAccessNumber = cardAccessNumber
        self.keys = keys
        self.fingerAuthority = fingerAuthority
        self.signer = signer
        knownHash = sodHash
    }
}

/// What the encoder sees at its station.
public enum ChipPresence: Sendable, Equatable {
    /// No card in the field of the reader.
    case absent
    /// A card is there and does not answer, or answers no identity.
    case mute
    /// `personalised` is true when the eMRTD application is installed (whether locked or not).
    case answers(identity: ChipIdentity, personalised: Bool)
}

/// How far the death of a chip is proved.
public enum ChipDeath: String, Sendable, Equatable {
    /// The instance is deleted or the card terminated, and a fresh select said so.
    case confirmed
    /// The chip did not answer: to be sealed and punched by two people.
    case unconfirmed
}

/// One check of the border reading.
public struct BorderCheck: Sendable, Equatable {
    /// Stable name, for example `bac`, `sod.signature`, `sod.chain`, `dg1.hash`, `dg1.mrz`, `files`.
    public let name: String
    public let passed: Bool
    /// For a technician; no personal data.
    public let detail: String
    public init(name: String, passed: Bool, detail: String) {
        self.name = name
        self.passed = passed
        self.detail = detail
    }
}

/// A document as a border sees it. `mrz` and `portrait` are personal data.
public struct BorderReport: Sendable, CustomStringConvertible, CustomReflectable {
    public let checks: [BorderCheck]
    /// MRZ from DG1, one string per line; empty when it could not be read.
    public let mrz: [String]
    /// Portrait bytes of DG2 as stored.
    public let portrait: Bytes
    /// SHA-256 of EF.SOD as read.
    public let sodHash: Bytes
    /// SHA-256 of each file as read, by file identifier.
    public let fileHashes: [UInt16: Bytes]

    public init(checks: [BorderCheck], mrz: [String], portrait: Bytes, sodHash: Bytes, fileHashes: [UInt16: Bytes]) {
        self.checks = checks
        self.mrz = mrz
        self.portrait = portrait
        self.sodHash = sodHash
        self.fileHashes = fileHashes
    }

    public var passed: Bool { !checks.isEmpty && checks.allSatisfy(\.passed) }
    public var description: String { "border report: \(passed ? "passed" : "failed"), \(checks.count) checks" }
    public var customMirror: Mirror { Mirror(self, children: []) }
}

/// A chip encoder (a PC/SC reader) inside the printer.
public protocol ChipStation: Sendable {
    /// Opens the configured reader. `reader` errors say what to do when pcscd or the reader is missing.
    func connect() async throws(SakkError)
    /// Waits until a card is seen or has gone for `timeoutMS`, then reads its identity without changing anything.
    func identify() async throws(SakkError) -> ChipPresence
    /// Secure channel, instance, files, access keys, lock. `progress` gets each finished step's name.
    func personalise(_ job: ChipJob, on chip: ChipIdentity, progress: @Sendable (String) -> Void)
        async throws(SakkError)
    /// Opens the document the way a border does; reads and checks everything. Throws only when the station failed:
    /// a document that does not open is a report with a failed check.
    func read(with access: MRZAccess) async throws(SakkError) -> BorderReport
    /// Deletes the instance and locks the card; never throws for a chip that does not answer (that is `unconfirmed`).
    func kill() async throws(SakkError) -> ChipDeath
    func disconnect() async
}
