public import Ground
public import Ledger

/// What happened: one row of the journal each. The state of all parcels follows from the facts alone
/// (`Shipments.apply`), so a replay gives the same. No personal data: ids, numbers, codes, names of staff.
public enum ShippingFact: Sendable, Hashable {
    case released(ReleasedDocument)
    case labelled(ProductionID, S10)
    case enveloped(ProductionID, S10)
    case opened(SSCC, ContainerKind, Target)
    case put(Item, into: SSCC)
    case takenOut(Item, from: SSCC)
    /// `contents`: SHA-256 over the sorted numbers, each with a line feed.
    case closed(SSCC, count: Int, contents: Bytes)
    case sealed(SSCC, seal: String)
    case reopened(SSCC, TwoPeople, reason: String)
    case dispatched(SSCC, carrier: String, signatures: [String])
    case arrived(SSCC, at: PlaceID, signatures: [String])
    case received(ProductionID, at: PlaceID)
    case handedOut(ProductionID, courier: String)
    case codeSent(ProductionID, HandoverCode)
    case codeFailed(ProductionID)
    case failed(ProductionID, ReturnReason)
    case delivered(ProductionID, HandoverKind, clerk: String?)
    case cameBack(ProductionID, ReturnReason, Custodian)
    case lost(ProductionID, last: Custodian, TwoPeople, incident: String)
    case turnedUp(ProductionID, Custodian)
    case withdrawn(ProductionID, reason: String)
    case setAside(ProductionID, Custodian)
    case rerouted(ProductionID, ShippingAddress, TwoPeople)
    case destroyed(ProductionID, certificate: String, TwoPeople)
}

/// What the authority is told of a document. Active only when it is in its holder's hands.
public enum UpstreamNotice: String, Sendable, Hashable {
    case active, suspended, lost, destroyed
}

extension ShippingFact {
    /// The document and what is told of it; nil when this fact is the plant's own affair.
    public var notice: (production: ProductionID, notice: UpstreamNotice)? {
        switch self {
        case .delivered(let production, _, _): (production, .active)
        case .cameBack(let production, _, _), .turnedUp(let production, _): (production, .suspended)
        case .lost(let production, _, _, _): (production, .lost)
        case .destroyed(let production, _, _): (production, .destroyed)
        default: nil
        }
    }
}
