internal import CPKCS11
internal import Glibc
internal import Ground
internal import Synchronization

/// The logged-in sessions on one token. A session serves one thread at a time and goes back to the pool; when the token
/// drops it (unplugged, restarted, logged out by another), a new one is opened and the act is done once more.
final class Token: Sendable {
    private struct Pool {
        var idle: [TokenSession] = []
        /// Rises when the connection is lost; object handles live as long as one generation.
        var generation = 0
        /// The epoch of the module that the idle sessions belong to.
        var epoch = 0
        /// A refused PIN is not tried again: each try counts against the token.
        var refusal: SakkError?
    }

    let name: String
    private let modulePath: String
    private let label: String
    private let pin: PINSource
    private let needs: [TokenState.Mechanism]
    private let pool = Mutex(Pool())
    /// The module once it is loaded: it stays for as long as the process does.
    private let loaded = Mutex<Cryptoki?>(nil)

    /// `needs`: what the token must be able to do, asked before each login.
    init(module: String, label: String, pin: PINSource, needs: [TokenState.Mechanism] = TokenState.vault) {
        modulePath = module
        self.label = label
        self.pin = pin
        self.needs = needs
        name = "token \(label)"
    }

    deinit {
        let pool = pool.withLock { $0 }
        guard !pool.idle.isEmpty, let module = loaded.withLock({ $0 }) else { return }
        module.using { epoch in
            for session in pool.idle where pool.epoch == epoch { session.close() }
        }
    }

    private func module() throws(SakkError) -> Cryptoki {
        if let module = loaded.withLock({ $0 }) { return module }
        let module = try Cryptoki.module(modulePath)
        loaded.withLock { $0 = module }
        return module
    }

    /// `body` may run more than once. What it throws as a return value of Cryptoki becomes `vault.token.fault` with `act`
    /// in it. `anew`: the first look counts already, so the module forgets what it remembers before it.
    func perform<Value: ~Copyable>(
        _ act: String, outcome: SakkError.Outcome = .notDone, anew: Bool = false,
        _ body: (TokenSession) throws(TokenFailure) -> Value
    ) throws(SakkError) -> Value {
        let module = try module()
        var looksAnew = anew
        var isFresh = false
        var failures = 0
        while true {
            if looksAnew {
                try module.restart(since: module.using { $0 })
                looksAnew = false
                isFresh = true
            }
            let failure: SakkError
            do throws(TokenFailure) {
                return try module.using { (epoch) throws(TokenFailure) in
                    try once(module, epoch, isFresh: isFresh, body)
                }
            } catch {
                switch error {
                case .refused(let reason):
                    guard module.trips, Token.passing.contains(reason.code) else { throw reason }
                    failure = reason
                case .stale where !isFresh:
                    looksAnew = true
                    continue
                case .stale: throw CryptokiError.functionFailed.during(act, token: name, outcome: outcome)
                case .call(let code):
                    failure = code.during(act, token: name, outcome: outcome)
                    guard module.trips || CryptokiError.lost.contains(code) else { throw failure }
                }
            }
            failures += 1
            guard failures <= (module.trips ? 6 : 1) else { throw failure }
            guard module.trips else { continue }
            // another process is writing what we read: longer each time, and not in step with it
            usleep(UInt32.random(in: 1...8) * 1000 << UInt32(failures))
            looksAnew = true
        }
    }

    /// Errors of a connection that pass when the module trips over another process.
    private static let passing: Set<SakkError.Code> = ["vault.token.missing", "vault.token.fault", "vault.pin.unset"]

    private func once<Value: ~Copyable>(
        _ module: Cryptoki, _ epoch: Int, isFresh: Bool, _ body: (TokenSession) throws(TokenFailure) -> Value
    ) throws(TokenFailure) -> Value {
        var session: TokenSession
        do throws(SakkError) { session = try take(module, epoch) } catch { throw .refused(error) }
        session.isFresh = isFresh
        do throws(TokenFailure) {
            let value = try body(session)
            give(back: session)
            return value
        } catch {
            // an operation may still be under way in it
            session.close()
            if case .call(let code) = error, CryptokiError.lost.contains(code) { dropAll(of: session.generation) }
            throw error
        }
    }

    private func take(_ module: Cryptoki, _ epoch: Int) throws(SakkError) -> TokenSession {
        try pool.withLock { (pool) throws(SakkError) in
            if pool.epoch != epoch {
                // void, and their numbers may be somebody else's: not closed
                pool.idle = []
                pool.epoch = epoch
                pool.generation += 1
            }
            if let session = pool.idle.popLast() { return session }
            if let refusal = pool.refusal { throw refusal }
            do throws(SakkError) {
                return try connect(module, generation: pool.generation)
            } catch {
                if error.code == "vault.pin.wrong" { pool.refusal = error }
                throw error
            }
        }
    }

    private func give(back session: TokenSession) {
        let kept = pool.withLock { pool in
            guard session.generation == pool.generation else { return false }
            pool.idle.append(session)
            return true
        }
        if !kept { session.close() }
    }

    private func dropAll(of generation: Int) {
        let dropped = pool.withLock { pool -> [TokenSession] in
            guard pool.generation == generation else { return [] }
            pool.generation += 1
            defer { pool.idle = [] }
            return pool.idle
        }
        for session in dropped { session.close() }
    }

    private func connect(_ module: Cryptoki, generation: Int) throws(SakkError) -> TokenSession {
        let slot = try slot(of: module)
        try checkMechanisms(module, slot)
        var handle: CK_SESSION_HANDLE = 0
        let opened = CryptokiError(sakk_p11_open_session(module.calls, slot, &handle))
        guard opened == .ok else { throw opened.during("open a session", token: name) }
        let session = TokenSession(calls: module.calls, handle: handle, generation: generation)
        do throws(SakkError) {
            let pin = try pin.read()
            let result = pin.withBytes {
                CryptokiError(sakk_p11_login(module.calls, handle, $0.baseAddress, CK_ULONG($0.count)))
            }
            // the login belongs to the process: another session of ours may hold it already
            guard result == .ok || result == .userAlreadyLoggedIn else { throw result.login(token: name) }
            return session
        } catch {
            session.close()
            throw error
        }
    }

    private func slot(of module: Cryptoki) throws(SakkError) -> CK_SLOT_ID {
        var slots = [CK_SLOT_ID](repeating: 0, count: 256)
        var count = CK_ULONG(slots.count)
        let listed = CryptokiError(sakk_p11_slots(module.calls, &slots, &count))
        guard listed == .ok else { throw listed.during("list its slots", token: name) }
        var found: [(slot: CK_SLOT_ID, state: TokenState)] = []
        var others: [String] = []
        for slot in slots.prefix(Int(count)) {
            var label = Bytes(repeating: 0, count: 32)
            var flags: CK_FLAGS = 0
            guard sakk_p11_token(module.calls, slot, &label, &flags) == 0 else { continue }
            let state = TokenState(flags: UInt(flags))
            guard state.initialised else { continue }
            let text = TokenState.label(label)
            if text == self.label { found.append((slot, state)) } else { others.append(text) }
        }
        guard let first = found.first else {
            let there = others.isEmpty ? "There is none at all." : "There: \(others.sorted().joined(separator: ", "))."
            throw SakkError(
                "vault.token.missing", source: name,
                text: "The module \(module.path) shows no token with this label. \(there)",
                remedy: "Connect the HSM, initialise the token, or correct the label in the configuration.")
        }
        guard found.count == 1 else {
            throw SakkError(
                "vault.token.ambiguous", source: name,
                text: "The module \(module.path) shows \(found.count) tokens with this label.",
                remedy: "Give each token a label of its own.")
        }
        try first.state.refuse(token: name)
        return first.slot
    }

    private func checkMechanisms(_ module: Cryptoki, _ slot: CK_SLOT_ID) throws(SakkError) {
        for (mechanism, name, use) in needs {
            var flags: CK_FLAGS = 0
            let result = sakk_p11_mechanism(module.calls, slot, CK_MECHANISM_TYPE(mechanism), &flags)
            guard result == 0, UInt(flags) & use == use else {
                throw SakkError(
                    "vault.mechanism.missing", source: self.name, subject: name,
                    text: "The token cannot do \(name), which is needed.",
                    remedy: "Use a token that can, or allow the mechanism in the HSM's policy.")
            }
        }
    }
}

/// Why an act on a token ended: a return value of Cryptoki, or a reason of our own.
enum TokenFailure: Error {
    case call(CryptokiError)
    case refused(SakkError)
    /// Something is not found, and it matters: look again with a module that remembers nothing (`TokenSession.isFresh`).
    case stale
}
