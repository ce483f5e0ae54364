import Ground
import SmartCard

/// What a person at the bench can do about a card's refusal: the line's words (take it out, spoil it) are for blanks.
enum GpAdvice {
    /// The same error with a remedy that names the next command. `act` is the schema of the command's result.
    static func about(_ error: SakkError, on card: GpCard, act: String) -> SakkError {
        var error = error
        if let remedy = remedy(error, card, act) { error.remedy = remedy }
        return error
    }

    private static func remedy(_ error: SakkError, _ card: GpCard, _ act: String) -> String? {
        switch error.code {
        case "chip.keys.wrong":
            return
                "Do not try again with this card. sakk gp keys list shows its key versions, sakk gp keys find with another "
                + "--key or --scheme compares without risk."
        case "chip.keys.missing": return "sakk gp keys list shows which versions the card has; --key-version names one."
        case "chip.keys.stopped": return "\(error.remedy) The command for it: sakk gp keys release with the same keys."
        case "chip.keys.other":
            return "sakk gp keys find tells whether other keys fit; with the right ones the card works."
        case "chip.level.unsupported": return "Name another --level, or leave it out: auto is the highest the card has."
        case "chip.refused": return refused(error, card)
        default: break
        }
        guard error.outcome == .unknown else { return nil }
        if act.hasPrefix("sakk.gp-keys-") {
            return
                "Look which keys the card holds: sakk gp keys find with the old ones, then with the new ones. It counts nothing."
        }
        return "Look what reached the card: sakk gp list. Until then take nothing for done or not done."
    }

    private static func refused(_ error: SakkError, _ card: GpCard) -> String? {
        let (step, word) = (error.text, error.native?.value)
        if card.refusal != nil, step.contains("INITIALIZE UPDATE") {
            return
                "The card selects no security domain by itself, and takes no SELECT of the usual names: name its domain with "
                + "--domain. A memory card, or one that is no GlobalPlatform card, has none."
        }
        if word == "6985", card.isLocked {
            return step.contains("INITIALIZE UPDATE")
                ? "The card is terminated: it will never work again."
                : "The card is locked: sakk gp lock --unlock first."
        }
        switch word {
        case "6A84": return "The card is full: sakk gp info shows what is free, sakk gp delete makes room."
        case "6581": return error.remedy
        case "6982" where step.contains("PUT KEY"):
            return "The card could not read the new keys: type and data encryption key must be those of the card."
        case "6982":
            return
                "The card does not see the session any more: was it reset? sakk gp info shows whether it answers; then try again."
        default: break
        }
        let words: [(part: String, word: String?, remedy: String)] = [
            (
                "INSTALL [for load]", "6985",
                "Is the package on the card already? sakk gp list shows it; sakk gp delete --related, or install --replace."
            ),
            ("INSTALL [for personalization]", nil, "sakk gp list shows the instances that can be personalised."),
            (
                "LOAD of block", nil,
                "The card found the code wrong: its hash, its signature, or a component it cannot take."
            ),
            ("INSTALL", "6A88", "Package or module is not on the card: sakk gp list shows what is."),
            ("INSTALL", "6985", "Is the name in use already? sakk gp list shows it; sakk gp delete frees it."),
            ("INSTALL", "6A80", "Privileges or parameters are not what this card or applet takes."),
            ("DELETE", "6985", "Something on the card needs it: --related deletes a package with its instances."),
            ("SET STATUS", "6A88", "There is no application of this name: sakk gp list."),
            (
                "SET STATUS", "6985",
                "Life cycles go forward only, and a thing is locked or unlocked once: sakk gp state, list."
            ),
            ("STORE DATA", "6A80", "The card does not keep this object, or cannot read it: check tag and length."),
        ]
        return words.first { step.contains($0.part) && ($0.word == nil || $0.word == word) }?.remedy
    }
}
