internal import CPKCS11
public import Ground
internal import OpenSSLCrypto
public import Stations
internal import Synchronization

/// The vault in a token behind PKCS#11: an AES-256 key object per approval week, made inside the token, which seals the
/// records' keys by CKM_AES_GCM and never shows itself (sensitive, never extractable).
///
/// Objects in the token, all private to its user:
/// - `sakk week 2026-W47`: the key of the week. Two processes that both make the first one leave two; each wrapped key
///   names its own, newcomers use the one with the smallest CKA_ID, and none is removed but by `destroy`.
/// - `sakk week 2026-W47 destroyed`: a data object that stays, so that a destroyed week gets no new key.
/// - `sakk tags`: the key of `tag` and `check`, exactly one, made by `prepare`.
public final class PKCS11WeekKeys: WeekKeys {
    private struct Cache {
        var generation = 0
        var weeks: [ApprovalWeek: TokenKey] = [:]
        var keys: [KeyID: TokenKey] = [:]
        var tag: TokenKey?
        /// Keys that a fresh look did not find: a wrong vault is not made to restart its module for each record.
        var absent: Set<KeyID> = []
    }

    private let token: Token
    private let cache = Mutex(Cache())
    private let failure: VaultFailure

    /// `module` is the path of the HSM's library. Nothing is loaded before the first call.
    public init(module: String, tokenLabel: String, pin: PINSource) {
        token = Token(module: module, label: tokenLabel, pin: pin)
        failure = VaultFailure(vault: token.name)
    }

    public func wrap(_ key: borrowing SecretBytes, week: ApprovalWeek, name: Bytes) throws(SakkError) -> Bytes {
        guard key.count > 0 else { throw failure.empty() }
        let iv = try RandomSource.bytes(12)
        return try key.withBytes { (bytes) throws(SakkError) in
            try token.perform("wrap a key of week \(week)") { (session) throws(TokenFailure) in
                // a cached handle may be of a key that another process destroyed since: then look once more
                for _ in 0..<2 {
                    let weekKey = try currentKey(of: week, session)
                    let aad = WrappedKey.associatedData(week: week, keyID: weekKey.id, name: name)
                    if let made = try session.seal(bytes, key: weekKey.handle, iv: iv, aad: aad) {
                        return WrappedKey(week: week, keyID: weekKey.id, iv: made.iv, sealed: made.sealed).encoded
                    }
                    forget(week)
                }
                throw .refused(failure.missing(week))
            }
        }
    }

    public func unwrap(_ wrapped: Bytes, week: ApprovalWeek, name: Bytes) throws(SakkError) -> SecretBytes {
        guard let wrapped = WrappedKey(encoded: wrapped), wrapped.week == week else { throw failure.wrong(week) }
        let aad = WrappedKey.associatedData(week: week, keyID: wrapped.keyID, name: name)
        return try token.perform("unwrap a key of week \(week)") { (session) throws(TokenFailure) in
            for _ in 0..<2 {
                let weekKey = try key(wrapped.keyID, of: week, session)
                switch try session.open(wrapped.sealed, key: weekKey.handle, iv: wrapped.iv, aad: aad) {
                case .opened(let key): return key
                case .keyGone: forget(week)
                case .refused(let code):
                    // a token that still opens what it seals is sound: then the wrapped key is at fault
                    var sound = false
                    do throws(TokenFailure) { sound = try isSound(weekKey, session) } catch {
                        if case .call(let other) = error, CryptokiError.lost.contains(other) { throw error }
                    }
                    throw sound ? .refused(failure.wrong(week)) : .call(code)
                }
            }
            throw .refused(failure.missing(week))
        }
    }

    public func destroy(_ week: ApprovalWeek) throws(SakkError) {
        forget(week)
        let act = "destroy the key of week \(week)"
        try token.perform(act, outcome: .unknown, anew: true) { (session) throws(TokenFailure) in
            // the mark comes first: who makes a key after it sees the mark and takes the key back
            if try !isDestroyed(week, session) { try session.mark(TokenKey.mark(week)) }
            for object in try session.find(.secretKey, label: TokenKey.label(week)) { try session.destroy(object) }
        }
        forget(week)
        let gone = try token.perform(act, outcome: .unknown, anew: true) { (session) throws(TokenFailure) in
            let left = try session.find(.secretKey, label: TokenKey.label(week))
            let marked = try isDestroyed(week, session)
            return left.isEmpty && marked
        }
        guard gone else {
            throw SakkError(
                "vault.destroy.incomplete", source: token.name, subject: week.rawValue, outcome: .unknown,
                text: "The token still shows a key of week \(week) after it was told to destroy it.",
                remedy: "Destroy the week again; if it stays, look at the objects of the token with the HSM's own tool."
            )
        }
    }

    public func weeks() throws(SakkError) -> [ApprovalWeek] {
        try token.perform("list its keys", anew: true) { (session) throws(TokenFailure) in
            var weeks: Set<ApprovalWeek> = []
            for object in try session.find(.secretKey, label: nil) {
                guard let label = try session.attribute(CKAttribute.label, of: object) else { continue }
                if let week = TokenKey.week(label: String(decoding: label, as: UTF8.self)) { weeks.insert(week) }
            }
            return weeks.sorted()
        }
    }

    public func prepare() throws(SakkError) {
        let id = try KeyID.random()
        try token.perform("make the key for tags", anew: true) { (session) throws(TokenFailure) in
            guard try TokenKey.all(TokenKey.tags, session, token: token.name).isEmpty else { return }
            let made = try session.generate(.signing, label: TokenKey.tags, id: id)
            guard try TokenKey.all(TokenKey.tags, session, token: token.name).count == 1 else {
                // nobody used ours: while there are two, nobody gets a tag
                try session.destroy(made)
                throw .refused(
                    SakkError(
                        "vault.prepare.raced", source: token.name,
                        text: "Another program prepared this vault at the same time.", remedy: "Prepare it again."))
            }
        }
        _ = try check
    }

    public func tag(_ data: Bytes) throws(SakkError) -> Bytes { try hmac(TagUse.tag + data) }

    public var check: Bytes {
        get throws(SakkError) { try hmac(TagUse.check) }
    }

    private func hmac(_ data: Bytes) throws(SakkError) -> Bytes {
        try token.perform("make a tag") { (session) throws(TokenFailure) in
            for _ in 0..<2 {
                if let tag = try session.hmac(data, key: try tagKey(session).handle) { return tag }
                cache.withLock { $0.tag = nil }
            }
            throw .refused(failure.unprepared())
        }
    }
}

// Finding keys. Handles are kept by week and by id; they are worth nothing after the connection was lost.
extension PKCS11WeekKeys {
    /// The key that new records of the week are wrapped under; made when the week has none.
    private func currentKey(of week: ApprovalWeek, _ session: TokenSession) throws(TokenFailure) -> TokenKey {
        if let known = recall(session, { $0.weeks[week] }) { return known }
        if try isDestroyed(week, session) { throw .refused(failure.destroyed(week)) }
        var keys = try keys(of: week, session)
        if keys.isEmpty {
            guard session.isFresh else { throw .stale }
            let id: KeyID
            do throws(SakkError) { id = try KeyID.random() } catch { throw .refused(error) }
            let made = try session.generate(.sealing, label: TokenKey.label(week), id: id)
            if try isDestroyed(week, session) {
                try session.destroy(made)
                throw .refused(failure.destroyed(week))
            }
            // another process may have been faster; a spare key stays, for somebody may have used it already
            keys = try self.keys(of: week, session)
        }
        guard let first = keys.min(by: { $0.id < $1.id }) else { throw .refused(failure.missing(week)) }
        guard try isSound(first, session) else {
            throw .refused(
                SakkError(
                    "vault.token.unsound", source: token.name, subject: week.rawValue,
                    text: "The token does not open what it sealed a moment ago, so nothing is wrapped by it.",
                    remedy: "Check the HSM and its AES-GCM policy (who chooses the IV), then try again."))
        }
        remember(session) { $0.weeks[week] = first }
        return first
    }

    /// The key of the week with this id.
    private func key(
        _ id: KeyID, of week: ApprovalWeek, _ session: TokenSession
    ) throws(TokenFailure) -> TokenKey {
        if let known = recall(session, { $0.keys[id] }) { return known }
        if try isDestroyed(week, session) { throw .refused(failure.destroyed(week)) }
        guard let key = try TokenKey.all(TokenKey.label(week), id: id, session, token: token.name).first else {
            if session.isFresh {
                cache.withLock { if $0.absent.count < 10_000 { $0.absent.insert(id) } }
            } else if cache.withLock({ !$0.absent.contains(id) }) {
                throw .stale
            }
            throw .refused(failure.missing(week))
        }
        remember(session) { $0.keys[id] = key }
        return key
    }

    private func keys(of week: ApprovalWeek, _ session: TokenSession) throws(TokenFailure) -> [TokenKey] {
        try TokenKey.all(TokenKey.label(week), session, token: token.name)
    }

    private func tagKey(_ session: TokenSession) throws(TokenFailure) -> TokenKey {
        if let known = recall(session, { $0.tag }) { return known }
        let keys = try TokenKey.all(TokenKey.tags, session, token: token.name)
        guard let key = keys.first else {
            guard session.isFresh else { throw .stale }
            throw .refused(failure.unprepared())
        }
        guard keys.count == 1 else {
            throw .refused(
                SakkError(
                    "vault.tags.ambiguous", source: token.name,
                    text: "The token holds \(keys.count) keys with the label \(TokenKey.tags); which one is meant?",
                    remedy: "Keep the one whose check the ledger knows and remove the other with the HSM's own tool."))
        }
        remember(session) { $0.tag = key }
        return key
    }

    private func isDestroyed(_ week: ApprovalWeek, _ session: TokenSession) throws(TokenFailure) -> Bool {
        try !session.find(.data, label: TokenKey.mark(week)).isEmpty
    }

    /// Whether the token opens with this key what it seals with it.
    private func isSound(_ key: TokenKey, _ session: TokenSession) throws(TokenFailure) -> Bool {
        let iv: Bytes
        do throws(SakkError) { iv = try RandomSource.bytes(12) } catch { throw .refused(error) }
        let aad = Bytes("sakk.vault/probe/1".utf8)
        let probe = Bytes(repeating: 0, count: 16)
        let made = try probe.withRaw { (raw) throws(TokenFailure) in
            try session.seal(raw, key: key.handle, iv: iv, aad: aad)
        }
        guard let made else { return false }
        if case .opened = try session.open(made.sealed, key: key.handle, iv: made.iv, aad: aad) { return true }
        return false
    }

    private func recall(_ session: TokenSession, _ look: (Cache) -> TokenKey?) -> TokenKey? {
        cache.withLock { $0.generation == session.generation ? look($0) : nil }
    }

    private func remember(_ session: TokenSession, _ change: (inout Cache) -> Void) {
        cache.withLock { cache in
            if session.generation > cache.generation {
                cache = Cache(generation: session.generation, absent: cache.absent)
            }
            if session.generation == cache.generation { change(&cache) }
        }
    }

    private func forget(_ week: ApprovalWeek) {
        cache.withLock { cache in
            cache.weeks[week] = nil
            // ids do not say their week
            cache.keys = [:]
        }
    }
}
