import Ground
import OpenSSLCrypto

/// Works on passwords one after another on a thread of its own: each takes a tenth of a second and 32 MiB.
actor PasswordDesk {
    private let thread = DeviceThread(label: "passwords")
    nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }
    private var nobody: String?

    static let shared = PasswordDesk()

    func verifier(of password: String) throws(SakkError) -> String { try Scrypt.verifier(of: password) }

    /// Takes as long for a person who is not there.
    func admits(_ password: String, _ verifier: String?) throws(SakkError) -> Bool {
        guard let verifier else {
            if nobody == nil { nobody = try Scrypt.verifier(of: TypedSecret.make()) }
            if let nobody { _ = Scrypt.admits(password, nobody) }
            return false
        }
        return Scrypt.admits(password, verifier)
    }
}
