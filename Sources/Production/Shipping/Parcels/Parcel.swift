public import Ground

/// A good document that may leave the plant: from the good box, released.
public struct ReleasedDocument: Sendable, Hashable {
    public let production: ProductionID
    /// Its mark: what a scanner reads from it.
    public let blank: BlankID
    public let batch: BatchID
    public let address: ShippingAddress

    public init(production: ProductionID, blank: BlankID, batch: BatchID, address: ShippingAddress) {
        self.production = production
        self.blank = blank
        self.batch = batch
        self.address = address
    }
}

/// Where a released document stands.
///
///     released --envelope--> enveloped --box--> boxed --consignment leaves--> dispatched --scan in--> atPlace
///        atPlace --courier--> withCourier --code, QR--> delivered        atPlace --desk, code, QR--> delivered
///        withCourier --attempt failed--> atPlace
///     any of them but boxed --comes back--> returned      any --searched in vain--> lost --turns up--> returned
///        returned --two people--> released (another address, a new label) or destroyed
///     withdrawn: out of its box and with a custodian; after the plant it comes back first --> destroyed
///
/// What always holds: `inside` is set exactly in `boxed` and `dispatched`; each state has one custodian; `delivered`
/// and `destroyed` are ends; an envelope's number belongs to one document for ever.
public enum ParcelState: String, Sendable, Hashable, CaseIterable {
    case released, enveloped, boxed, dispatched
    case atPlace = "at_place"
    case withCourier = "with_courier"
    case delivered, returned, lost, withdrawn, destroyed

    /// In the hands of the plant's logistics staff.
    public var isInPlant: Bool { [.released, .enveloped, .boxed].contains(self) }
    /// On its way, or with those who hand it over.
    public var isOut: Bool { [.dispatched, .atPlace, .withCourier].contains(self) }
}

/// Who has a parcel: the last one is asked when it is lost.
public enum Custodian: Sendable, Hashable {
    case plant
    case carrier(String)
    case place(PlaceID)
    case courier(String)
    /// The addressee; no name is kept.
    case holder
    /// A named member of staff, at a place in words.
    case person(String, place: String)
    case nobody
}

/// One document on its way to its holder.
public struct Parcel: Sendable, Hashable {
    public let document: ReleasedDocument
    /// Where it goes now: another than at first only after a return.
    public internal(set) var address: ShippingAddress
    /// The label that stands; older ones are void.
    public internal(set) var label: S10?
    /// The envelope that the document lies in; it is the label's.
    public internal(set) var envelope: S10?
    public internal(set) var state = ParcelState.released
    /// The box that it lies in.
    public internal(set) var inside: SSCC?
    public internal(set) var custodian = Custodian.plant
    public internal(set) var attempts = 0
    public internal(set) var code: HandoverCode?
    /// Why it may not go on: its approval was taken back.
    public internal(set) var stopped: String?

    init(_ document: ReleasedDocument) {
        self.document = document
        address = document.address
    }
}
