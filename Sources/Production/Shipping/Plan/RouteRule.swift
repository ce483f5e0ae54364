public import Stations

/// The three levels above an envelope.
public enum ContainerKind: String, Sendable, Hashable, CaseIterable { case box, bag, consignment }

/// Why a parcel was not handed over.
public enum ReturnReason: String, Sendable, Hashable, CaseIterable {
    case absent
    case wrongAddress = "wrong_address"
    case refused, deceased, damaged
    case notCollected = "not_collected"
}

/// What proves a handover.
public enum HandoverKind: String, Sendable, Hashable, CaseIterable {
    /// The one-time code that the addressee was sent.
    case code
    /// The signed QR that the addressee shows; checked without a network.
    case qr
    /// A clerk compared the addressee with an old document or a finger, at the place itself.
    case desk
}

/// How one route works: `seeds/logistics/routes.yaml`.
public struct RouteRule: Sendable, Hashable {
    /// What the parcels of one container have in common.
    public enum Grouping: String, Sendable, Hashable, CaseIterable { case route, governorate, destination }

    public let route: ApprovedRecord.DeliveryRoute
    public let names: PlaceNames
    /// Place types that a parcel of this route may go to.
    public let placeTypes: [String]
    public let grouping: [ContainerKind: Grouping]
    /// Items in one container at most.
    public let capacity: [ContainerKind: Int]
    /// Bags leave and arrive under a numbered seal.
    public let isSealed: Bool
    /// People who sign when a consignment leaves and when its bags arrive: 1 or 2.
    public let signatures: Int
    /// A courier takes parcels from the place to the addressee.
    public let hasCourier: Bool
    public let handover: [HandoverKind]
    public let codeHours: Int
    public let codeTries: Int
    /// Failed handovers after which the parcel waits at the place for collection.
    public let attempts: Int
    /// Days after which a parcel that nobody collected is called back.
    public let recallDays: Int
}
