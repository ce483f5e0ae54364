/// What can be wrong with a document, its print or its picture. The names are the generator's own: they are not codes of
/// any inspection.
public enum Defect: String, Sendable, CaseIterable {
    // identity: another person's data
    case textDot = "text.dot"
    case textLetter = "text.letter"
    case textDigit = "text.digit"
    case textMissing = "text.missing"
    case zoneCharacter = "zone.character"
    case portraitOther = "portrait.other"
    case portraitAlike = "portrait.alike"
    case codeContent = "code.content"
    case recordOther = "record.other"
    // identity: reference and print agree, what is signed says otherwise
    case agreeText = "agree.text"
    case agreeZone = "agree.zone"
    case agreeCode = "agree.code"
    case agreePortrait = "agree.portrait"
    // print
    case panelMissing = "panel.missing"
    case panelPart = "panel.part"
    case panelWeak = "panel.weak"
    case lineAll = "line.all"
    case linePanel = "line.panel"
    case scratch, dust, smudge, wrinkle, ghost
    case registrationPrint = "registration.print"
    case registrationPanel = "registration.panel"
    case colour
    case codeVoid = "code.void"
    case zoneNick = "zone.nick"
    case orientation, stock, blank, side
    // picture
    case focus, dark, bright, glare
    case absent = "card.absent"

    public enum Group: String, Sendable { case identity, print, picture }

    public var group: Group {
        switch self {
        case .textDot, .textLetter, .textDigit, .textMissing, .zoneCharacter, .portraitOther, .portraitAlike,
            .codeContent,
            .recordOther, .agreeText, .agreeZone, .agreeCode, .agreePortrait:
            .identity
        case .focus, .dark, .bright, .glare, .absent: .picture
        default: .print
        }
    }

    /// Severities that it is made in: what cannot be small is only major.
    public var severities: [Severity] {
        switch self {
        case .panelPart, .panelWeak, .lineAll, .linePanel, .scratch, .dust, .smudge, .wrinkle, .ghost,
            .registrationPrint,
            .registrationPanel, .colour, .codeVoid, .zoneNick:
            [.major, .subtle]
        default: [.major]
        }
    }
}

public enum Severity: String, Sendable, CaseIterable { case major, subtle }
