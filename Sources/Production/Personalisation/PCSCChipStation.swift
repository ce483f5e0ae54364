public import Catalog
public import GlobalPlatform
public import Ground
public import SmartCard
public import Stations

/// The chip encoder of a cell: a PC/SC reader, the issuer's keys, and a border's eyes.
public struct PCSCChipStation: ChipStation {
    /// Opens the document on a channel the way a border does.
    public typealias Opening = @Sendable (any CardChannel, MRZAccess) throws(SakkError) -> BorderReport

    /// Where the border's code runs: in our card session, or in a process of its own, as on a line.
    private enum Eyes {
        case here(Opening)
        case apart(BorderProcess)
    }

    private let reader: PCSCReader
    private let personaliser: ChipPersonaliser
    private let profile: ChipSettings
    private let eyes: Eyes

    public init(
        reader: PCSCReader, profile: ChipSettings, keys: any CardKeySource, guarding guardian: KeySetGuard? = nil,
        production: ProductionKeys? = nil, opening: @escaping Opening
    ) {
        self.reader = reader
        self.profile = profile
        eyes = .here(opening)
        personaliser = ChipPersonaliser(
            profile: profile, keys: keys, guarding: guardian, production: production)
    }

    /// `border`: the process that reads documents back, at the same reader.
    public init(
        reader: PCSCReader, profile: ChipSettings, keys: any CardKeySource, guarding guardian: KeySetGuard? = nil,
        production: ProductionKeys? = nil, border: BorderProcess
    ) {
        self.reader = reader
        self.profile = profile
        eyes = .apart(border)
        personaliser = ChipPersonaliser(
            profile: profile, keys: keys, guarding: guardian, production: production)
    }

    public func connect() async throws(SakkError) {
        try await reader.connect()
        if case .apart(let border) = eyes { try await border.begin() }
    }

    public func disconnect() async {
        if case .apart(let border) = eyes { await border.stop() }
        await reader.disconnect()
    }

    /// Waits at most the profile's time. While cards change, pcscd speaks of the one before until its next look (400 ms): a
    /// silent card is asked again after that, and is `mute` only when it stays silent over several looks.
    public func identify() async throws(SakkError) -> ChipPresence {
        let clock = ContinuousClock()
        let deadline = clock.now + .milliseconds(profile.presenceTimeoutMS)
        for _ in 1..<PCSCChipStation.looksAtSilence {
            let left = (deadline - clock.now).components
            let leftMS = Int(left.seconds) * 1000 + Int(left.attoseconds / 1_000_000_000_000_000)
            let presence = try await look(timeoutMS: max(0, leftMS))
            if case .answers = presence { return presence }
            guard clock.now < deadline else { return presence }
            // ends at once when pcscd sees the silent card gone
            _ = try await reader.waitForRemoval(timeoutMS: PCSCChipStation.lookIntervalMS)
        }
        return try await look(timeoutMS: 0)
    }

    private static let looksAtSilence = 4
    /// A little more than pcscd's interval.
    private static let lookIntervalMS = 500

    /// One look at the reader, waiting for a card at most `timeoutMS`.
    private func look(timeoutMS: Int) async throws(SakkError) -> ChipPresence {
        switch try await reader.waitForCard(timeoutMS: timeoutMS) {
        case .absent: return .absent
        case .mute: return .mute
        case .present: break
        }
        do {
            return try await presence()
        } catch {
            guard error.isChipSilence else { throw error }
            return error.code == "chip.absent" || error.code == "chip.removed" ? .absent : .mute
        }
    }

    /// Who answers at this moment, in a session of its own.
    func presence(busyMS: Int = 0) async throws(SakkError) -> ChipPresence {
        let personaliser = personaliser
        return try await reader.withCard(busyMS: busyMS) { channel throws(SakkError) in
            try personaliser.identify(on: channel)
        }
    }

    /// A chip that is torn out of the field or falls silent is waited for, recognised, and gone on with as its profile
    /// allows; every session is one of its own.
    public func personalise(
        _ job: ChipJob, on chip: ChipIdentity, progress: @Sendable (String) -> Void
    ) async throws(SakkError) {
        let personaliser = personaliser
        var run = try personaliser.begin(job, on: chip)
        while true {
            let (after, failure) = try await session(run, progress)
            run = after
            guard let failure else { return }
            guard run.goesOn(after: failure, profile) else { throw run.final(failure) }
            _ = try await reader.waitForCard(timeoutMS: profile.presenceTimeoutMS)
        }
    }

    /// One card session of a run, and why it ended before the run's end.
    private func session(
        _ run: PersonalisationRun, _ progress: @Sendable (String) -> Void
    ) async throws(SakkError) -> (PersonalisationRun, SakkError?) {
        let personaliser = personaliser
        do throws(SakkError) {
            return try await reader.withCard { channel throws(SakkError) -> (PersonalisationRun, SakkError?) in
                var run = run
                do throws(SakkError) {
                    try personaliser.advance(&run, channel: channel, progress: progress)
                    return (run, nil)
                } catch {
                    return (run, error)
                }
            }
        } catch {
            // no session came about
            guard error.isChipSilence else { throw run.final(error) }
            return (run, error)
        }
    }

    /// A chip that falls silent while it is read is a report with the failed check `chip`.
    public func read(with access: MRZAccess) async throws(SakkError) -> BorderReport {
        do {
            switch eyes {
            case .here(let opening):
                return try await reader.withCard { channel throws(SakkError) in try opening(channel, access) }
            case .apart(let border): return try await read(by: border, access)
            }
        } catch {
            guard error.isChipSilence else { throw error }
            return BorderReport(failed: "chip", error.text)
        }
    }

    /// Deletes, locks, resets, and asks again. What the chip does not confirm is `unconfirmed`, whatever the reason was:
    /// two people then seal and punch it.
    public func kill() async throws(SakkError) -> ChipDeath {
        let personaliser = personaliser
        do {
            try await reader.withCard { channel throws(SakkError) in try personaliser.kill(on: channel) }
        } catch {
            guard error.isAboutChip else { throw error }
        }
        do {
            return try await reader.withCard { channel throws(SakkError) in
                try personaliser.isDead(on: channel) ? .confirmed : .unconfirmed
            }
        } catch {
            guard error.isAboutChip else { throw error }
            return .unconfirmed
        }
    }
}
