public import Ground

/// Why a scan or an act was refused. Nothing changed: the screen turns to stop, and the words say what to do.
/// The code is what pages translate and what chooses the sound.
public enum Refusal: String, Sendable, Hashable, CaseIterable {
    // the label
    case scanUnreadable = "shipping.scan.unreadable"
    case scanCheck = "shipping.scan.check"
    case scanKind = "shipping.scan.kind"
    // the document
    case unknownDocument = "shipping.document.unknown"
    case knownDocument = "shipping.document.known"
    case documentTwice = "shipping.document.twice"
    case documentStopped = "shipping.document.stopped"
    case documentState = "shipping.document.state"
    // the envelope
    case unknownEnvelope = "shipping.envelope.unknown"
    case otherEnvelope = "shipping.envelope.other"
    case envelopeEmpty = "shipping.envelope.empty"
    case labelVoid = "shipping.label.void"
    case labelMissing = "shipping.label.missing"
    // the numbers
    case numberUsed = "shipping.number.used"
    case numberForeign = "shipping.number.foreign"
    case numbersExhausted = "shipping.numbers.exhausted"
    // the way
    case unknownRoute = "shipping.route.unknown"
    case unknownOffice = "shipping.office.unknown"
    case officeType = "shipping.office.type"
    case otherRoute = "shipping.route.other"
    case otherGovernorate = "shipping.governorate.other"
    case otherOffice = "shipping.office.other"
    // the container
    case unknownContainer = "shipping.container.unknown"
    case containerLevel = "shipping.container.level"
    case containerClosed = "shipping.container.closed"
    case containerOpen = "shipping.container.open"
    case containerFull = "shipping.container.full"
    case containerEmpty = "shipping.container.empty"
    case itemTwice = "shipping.item.twice"
    case itemElsewhere = "shipping.item.elsewhere"
    case countDiffers = "shipping.count.differs"
    // seals and signatures
    case sealMissing = "shipping.seal.missing"
    case sealUsed = "shipping.seal.used"
    case sealOther = "shipping.seal.other"
    case signatures = "shipping.signatures"
    case notDispatched = "shipping.container.here"
    case unopened = "shipping.container.unopened"
    // the handover
    case handoverKind = "shipping.handover.kind"
    case codeMissing = "shipping.code.missing"
    case codeWrong = "shipping.code.wrong"
    case codeExpired = "shipping.code.expired"
    case codeUsedUp = "shipping.code.used_up"
    case tokenWrong = "shipping.token.wrong"
    case tokenExpired = "shipping.token.expired"
    case attemptsUsedUp = "shipping.attempts.used_up"
    case noCourier = "shipping.courier.none"

    public var code: SakkError.Code { SakkError.Code(rawValue: rawValue) }

    /// The error that says this of `subject` (an id or a number, never a name).
    public func error(_ subject: some CustomStringConvertible, _ more: String = "") -> SakkError {
        let (text, remedy) = words
        return SakkError(
            code, source: "shipping", subject: subject.description, text: more.isEmpty ? text : "\(text) \(more)",
            remedy: remedy)
    }
}
