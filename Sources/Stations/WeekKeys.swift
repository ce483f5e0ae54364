public import Ground

/// The keys that never leave the vault: one per approval week, which wraps the keys of that week's records, and one that
/// lives as long as the ledger, for tags. Calls block shortly and may come from any thread.
///
/// Deleting a wrapped key forgets one record at once; destroying the week's key also empties the backups.
public protocol WeekKeys: Sendable {
    /// The record's key under the week's key (AES-256, authenticated), with `name` bound in: the result opens only for
    /// the same week and name. The first wrap of a week makes its key. `vault.key.destroyed` once the week was destroyed.
    func wrap(_ key: borrowing SecretBytes, week: ApprovalWeek, name: Bytes) throws(SakkError) -> Bytes

    /// Throws `vault.key.destroyed` when the week was destroyed, `vault.key.wrong` when the bytes were changed or made for
    /// another week or name, and `vault.key.missing` when the key that made them is not in this vault although nobody
    /// destroyed it: then nothing is forgotten, and it may be the wrong vault.
    func unwrap(_ wrapped: Bytes, week: ApprovalWeek, name: Bytes) throws(SakkError) -> SecretBytes

    /// Destroys the week's key for ever; returns when a second look no longer finds it. A week without a key is no error,
    /// and a destroyed week gets no new key.
    func destroy(_ week: ApprovalWeek) throws(SakkError)

    /// The weeks that have a key, in order.
    func weeks() throws(SakkError) -> [ApprovalWeek]

    /// Makes the key of `tag` when the vault has none: an act of setting up the plant, not of running it, because a vault
    /// that quietly made a second one would no longer know a document number again. Doing it twice changes nothing.
    func prepare() throws(SakkError)

    /// HMAC-SHA-256 under the key that lives as long as the ledger (document numbers are kept as such tags): 32 bytes.
    /// `vault.keys.none` before `prepare`.
    func tag(_ data: Bytes) throws(SakkError) -> Bytes

    /// Names the vault without giving it away (32 bytes): the ledger keeps it and refuses to open with another vault.
    var check: Bytes { get throws(SakkError) }
}
