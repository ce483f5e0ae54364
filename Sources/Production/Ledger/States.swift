/// Where an approved record stands.
public enum RecordState: String, Sendable, Hashable, CaseIterable {
    case queued, claimed, produced, held, withdrawn
}

/// Where one try at making a document stands. The order is that of the life of a document (DESIGN 3).
public enum AttemptState: String, Sendable, Hashable, CaseIterable {
    /// Taken from the queue; no blank is bound.
    case claimed
    /// Blank and chip identity are in the ledger; the chip may have been written to.
    case bound
    case encoded
    /// Opened as a border opens it, and it is the document that was prepared.
    case verified
    case printed
    /// Inspected, and the chip opened with the MRZ that the camera saw; the good eject may have been ordered.
    case passed
    case produced
    case spoiled
    /// The card is known but not decided: an inspector or engineer is asked.
    case held
    /// An act without a known result: nothing is guessed, the card is looked for.
    case unknown
    /// Given up before any blank was bound.
    case dropped
    /// Produced, and taken back afterwards: withdrawn, or found faulty. The document is void.
    case voided

    /// States of which a record may have one at a time.
    public static let live: [AttemptState] = [
        .claimed, .bound, .encoded, .verified, .printed, .passed, .held, .unknown,
    ]
}

/// Where a blank is. Blanks move by (from, to) rows and are never counted by an updated balance.
public enum Account: String, Sendable, Hashable, CaseIterable {
    case vault, line, cell, good, spoiled, held, quarantine, sample, setup, missing, returned, dispatched, destroyed
}

/// The acts that get an intent before and a result after.
public enum Step: String, Sendable, Hashable, CaseIterable {
    case feed, personalise, readback, print, inspect, kill, eject
}

/// States of PackML with the numbers of OPC 30050 (ISA-TR88.00.02).
public enum PackMLState: Int, Sendable, Hashable, CaseIterable {
    case stopped = 0
    case resetting, idle, starting, execute, completing, complete, aborting, aborted, stopping, clearing
    case suspending, suspended, unsuspending, holding, held, unholding

    public var word: String { String(describing: self) }

    public init?(word: String) {
        guard let state = PackMLState.allCases.first(where: { $0.word == word }) else { return nil }
        self = state
    }
}

/// Modes of PackML's unit mode manager, as far as this plant uses them.
public enum UnitMode: String, Sendable, Hashable, CaseIterable {
    case production, maintenance, manual, training
}
