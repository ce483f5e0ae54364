import Catalog
public import GlobalPlatform
public import Ground
public import SmartCard
import Stations

/// A card comes under transport keys and leaves under production keys of its own.
///
/// | torn | holds | what is done |
/// |---|---|---|
/// | before PUT KEY reached the card | transport keys | the step again |
/// | in it: several keys are put whole or not at all (GPCS 2.3.1 11.8.2.3.3) | either | as its key information says |
/// | after it, the answer lost | production keys | goes on; nothing is put again |
///
/// Where the profile says `put_key: add`, PUT KEY leaves both, and DELETE [key] under the production keys follows: torn between
/// them, in it or after it the chip holds both or production keys alone, and what is left is done.
///
/// So every session reads which keys the chip holds before it opens a channel, and no authentication is tried in vain.
extension ChipPersonaliser {
    /// A channel to the selected issuer security domain, under the key set that the chip holds.
    public func openSecureChannel(
        on channel: any CardChannel, chip: ChipIdentity? = nil
    ) throws(SakkError) -> SecureChannel {
        try open(try keySets.held(on: channel), on: channel, chip)
    }

    /// The same for writing: what is written is written under production keys, where the product has them.
    /// `chip.keys.unchanged`: the transport keys are still there.
    func openForWriting(_ run: PersonalisationRun, on channel: any CardChannel) throws(SakkError) -> SecureChannel {
        guard let production = try keySets.production() else {
            return try open(keySets.transport, on: channel, run.chip)
        }
        guard try keySets.holding(on: channel) == .production else {
            throw SakkError(
                "chip.keys.unchanged", source: "chip", subject: run.job.attempt.rawValue,
                text: "The chip still holds its transport keys (version \(keySets.transport.version)).",
                remedy: "The chip is not written; keep the card for examination.")
        }
        return try open(production, on: channel, run.chip)
    }

    /// The step `keys`. A chip that has its production keys, since an attempt that ended right after them, is left as it is.
    func changeKeys(_ run: inout PersonalisationRun, on channel: any CardChannel) throws(SakkError) {
        _ = try CardManager(channel).select(profile.issuerSecurityDomain)
        if try keySets.holding(on: channel) == .transport {
            let session = try open(keySets.transport, on: channel, run.chip)
            let prepared = try keySets.command(through: session)
            try FaultPoint.pass("chip.keys.before")
            touch(&run, through: session)
            try CardManager(session).putKey(prepared)
            try FaultPoint.pass("chip.keys.after")
        }
        guard keySets.isAdding, let production = try keySets.production() else { return }
        _ = try CardManager(channel).select(profile.issuerSecurityDomain)
        guard try keySets.holding(on: channel) == .both else { return }
        // the new keys are proved before the old ones go
        let session = try open(production, on: channel, run.chip)
        try FaultPoint.pass("chip.keys.delete.before")
        touch(&run, through: session)
        try CardManager(session).deleteKey(version: keySets.transport.version)
        try FaultPoint.pass("chip.keys.delete.after")
    }

    private func touch(_ run: inout PersonalisationRun, through session: SecureChannel) {
        run.isBegun = true
        run.isTouched = true
        run.diversification = session.card.kdd
    }

    /// What the chip's keys are derived from; nil for a chip that tells nothing or has none of ours.
    func diversification(on channel: any CardChannel) throws(SakkError) -> Bytes? {
        let version: UInt8
        do throws(SakkError) {
            version = try keySets.held(on: channel).version
        } catch {
            guard error.code == "chip.keys.missing" else { throw error }
            return nil
        }
        return try CardManager(channel).diversificationData(keyVersion: version)
    }

    private func open(
        _ keySet: ChipKeySets.KeySet, on channel: any CardChannel, _ chip: ChipIdentity?
    ) throws(SakkError) -> SecureChannel {
        try SecureChannel.open(
            on: channel, keys: keySet.keys, keyVersion: keySet.version,
            level: profile.securityLevel.map { SecurityLevel(rawValue: $0) }, guarding: keySet.guardian, chip: chip)
    }
}
