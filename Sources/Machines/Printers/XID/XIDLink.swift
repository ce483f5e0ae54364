public import Ground
public import Stations

/// A way to speak to a printer of the XID class: USB or network. Used by one thread at a time.
///
/// An act answers with the sense that it ended with; it throws only when no answer came, and then its outcome is unknown.
public protocol XIDLink: AnyObject {
    /// Changes with each enumeration or connection.
    var connection: String { get }
    /// After any doubt: puts both sides in step again, moves nothing (T5). Says what was held back meanwhile.
    func resynchronise() throws(SakkError)
    func identity() throws(SakkError) -> (model: String, firmware: String, serial: String)
    /// C2.
    func ready() throws(SakkError) -> XIDSense
    func position() throws(SakkError) -> CardPosition
    /// C11, without asking anything of the card path.
    func health() throws(SakkError) -> XIDSense
    func counters() throws(SakkError) -> XIDCounters
    func ink() throws(SakkError) -> XIDInk
    /// C14.
    func plane() throws(SakkError) -> (width: Int, height: Int)
    /// Switches retries of the printer's own off and reads it back (C15, C16).
    func forbidRetries() throws(SakkError) -> Bool
    func act(_ act: XIDAct, timeoutMS: Int) throws(SakkError) -> XIDSense
    /// Writes one plane whole. Throws when it is not proved whole.
    func download(_ plane: XIDPlane, buffer: UInt8, _ dots: Bytes, timeoutMS: Int) throws(SakkError)
    func close()
}

/// What moves a card or ink.
public enum XIDAct: Sendable, Equatable {
    /// With fresh film.
    case load(XIDPlace)
    case move(XIDPlace, turned: Bool)
    case station(XIDStationAct)
    case print(Set<XIDPlane>, buffer: UInt8)
    case transfer(XIDTransfer)
    /// C17; only with nothing inside.
    case initialise
}

/// Errors that both links speak in.
struct XIDFailures {
    let source: String

    func unreadable(_ what: String) -> SakkError {
        SakkError(
            "printer.answer.unknown", source: source, outcome: .unknown, text: "The printer's \(what) cannot be read.",
            remedy: "Stop, look at the printer, and report its firmware version.")
    }

    var desynchronised: SakkError {
        SakkError(
            "printer.desynchronised", source: source, outcome: .unknown,
            text: "The printer's answers do not fit the questions.",
            remedy: "Switch the printer off and on; the cell looks for what is inside before it goes on.")
    }

    var timeout: SakkError {
        SakkError(
            "printer.timeout", source: source, outcome: .unknown, text: "The printer did not answer in time.",
            remedy: "The outcome is unknown: the cell asks the printer before it goes on.")
    }

    func refused(_ sense: XIDSense, _ outcome: SakkError.Outcome) -> SakkError {
        let meaning = sense.meaning
        return SakkError(
            meaning.code, source: source, native: SakkError.Native(kind: "sense", value: sense.description),
            outcome: outcome, text: meaning.text, remedy: meaning.remedy)
    }
}
