public import Ground
private import Synchronization

/// Six to ten digits that are printed on the document and open its chip. Personal data: it does not describe itself.
public struct CardAccessNumber: Sendable, Hashable, CustomStringConvertible, CustomReflectable {
    public let digits: String
    public init(_ digits: String) { self.digits = digits }
    public var description: String { "card access number (not shown)" }
    public var customMirror: Mirror { Mirror(self, children: []) }
}

/// A secret that several may hold: wiped when the last of them lets go.
public final class ChipSecret: Sendable, CustomStringConvertible, CustomReflectable {
    private let bytes: SecretBytes

    public init(_ bytes: consuming SecretBytes) { self.bytes = bytes }

    public func withBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try bytes.withBytes(body)
    }

    public var description: String { "chip secret (not shown)" }
    public var customMirror: Mirror { Mirror(self, children: []) }
}

/// Keys of one chip for one attempt, never used for another: made by the host, or to be born in the chip.
public final class ChipKeys: Sendable {
    public enum Use: String, Sendable, CaseIterable {
        case activeAuthentication = "active_authentication"
        case chipAuthentication = "chip_authentication"
    }

    /// What a host-made key is given to the applet as. Names are those of the templates in a dialect file.
    public typealias Secrets = [String: ChipSecret]

    /// Makes the files that name the keys, and signs: SubjectPublicKeyInfo by use, as the chip answered.
    public typealias Completion = @Sendable (_ born: [Use: Bytes]) throws(SakkError) -> Completed

    public struct Completed: Sendable {
        /// All files in writing order.
        public let files: [ChipFile]
        public let sodHash: Bytes
        public init(files: [ChipFile], sodHash: Bytes) {
            self.files = files
            self.sodHash = sodHash
        }
    }

    public let secrets: Secrets
    /// Which keys the chip bears itself.
    public let born: Set<Use>
    private let completion: Completion?
    private let hash = Mutex<Bytes?>(nil)

    /// Host-made keys only: the job's files are complete.
    public init(secrets: Secrets) {
        self.secrets = secrets
        born = []
        completion = nil
    }

    public init(secrets: Secrets, born: Set<Use>, completion: @escaping Completion) {
        self.secrets = secrets
        self.born = born
        self.completion = completion
    }

    /// Nil when nothing waits for the chip.
    var lateHash: Bytes? { completion == nil ? nil : hash.withLock { $0 ?? [] } }

    /// Signs what the chip bore; doing it again replaces what was made before.
    public func complete(_ keys: [Use: Bytes]) throws(SakkError) -> Completed? {
        guard let completion else { return nil }
        let made = try completion(keys)
        hash.withLock { $0 = made.sodHash }
        return made
    }
}
