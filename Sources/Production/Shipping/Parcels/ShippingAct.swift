public import Ground
public import Ledger

/// What a person or program at the packing table, at a place or at a door wants. Scans come as they were read.
public enum ShippingAct: Sendable {
    // at the plant
    case release(ReleasedDocument)
    /// A label for the document's envelope is about to be printed under this number; a second one makes the first void.
    case label(ScannedCode, S10)
    /// The document goes into its envelope: both are scanned.
    case match(document: ScannedCode, envelope: ScannedCode)
    case open(ContainerKind, SSCC, for: ShippingAddress)
    case put(ScannedCode, into: ScannedCode)
    case takeOut(ScannedCode, from: ScannedCode)
    /// `count`: counted by hand, before the screen said what was scanned.
    case close(ScannedCode, count: Int)
    case seal(ScannedCode, seal: String)
    case reopen(ScannedCode, TwoPeople, reason: String)
    case dispatch(ScannedCode, carrier: String, signatures: [String])

    // at the place
    /// A bag, then each of its boxes, is scanned in. `seal`: read from the bag.
    case arrive(ScannedCode, at: PlaceID, seal: String?, signatures: [String])
    case receive(ScannedCode, at: PlaceID)
    case handOut(ScannedCode, courier: String)
    case sendCode(ScannedCode, HandoverCode)
    case fail(ScannedCode, ReturnReason)
    case deliver(ScannedCode, HandoverProof)

    // what goes wrong
    case comeBack(ScannedCode, ReturnReason, person: String, place: String)
    case lose(ScannedCode, TwoPeople, incident: String)
    case turnUp(ScannedCode, person: String, place: String)
    case withdraw(ProductionID, reason: String)
    /// A withdrawn document, out of its box, is given to a custodian.
    case setAside(ScannedCode, person: String, place: String)
    case reroute(ScannedCode, to: ShippingAddress, TwoPeople)
    case destroy(ScannedCode, certificate: String, TwoPeople)
}

/// What was shown when a parcel was handed over.
public enum HandoverProof: Sendable {
    /// `HandoverCode.tag` of the code that the addressee said.
    case code(tag: Bytes)
    /// A token whose signature was verified (`HandoverToken.open`).
    case qr(HandoverToken)
    /// The clerk who compared the addressee.
    case desk(clerk: String)
}
