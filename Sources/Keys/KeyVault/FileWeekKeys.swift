public import Ground
internal import OpenSSLCrypto
public import Stations

/// The vault in a folder, for a developer's machine and benches: whoever copies the folder has the keys. A plant uses a
/// token (`PKCS11WeekKeys`).
///
/// Files, each 0600, written once and never changed:
/// - `2026-W47.key`: id (16 bytes) and AES-256 key of the week.
/// - `2026-W47.destroyed`: empty; stays, so that a destroyed week gets no new key.
/// - `tags.key`: the key of `tag` and `check` (32 bytes), made by `prepare`.
public final class FileWeekKeys: WeekKeys {
    private let folder: KeyFolder
    private let failure: VaultFailure

    /// Makes the folder when it is not there. Throws `vault.folder.open` when others may enter it.
    public init(folder: String) throws(SakkError) {
        self.folder = KeyFolder(path: folder)
        failure = VaultFailure(vault: folder)
        try self.folder.open()
    }

    public func wrap(_ key: borrowing SecretBytes, week: ApprovalWeek, name: Bytes) throws(SakkError) -> Bytes {
        guard key.count > 0 else { throw failure.empty() }
        let weekKey = try currentKey(of: week)
        let iv = try RandomSource.bytes(12)
        let aad = WrappedKey.associatedData(week: week, keyID: weekKey.id, name: name)
        let sealed = try key.withBytes { (bytes) throws(SakkError) in
            var clear = Bytes(bytes)
            defer { wipe(&clear) }
            return try AES.gcmSeal(key: weekKey.key, nonce: iv, data: clear, aad: aad)
        }
        // the key may have been overwritten while it was read; the mark was there before
        if try isDestroyed(week) { throw failure.destroyed(week) }
        return WrappedKey(week: week, keyID: weekKey.id, iv: iv, sealed: sealed).encoded
    }

    public func unwrap(_ wrapped: Bytes, week: ApprovalWeek, name: Bytes) throws(SakkError) -> SecretBytes {
        guard let wrapped = WrappedKey(encoded: wrapped), wrapped.week == week else { throw failure.wrong(week) }
        if try isDestroyed(week) { throw failure.destroyed(week) }
        guard let weekKey = try key(of: week), weekKey.id == wrapped.keyID else {
            throw try isDestroyed(week) ? failure.destroyed(week) : failure.missing(week)
        }
        let aad = WrappedKey.associatedData(week: week, keyID: wrapped.keyID, name: name)
        do throws(SakkError) {
            var clear = try AES.gcmOpen(key: weekKey.key, nonce: wrapped.iv, sealed: wrapped.sealed, aad: aad)
            return SecretBytes(wiping: &clear)
        } catch {
            guard error.code == "crypto.sealed" else { throw error }
            throw try isDestroyed(week) ? failure.destroyed(week) : failure.wrong(week)
        }
    }

    public func destroy(_ week: ApprovalWeek) throws(SakkError) {
        // the mark comes first: who makes a key after it sees the mark and takes the key back
        _ = try folder.create(mark(week), SecretBytes(count: 0) { _ in })
        try folder.erase(file(week))
        if try folder.holds(file(week)) {
            throw SakkError(
                "vault.destroy.incomplete", source: folder.path, subject: week.rawValue, outcome: .unknown,
                text: "The key of week \(week) is still there after it was erased.",
                remedy: "Destroy the week again; find out which program makes the file.")
        }
    }

    public func weeks() throws(SakkError) -> [ApprovalWeek] {
        try folder.names().compactMap { name in
            name.hasSuffix(".key") ? ApprovalWeek(rawValue: String(name.dropLast(4))) : nil
        }.sorted()
    }

    public func prepare() throws(SakkError) {
        if try !folder.holds(FileWeekKeys.tags) {
            _ = try folder.create(FileWeekKeys.tags, try RandomSource.secret(32))
        }
        _ = try check
    }

    public func tag(_ data: Bytes) throws(SakkError) -> Bytes {
        HMAC.sha256(key: try tagKey(), data: TagUse.tag + data)
    }

    public var check: Bytes {
        get throws(SakkError) { HMAC.sha256(key: try tagKey(), data: TagUse.check) }
    }
}

extension FileWeekKeys {
    private struct WeekKey: ~Copyable {
        let id: KeyID
        let key: SecretBytes
    }

    private static let tags = "tags.key"

    private func file(_ week: ApprovalWeek) -> String { week.rawValue + ".key" }
    private func mark(_ week: ApprovalWeek) -> String { week.rawValue + ".destroyed" }

    private func isDestroyed(_ week: ApprovalWeek) throws(SakkError) -> Bool { try folder.holds(mark(week)) }

    /// The key that new records of the week are wrapped under; made when the week has none.
    private func currentKey(of week: ApprovalWeek) throws(SakkError) -> WeekKey {
        if try isDestroyed(week) { throw failure.destroyed(week) }
        if let key = try key(of: week) { return key }
        if try folder.create(file(week), try RandomSource.secret(KeyID.count + 32)), try isDestroyed(week) {
            try folder.erase(file(week))
            throw failure.destroyed(week)
        }
        guard let key = try key(of: week) else { throw failure.missing(week) }
        return key
    }

    private func key(of week: ApprovalWeek) throws(SakkError) -> WeekKey? {
        guard let content = try folder.read(file(week)) else { return nil }
        guard content.count == KeyID.count + 32 else { throw broken(file(week)) }
        return content.withBytes { bytes in
            WeekKey(
                id: KeyID(bytes: Bytes(bytes[..<KeyID.count])),
                key: SecretBytes(count: 32) { $0.copyMemory(from: .init(rebasing: bytes[KeyID.count...])) })
        }
    }

    private func tagKey() throws(SakkError) -> SecretBytes {
        guard let key = try folder.read(FileWeekKeys.tags) else { throw failure.unprepared() }
        guard key.count == 32 else { throw broken(FileWeekKeys.tags) }
        return key
    }

    private func broken(_ name: String) -> SakkError {
        SakkError(
            "vault.file.broken", source: folder.path + "/" + name,
            text: "The key file has not the length of a key file.",
            remedy: "Restore the folder of keys from its backup.")
    }

    private func wipe(_ bytes: inout Bytes) {
        // the new owner wipes both
        _ = SecretBytes(wiping: &bytes)
    }
}
