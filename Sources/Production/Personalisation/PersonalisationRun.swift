import Catalog
public import Ground
public import Stations

/// One attempt at one chip, over as many card sessions as it takes: where it stands, and what may be done about a tear.
/// A value; `ChipPersonaliser` moves it on.
///
/// A tear in a step that may be carried out again is gone on with, at most so often as the profile says; after any other
/// failure, and after one tear more, the chip must be killed.
public struct PersonalisationRun: Sendable {
    public let job: ChipJob
    public let chip: ChipIdentity
    /// Index of the step that is next or was begun.
    var next = 0
    /// Something of that step may have been carried out.
    var isBegun = false
    /// PUT KEY or INSTALL was sent: from here on the chip is ours to finish or to kill.
    var isTouched = false
    /// INSTALL was sent: an instance on the chip is ours.
    var isInstalling = false
    /// What the chip's keys are derived from, as the first secure channel told it: names a chip that does not tell
    /// its identity once it is locked.
    var diversification: Bytes?
    /// How often it was gone on with after a tear.
    public internal(set) var continuations = 0
    /// Keys that the chip bore.
    var born: [ChipKeys.Use: Bytes] = [:]
    /// All files, once nothing waits for a key any more.
    var files: [ChipFile]?

    init(_ job: ChipJob, on chip: ChipIdentity) {
        self.job = job
        self.chip = chip
    }

    /// After a failure: whether the next session may go on, which is then counted.
    mutating func goesOn(after error: SakkError, _ profile: ChipSettings) -> Bool {
        guard error.isChipSilence, continuations < profile.continuationsMax, next < profile.steps.count,
            !isBegun || profile.steps[next].resume == .again
        else { return false }
        continuations += 1
        return true
    }

    /// The error that the caller gets: from the first change on nobody may say that nothing was done.
    func final(_ error: SakkError) -> SakkError {
        guard isTouched else { return error }
        var error = error
        error.outcome = .unknown
        error.subject = error.subject ?? job.attempt.rawValue
        return error
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
