public import Stations

/// Where a parcel goes.
public struct ShippingAddress: Sendable, Hashable {
    public let route: ApprovedRecord.DeliveryRoute
    public let place: PlaceID
    public init(route: ApprovedRecord.DeliveryRoute, place: PlaceID) {
        self.route = route
        self.place = place
    }
}

/// Where a container, or what lies in it, goes. What is nil is not the same for all that may lie in it.
public struct Target: Sendable, Hashable {
    public let route: ApprovedRecord.DeliveryRoute
    /// ISO code of the governorate in whose bags it travels, or of the country.
    public let region: String?
    public let place: PlaceID?

    /// Why an item for `item` may not lie in a container for this target; nil when it may.
    func refuses(_ item: Target) -> Refusal? {
        if item.route != route { return .otherRoute }
        if let region, item.region != region { return .otherGovernorate }
        if let place, item.place != place { return .otherOffice }
        return nil
    }
}
