public import GlobalPlatform
public import Ground
public import SmartCard
public import Stations

/// Identifies, writes and kills the chip on a channel. Knows no reader, so it runs against any card.
public struct ChipPersonaliser: Sendable {
    private let profile: ChipProfile
    private let keys: any CardKeySource

    public init(profile: ChipProfile, keys: any CardKeySource) {
        self.profile = profile
        self.keys = keys
    }

    /// Reads the chip's identity and whether the passport instance can be selected; changes nothing. A chip that answers
    /// no identity is `mute`. A locked card answers too.
    public func identify(on channel: any CardChannel) throws(SakkError) -> ChipPresence {
        guard let identity = try identity(on: channel) else { return .mute }
        let personalised = try CardManager(channel).select(profile.instance) != nil
        return .answers(identity: identity, personalised: personalised)
    }

    private func identity(on channel: any CardChannel) throws(SakkError) -> ChipIdentity? {
        let manager = CardManager(channel)
        do {
            guard try manager.select(profile.issuerSecurityDomain) != nil else { return nil }
            return try manager.cplc().identity
        } catch  where error.code == "chip.refused" || error.code == "chip.response.malformed" {
            return nil
        }
    }

    /// Installs the passport instance under SCP03, then writes and locks it in its dialect. Until INSTALL is sent a failure
    /// has outcome `notDone`; from then on every failure is `unknown`: the chip must be killed, never written again.
    ///
    /// `chip.occupied`: an instance is there already. `chip.identity.other`: another chip lies in the reader.
    public func personalise(
        _ job: ChipJob, on chip: ChipIdentity, channel: any CardChannel, progress: (String) -> Void
    ) throws(SakkError) {
        let steps = try profile.dialect.steps(for: job, blockSize: profile.blockSize)
        guard try CardManager(channel).select(profile.instance) == nil else {
            throw SakkError(
                "chip.occupied", source: "chip", subject: job.attempt.rawValue,
                text: "There is a passport instance on this chip already.",
                remedy: "Find out whose document it is; kill the chip before anything else.")
        }
        guard let found = try identity(on: channel), found == chip else {
            throw SakkError(
                "chip.identity.other", source: "chip", subject: job.attempt.rawValue,
                text: "The chip in the reader is not the one that this attempt was given.",
                remedy: "Take the card out and let the line identify it anew.")
        }
        progress("identity")
        let secure = try openSecureChannel(on: channel)
        progress("secure-channel")
        try FaultPoint.pass("chip.install.before")
        do {
            try CardManager(secure).install(
                loadFile: profile.loadFile, module: profile.module, instance: profile.instance)
            try FaultPoint.pass("chip.install.after")
            progress("install")
            try write(steps, of: job, on: channel, progress: progress)
        } catch {
            throw half(error, job)
        }
    }

    /// Selecting the instance ends the secure channel: the applet's dialect is in clear (its facts page says why).
    private func write(
        _ steps: [PersonalisationStep], of job: ChipJob, on channel: any CardChannel, progress: (String) -> Void
    ) throws(SakkError) {
        try FaultPoint.pass("chip.write.before")
        _ = try channel.expectSuccess(.select(aid: profile.instance, fci: true), step: "SELECT of the instance")
        for step in steps {
            if step.kind == .lock { try FaultPoint.pass("chip.lock.before") }
            for command in step.commands { _ = try channel.expectSuccess(command, step: step.name) }
            if step.kind == .lock { try FaultPoint.pass("chip.lock.after") }
            progress(step.name)
        }
    }

    /// Deletes the instance and locks the card. Confirm with `isDead` after a reset. A card that is locked already is left as
    /// it is, so a second call never authenticates in vain.
    public func kill(on channel: any CardChannel) throws(SakkError) {
        let manager = CardManager(channel)
        guard let selection = try manager.select(profile.issuerSecurityDomain), !selection.isLocked else { return }
        let secure = try openSecureChannel(on: channel)
        try FaultPoint.pass("chip.kill.before")
        let manage = CardManager(secure)
        try manage.delete(profile.instance)
        try manage.setCardState(.locked)
        try FaultPoint.pass("chip.kill.after")
    }

    /// On a freshly reset card: locked (or terminated), and no passport to be selected.
    public func isDead(on channel: any CardChannel) throws(SakkError) -> Bool {
        let manager = CardManager(channel)
        guard try manager.select(profile.instance) == nil else { return false }
        return try manager.select(profile.issuerSecurityDomain)?.isLocked ?? true
    }

    private func openSecureChannel(on channel: any CardChannel) throws(SakkError) -> SecureChannel {
        try SecureChannel.open(on: channel, keys: keys, keyVersion: profile.keyVersion, level: profile.securityLevel)
    }

    private func half(_ error: SakkError, _ job: ChipJob) -> SakkError {
        var error = error
        error.outcome = .unknown
        error.subject = error.subject ?? job.attempt.rawValue
        return error
    }
}
