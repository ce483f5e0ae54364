public import GlobalPlatform
public import Ground
public import SmartCard
public import Stations

/// The chip encoder of a cell: a PC/SC reader, the issuer's keys, and a border's eyes.
public struct PCSCChipStation: ChipStation {
    /// Opens the document on a channel the way a border does.
    public typealias Opening = @Sendable (any CardChannel, MRZAccess) throws(SakkError) -> BorderReport

    private let reader: PCSCReader
    private let personaliser: ChipPersonaliser
    private let profile: ChipProfile
    private let opening: Opening

    public init(reader: PCSCReader, profile: ChipProfile, keys: any CardKeySource, opening: @escaping Opening) {
        self.reader = reader
        self.profile = profile
        self.opening = opening
        personaliser = ChipPersonaliser(profile: profile, keys: keys)
    }

    public func connect() async throws(SakkError) { try await reader.connect() }

    public func disconnect() async { await reader.disconnect() }

    /// Waits at most the profile's time. A card that came while pcscd still spoke of the one before shows as removed or
    /// reset once; then the wait goes on.
    public func identify() async throws(SakkError) -> ChipPresence {
        let clock = ContinuousClock()
        let deadline = clock.now + .milliseconds(profile.presenceTimeoutMS)
        var last = ChipPresence.absent
        var silences = 0
        repeat {
            let left = (deadline - clock.now).components
            let leftMS = Int(left.seconds) * 1000 + Int(left.attoseconds / 1_000_000_000_000_000)
            switch try await reader.waitForCard(timeoutMS: max(0, leftMS)) {
            case .absent: return .absent
            case .mute: return .mute
            case .present: break
            }
            do {
                let personaliser = personaliser
                return try await reader.withCard(leaving: .unpower) { channel throws(SakkError) in
                    try personaliser.identify(on: channel)
                }
            } catch {
                guard error.isChipSilence else { throw error }
                last = error.code == "chip.absent" || error.code == "chip.removed" ? .absent : .mute
            }
            // A change of state (card gone, another one come) ends this wait. A card that was exchanged between two
            // looks of pcscd shows no change and answers only once it is powered anew: so silence counts twice.
            silences += 1
            let seen = try await reader.waitForRemoval(timeoutMS: min(500, profile.presenceTimeoutMS))
            guard seen == .absent || silences < 3 else { return last }
        } while clock.now < deadline
        return last
    }

    public func personalise(
        _ job: ChipJob, on chip: ChipIdentity, progress: @Sendable (String) -> Void
    ) async throws(SakkError) {
        let personaliser = personaliser
        try await reader.withCard(leaving: .unpower) { channel throws(SakkError) in
            try personaliser.personalise(job, on: chip, channel: channel, progress: progress)
        }
    }

    /// A chip that falls silent while it is read is a report with the failed check `chip`.
    public func read(with access: MRZAccess) async throws(SakkError) -> BorderReport {
        let opening = opening
        do {
            return try await reader.withCard(leaving: .unpower) { channel throws(SakkError) in
                try opening(channel, access)
            }
        } catch {
            guard error.isChipSilence else { throw error }
            let check = BorderCheck(name: "chip", passed: false, detail: error.text)
            return BorderReport(checks: [check], mrz: [], portrait: [], sodHash: [], fileHashes: [:])
        }
    }

    /// Deletes, locks, resets, and asks again. What the chip does not confirm is `unconfirmed`, whatever the reason was:
    /// two people then seal and punch it.
    public func kill() async throws(SakkError) -> ChipDeath {
        let personaliser = personaliser
        do {
            try await reader.withCard(leaving: .unpower) { channel throws(SakkError) in
                try personaliser.kill(on: channel)
            }
        } catch {
            guard error.isAboutChip else { throw error }
        }
        do {
            return try await reader.withCard(leaving: .unpower) { channel throws(SakkError) in
                try personaliser.isDead(on: channel) ? .confirmed : .unconfirmed
            }
        } catch {
            guard error.isAboutChip else { throw error }
            return .unconfirmed
        }
    }
}

extension SakkError {
    /// The chip said nothing, or went away.
    var isChipSilence: Bool {
        ["chip.absent", "chip.mute", "chip.silent", "chip.removed", "chip.reset"].contains(code)
    }

    /// About the chip, not the reader or a simulated crash.
    var isAboutChip: Bool { code.rawValue.hasPrefix("chip.") }
}
