/// Why a card is rejected: the published codes. What an inspector reads, in Arabic, Sorani and English, and how grave each
/// is stands in `profiles/reasons.yaml`.
public enum InspectionReason: String, Sendable, Hashable, CaseIterable {
    case mrzCharacter = "mrz.character"
    case mrzUnreadable = "mrz.unreadable"
    /// By infrared light, of which a border's camera reads it.
    case mrzInfrared = "mrz.infrared"
    case qrContent = "qr.content"
    case qrUnreadable = "qr.unreadable"
    case codeContent = "code.content"
    case codeUnreadable = "code.unreadable"
    case portraitDiffers = "portrait.differs"
    /// The printed one and the one that was read back from the chip show two people.
    case portraitChip = "portrait.chip"
    case fieldMissing = "field.missing"
    case fieldDiffers = "field.differs"
    case panelMissing = "panel.missing"
    case panelWeak = "panel.weak"
    case panelRegistration = "panel.registration"
    case panelFluorescent = "panel.fluorescent"
    case printBlank = "print.blank"
    case printRegistration = "print.registration"
    case printLine = "print.line"
    case printScratch = "print.scratch"
    case printSpot = "print.spot"
    case printSmudge = "print.smudge"
    case printWrinkle = "print.wrinkle"
    case printGhost = "print.ghost"
    case printColour = "print.colour"
    case cardStock = "card.stock"
    case cardOrientation = "card.orientation"

    public var code: String { rawValue }
}
