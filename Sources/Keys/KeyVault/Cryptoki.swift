internal import CPKCS11
internal import Glibc
internal import Ground
internal import Synchronization

/// A PKCS#11 module in this process: loaded and initialised once for all who name it, and kept until the process ends.
///
/// SoftHSM (2.6, objects in files) trips over other processes: one that looks while another makes an object, or logs in
/// (which writes to the token too), takes what it sees for corrupt and never looks at it again. Such a process would not
/// find a key, and worse, would not destroy it. So a module that `trips` can be started anew (`restart`): all calls are
/// made inside `using`, which a restart waits for.
final class Cryptoki: @unchecked Sendable {
    // the table of functions never changes, and the module was told that threads call it; the epoch is behind the lock
    let calls: CK_FUNCTION_LIST_PTR
    let path: String
    /// Whether it is a module that must be started anew to see what other processes did.
    let trips: Bool
    private let lock: UnsafeMutablePointer<pthread_rwlock_t>
    private var epoch = 0

    private static let loaded = Mutex<[String: Cryptoki]>([:])

    private init(path: String, calls: CK_FUNCTION_LIST_PTR) {
        self.path = path
        self.calls = calls
        var maker = Bytes(repeating: 0, count: 32)
        trips = sakk_p11_maker(calls, &maker) == 0 && TokenState.label(maker).hasPrefix("SoftHSM")
        lock = .allocate(capacity: 1)
        // glibc lets readers pass a waiting writer for ever unless told otherwise; nobody reads inside a read
        var kind = pthread_rwlockattr_t()
        pthread_rwlockattr_init(&kind)
        pthread_rwlockattr_setkind_np(&kind, Int32(PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP))
        pthread_rwlock_init(lock, &kind)
        pthread_rwlockattr_destroy(&kind)
    }

    static func module(_ path: String) throws(SakkError) -> Cryptoki {
        // two names of one library are one module
        let resolved = realpath(path, nil)
        defer { free(resolved) }
        let path = resolved.map { String(cString: $0) } ?? path
        return try loaded.withLock { (loaded) throws(SakkError) in
            if let module = loaded[path] { return module }
            let module = try load(path)
            loaded[path] = module
            return module
        }
    }

    /// Makes a module known that is in the program already and was initialised.
    static func adopt(_ calls: CK_FUNCTION_LIST_PTR, as path: String) {
        loaded.withLock { $0[path] = Cryptoki(path: path, calls: calls) }
    }

    /// Makes calls; `body` gets the epoch, which stays while it runs. Sessions and handles of another epoch are void, and
    /// their numbers may belong to somebody else by now. Not to be called inside itself.
    func using<Value: ~Copyable, Failure: Error>(_ body: (Int) throws(Failure) -> Value) throws(Failure) -> Value {
        pthread_rwlock_rdlock(lock)
        defer { pthread_rwlock_unlock(lock) }
        return try body(epoch)
    }

    /// Makes a module that trips forget what it remembers of its tokens, unless somebody did so since `epoch`. Not to be called inside `using`.
    func restart(since epoch: Int) throws(SakkError) {
        guard trips else { return }
        pthread_rwlock_wrlock(lock)
        defer { pthread_rwlock_unlock(lock) }
        guard epoch == self.epoch else { return }
        self.epoch += 1
        let result = CryptokiError(sakk_p11_restart(calls))
        guard result == .ok else { throw Cryptoki.fault(path, result) }
    }

    private static func load(_ path: String) throws(SakkError) -> Cryptoki {
        var reason: UnsafePointer<CChar>?
        var result: CK_RV = 0
        if let calls = sakk_p11_load(path, &reason, &result) { return Cryptoki(path: path, calls: calls) }
        if let reason {
            throw SakkError(
                "vault.module.missing", source: path,
                text: "The PKCS#11 module cannot be loaded: \(String(cString: reason)).",
                remedy: "Install the HSM's library, or correct its path in the configuration.")
        }
        throw fault(path, CryptokiError(result))
    }

    private static func fault(_ path: String, _ result: CryptokiError) -> SakkError {
        SakkError(
            "vault.module.fault", source: path, native: result.native, text: "The PKCS#11 module does not start.",
            remedy: "Check the module's own configuration (for SoftHSM: SOFTHSM2_CONF and its token directory).")
    }
}
