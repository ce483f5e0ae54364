public import Ground
import OpenSSLCrypto
public import SmartCard

/// Which keys a card holds after a session broke off. It reads (key information, INITIALIZE UPDATE) and never sends EXTERNAL
/// AUTHENTICATE: nothing here can count against the card.
public enum KeyRecovery {
    /// What became of a PUT KEY whose answer was lost.
    public enum TornPutKey: Sendable, Equatable {
        /// The card holds the keys it had: the command did not take effect.
        case before
        /// The card holds the new keys.
        case after
        /// Both key sets are there: they were added, not replaced.
        case both
        /// Neither: the card is not what we think.
        case neither
    }

    /// Versions of complete key sets (identifiers 1, 2 and 3) in the key information; where the card does not give that,
    /// those of `candidates` that INITIALIZE UPDATE knows.
    public static func versions(
        on channel: any CardChannel, among candidates: [UInt8]
    ) throws(SakkError) -> Set<UInt8> {
        do throws(SakkError) {
            let keys = try CardManager(channel).keyInformation()
            return Set(keys.map(\.version)).filter { version in
                Set([1, 2, 3]).isSubset(of: keys.filter { $0.version == version }.map(\.id))
            }
        } catch {
            guard error.code == "chip.refused" else { throw error }
        }
        var held: Set<UInt8> = []
        for version in candidates {
            do throws(SakkError) {
                let answer = try SecureChannel.initializeUpdate(
                    on: channel, keyVersion: version, challenge: try RandomSource.bytes(8))
                if answer.keyVersion == version { held.insert(version) }
            } catch {
                guard error.code == "chip.keys.missing" else { throw error }
            }
        }
        return held
    }

    /// Whether the card's own cryptogram is that of these keys. One INITIALIZE UPDATE, nothing after it.
    public static func holds(
        _ source: any CardKeySource, version: UInt8, on channel: any CardChannel
    ) throws(SakkError) -> Bool {
        let challenge = try RandomSource.bytes(8)
        let card: InitializeUpdate
        do throws(SakkError) {
            card = try SecureChannel.initializeUpdate(on: channel, keyVersion: version, challenge: challenge)
        } catch {
            guard error.code == "chip.keys.missing" else { throw error }
            return false
        }
        let keys = try source.keys(forKDD: card.kdd, version: card.keyVersion)
        // a key of another length than the card's protocol takes cannot be the card's
        guard card.secureChannel == .scp03 || keys.enc.count == 16 else { return false }
        return ConstantTime.equal(
            try card.session(keys: keys, hostChallenge: challenge).cardCryptogram(), card.cardCryptogram)
    }

    /// Tells a PUT KEY torn before its commit from one torn after it, also when old and new keys share a version.
    public static func tornPutKey(
        old: any CardKeySource, oldVersion: UInt8, new: any CardKeySource, newVersion: UInt8,
        on channel: any CardChannel
    ) throws(SakkError) -> TornPutKey {
        let hasOld = try holds(old, version: oldVersion, on: channel)
        let hasNew = try holds(new, version: newVersion, on: channel)
        return switch (hasOld, hasNew) {
        case (true, false): .before
        case (false, true): .after
        case (true, true): .both
        case (false, false): .neither
        }
    }
}
