internal import Ground
internal import Stations

/// The errors that every vault has. `vault` says which one: a token or a folder.
struct VaultFailure {
    let vault: String

    func destroyed(_ week: ApprovalWeek) -> SakkError {
        SakkError(
            "vault.key.destroyed", source: vault, subject: week.rawValue,
            text: "The key of week \(week) was destroyed: what it wrapped is forgotten for ever.",
            remedy: "If the document is still wanted, the office must approve it again.")
    }

    func missing(_ week: ApprovalWeek) -> SakkError {
        SakkError(
            "vault.key.missing", source: vault, subject: week.rawValue,
            text: "The key of week \(week) that opens this record is not here, and the week was not destroyed.",
            remedy: "Check that this is the vault that the ledger belongs to; else restore the vault from its backup.")
    }

    func wrong(_ week: ApprovalWeek) -> SakkError {
        SakkError(
            "vault.key.wrong", source: vault, subject: week.rawValue,
            text: "A wrapped key does not open: it was changed, or it belongs to another record or week.",
            remedy: "Run sakk ledger verify; restore the row from a backup if it differs.")
    }

    func empty() -> SakkError {
        SakkError(
            "vault.key.empty", source: vault, text: "A key of no bytes cannot be wrapped.",
            remedy: "This is a fault of the program: report it.")
    }

    func unprepared() -> SakkError {
        SakkError(
            "vault.keys.none", source: vault, text: "The vault holds no key for tags: it was never prepared.",
            remedy: "If the plant is new, prepare the vault once. If not, this is the wrong vault: check its settings.")
    }
}
