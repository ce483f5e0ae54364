/// Which published codes name a class of defect rightly. The classes are the generator's, the codes the inspection's; only
/// here do they meet.
enum TrialReasons {
    private static let codes: [String: Set<String>] = [
        "text.dot": ["field.differs"], "text.letter": ["field.differs"], "text.digit": ["field.differs"],
        "text.missing": ["field.missing", "field.differs"],
        "zone.character": ["mrz.character"], "zone.nick": ["mrz.unreadable", "mrz.character"] + marks,
        "portrait.other": ["portrait.differs"], "portrait.alike": ["portrait.differs"],
        "code.content": ["qr.content", "code.content"],
        "code.void": ["qr.unreadable", "code.unreadable"] + marks,
        "record.other": ["field.differs", "portrait.differs", "mrz.character", "qr.content", "code.content"],
        "agree.text": ["field.differs", "field.unverified", "reference.unusable"],
        "agree.zone": ["mrz.character", "field.unverified", "reference.unusable"],
        "agree.code": ["qr.content", "code.content", "reference.unusable"],
        "agree.portrait": ["portrait.differs", "reference.unusable"],
        "panel.missing": ["panel.missing"], "panel.part": ["panel.missing", "panel.weak"],
        "panel.weak": ["panel.weak", "panel.missing", "print.colour"],
        "line.all": ["print.line", "print.scratch"], "line.panel": ["print.line", "print.scratch"],
        "scratch": ["print.scratch", "print.line", "print.blemish"],
        "dust": ["print.spot", "print.blemish"],
        "smudge": ["print.smudge", "print.spot", "print.ghost", "print.blemish"],
        "wrinkle": ["print.wrinkle", "print.scratch", "print.smudge", "print.blemish"],
        "ghost": ["print.ghost", "print.smudge", "print.blemish"],
        "registration.print": ["print.registration"],
        "registration.panel": ["panel.registration", "print.registration"],
        "colour": ["print.colour", "panel.weak"],
        "orientation": ["card.orientation"], "stock": ["card.stock", "card.unknown"],
        "blank": ["print.blank"], "side": ["card.orientation", "card.unknown", "print.blank"],
        "focus": ["focus"], "dark": ["exposure.dark"], "bright": ["exposure.bright"],
        "glare": ["glare", "exposure.bright"],
        "card.absent": ["card.absent"],
    ]
    private static let marks: Set<String> = ["print.spot", "print.blemish", "print.scratch"]

    static func names(_ kind: String, _ verdict: TrialVerdict) -> Bool {
        let right = codes[kind] ?? []
        return verdict.reasons.contains { right.contains($0.code) }
    }

    /// Whether the verdict catches it: a print defect is rejected; what hides the document may also be a doubt.
    static func finds(_ truth: TrialTruth, _ verdict: TrialVerdict) -> Bool {
        switch verdict.verdict {
        case "pass": false
        case "reject": true
        default: truth.group == "picture" || names(truth.kind, verdict)
        }
    }
}

extension Set where Element == String {
    fileprivate static func + (left: Set, right: Set) -> Set { left.union(right) }
}
