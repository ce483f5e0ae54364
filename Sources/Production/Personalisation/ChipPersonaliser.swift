public import Catalog
public import GlobalPlatform
public import Ground
public import SmartCard
public import Stations

/// Identifies, writes and kills the chip on a channel. Knows no reader, so it runs against any card; knows no applet, so it
/// writes any that a dialect file describes.
public struct ChipPersonaliser: Sendable {
    let profile: ChipSettings
    let keySets: ChipKeySets

    /// `keys`: those that a chip comes with; `guarding` stops a key set that three cards in a row did not know. `production`:
    /// those that it leaves with, for a profile with the step `keys`.
    public init(
        profile: ChipSettings, keys: any CardKeySource, guarding guardian: KeySetGuard? = nil,
        production: ProductionKeys? = nil
    ) {
        self.profile = profile
        keySets = ChipKeySets(profile, transport: keys, guarding: guardian, production: production)
    }

    /// Reads the chip's identity and whether the passport instance can be selected; changes nothing. A chip that answers
    /// no identity is `mute`. A locked card answers too.
    public func identify(on channel: any CardChannel) throws(SakkError) -> ChipPresence {
        guard let identity = try identity(on: channel) else { return .mute }
        let personalised = try CardManager(channel).select(profile.instance) != nil
        return .answers(identity: identity, personalised: personalised)
    }

    func identity(on channel: any CardChannel) throws(SakkError) -> ChipIdentity? {
        let manager = CardManager(channel)
        do {
            guard try manager.select(profile.issuerSecurityDomain) != nil else { return nil }
            return try manager.cplc().identity
        } catch  where error.code == "chip.refused" || error.code == "chip.response.malformed" {
            return nil
        }
    }

    /// Puts the production keys where the profile says so, installs the passport instance, writes and locks it in its dialect,
    /// in one card session. Until PUT KEY or INSTALL is sent nothing is changed; from then on every failure has outcome
    /// `unknown`: the chip must be killed, never written again.
    ///
    /// `chip.occupied`: an instance is there already. `chip.identity.other`: another chip lies in the reader.
    /// `chip.file.size`: a file that the applet cannot hold, and `keys.missing`: no production keys, before anything is sent.
    public func personalise(
        _ job: ChipJob, on chip: ChipIdentity, channel: any CardChannel, progress: (String) -> Void
    ) throws(SakkError) {
        var run = try begin(job, on: chip)
        do {
            try advance(&run, channel: channel, progress: progress)
        } catch {
            throw run.final(error)
        }
    }

    /// The same, going on in a new session (`opening` powers the card and makes its channel) after a tear, as the profile
    /// allows.
    public func personalise(
        _ job: ChipJob, on chip: ChipIdentity, opening: () throws(SakkError) -> any CardChannel,
        progress: (String) -> Void
    ) throws(SakkError) {
        var run = try begin(job, on: chip)
        while true {
            do {
                return try advance(&run, channel: try opening(), progress: progress)
            } catch {
                guard run.goesOn(after: error, profile) else { throw run.final(error) }
            }
        }
    }

    /// A run over this job; refuses what the applet cannot hold, and what there are no keys for.
    func begin(_ job: ChipJob, on chip: ChipIdentity) throws(SakkError) -> PersonalisationRun {
        _ = try keySets.production()
        try FileWriting(profile: profile).check(job.files)
        return PersonalisationRun(job, on: chip)
    }

    /// Goes on from where the run stands, to its end or the next failure.
    func advance(
        _ run: inout PersonalisationRun, channel: any CardChannel, progress: (String) -> Void
    ) throws(SakkError) {
        guard try find(&run, on: channel, progress) else { return }
        if profile.steps[run.next].name == ChipSettings.keys {
            try changeKeys(&run, on: channel)
            finish(&run, progress)
        }
        let secure = profile.steps[run.next].name == ChipSettings.install || profile.dialect.channel == .secure
        var target = channel
        if secure {
            _ = try CardManager(channel).select(profile.issuerSecurityDomain)
            let session = try openForWriting(run, on: channel)
            run.diversification = session.card.kdd
            progress("secure-channel")
            if profile.steps[run.next].name == ChipSettings.install { try install(&run, through: session, progress) }
            if profile.dialect.channel == .secure { target = session }
        }
        try FaultPoint.pass("chip.write.before")
        switch profile.dialect.channel {
        case .plain: _ = try channel.expectSuccess(.select(aid: profile.instance, fci: true), step: "SELECT")
        case .secure:
            _ = try target.expectSuccess(
                InstallCommand.forPersonalization(instance: profile.instance), step: "INSTALL [for personalization]")
        }
        var writing = FileWriting(profile: profile)
        writing.target = target
        writing.values = TemplateValues(job: run.job, document: profile.document)
        if let session = target as? SecureChannel { writing.seal(through: session) }
        while run.next < profile.steps.count {
            try write(&run, writing: &writing, progress)
        }
    }

    /// Looks at the chip before anything is sent that changes it: is it ours, and how far is it? False when it is finished.
    private func find(
        _ run: inout PersonalisationRun, on channel: any CardChannel, _ progress: (String) -> Void
    ) throws(SakkError) -> Bool {
        let isInstalled = try CardManager(channel).select(profile.instance) != nil
        guard !isInstalled || run.isInstalling else {
            throw SakkError(
                "chip.occupied", source: "chip", subject: run.job.attempt.rawValue,
                text: "There is a passport instance on this chip already.",
                remedy: "Find out whose document it is; kill the chip before anything else.")
        }
        // before it is asked anything else: another card may lie there, and be as far as ours should be
        try recognise(run, on: channel)
        if run.isBegun, isInstalled, let step = profile.step(profile.steps[run.next].name), let asked = step.doneWhen {
            _ = try CardManager(channel).select(profile.instance)
            var writing = FileWriting(profile: profile)
            writing.values = TemplateValues(job: run.job, document: profile.document)
            if try writing.isAnswered(asked, on: channel) { finish(&run, progress) }
        }
        guard run.next < profile.steps.count else { return false }
        progress("identity")
        let isWritten = ![ChipSettings.keys, ChipSettings.install].contains(profile.steps[run.next].name)
        if !isWritten, isInstalled {
            // there was none before INSTALL was sent
            finish(&run, progress)
        } else if isWritten, !isInstalled {
            throw SakkError(
                "chip.instance.gone", source: "chip", subject: run.job.attempt.rawValue, outcome: .unknown,
                text: "The instance that was installed on this chip is not there any more.",
                remedy: "The chip is killed; keep the card for examination.")
        }
        return true
    }

    /// Throws `chip.identity.other` unless the chip says that it is the run's. One that hides its identity after the lock is
    /// known by what its keys are derived from.
    private func recognise(_ run: PersonalisationRun, on channel: any CardChannel) throws(SakkError) {
        let found = try identity(on: channel)
        if found == run.chip { return }
        if found == nil, let known = run.diversification, try diversification(on: channel) == known { return }
        throw SakkError(
            "chip.identity.other", source: "chip", subject: run.job.attempt.rawValue,
            text: "The chip in the reader is not the one that this attempt was given.",
            remedy: "Take the card out and let the line identify it anew.")
    }

    private func install(
        _ run: inout PersonalisationRun, through session: SecureChannel, _ progress: (String) -> Void
    ) throws(SakkError) {
        try FaultPoint.pass("chip.install.before")
        run.isBegun = true
        run.isTouched = true
        run.isInstalling = true
        try CardManager(session).install(
            loadFile: profile.loadFile, module: profile.module, instance: profile.instance)
        try FaultPoint.pass("chip.install.after")
        finish(&run, progress)
    }

    private func write(
        _ run: inout PersonalisationRun, writing: inout FileWriting, _ progress: (String) -> Void
    ) throws(SakkError) {
        guard let step = profile.step(profile.steps[run.next].name) else { return }
        if step.locks { try FaultPoint.pass("chip.lock.before") }
        run.isBegun = true
        if let each = step.each {
            if run.files == nil { run.files = try run.job.keys?.complete(run.born)?.files ?? run.job.files }
            let files = run.files ?? []
            try writing.check(files)
            for file in files where each == .file || file.isClosed {
                try writing.write(file, by: step)
                if each == .file { progress("file.\(BigEndian.bytes(file.fileID).hex)") }
            }
        } else {
            for (use, answer) in try writing.carryOut(step) { run.born[use] = answer }
        }
        if step.locks { try FaultPoint.pass("chip.lock.after") }
        finish(&run, step.eachFile ? { _ in } : progress)
    }

    private func finish(_ run: inout PersonalisationRun, _ progress: (String) -> Void) {
        progress(profile.steps[run.next].name)
        run.next += 1
        run.isBegun = false
    }

    /// Deletes the instance and locks the card, under the key set that it holds. Confirm with `isDead` after a reset. A card that
    /// is locked already is left as it is, so a second call never authenticates in vain.
    public func kill(on channel: any CardChannel) throws(SakkError) {
        let manager = CardManager(channel)
        guard let selection = try manager.select(profile.issuerSecurityDomain), !selection.isLocked else { return }
        let secure = try openSecureChannel(on: channel, chip: try identity(on: channel))
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
}

extension ChipFile {
    /// EF.DG3 or EF.DG4: behind Terminal Authentication once the chip is locked.
    fileprivate var isClosed: Bool { !isInMasterFile && (fileID == 0x0103 || fileID == 0x0104) }
}
