public import Ground
public import Stations

/// Governorates, place types, places, routes and number ranges, read strictly from `seeds/` (`LogisticsPlan+Reading`).
public struct LogisticsPlan: Sendable, Equatable {
    /// In the order of the file, which is the order of the lists on screens.
    public let governorates: [Governorate]
    public let placeTypes: [PlaceType]
    public let places: [PlaceID: Place]
    public let routes: [ApprovedRecord.DeliveryRoute: RouteRule]
    public let itemRanges: [S10Range]
    public let containerRanges: [SSCCRange]

    /// The rule of a route that the plan has. Refusals: `shipping.route.unknown`.
    public func rule(_ route: ApprovedRecord.DeliveryRoute) throws(SakkError) -> RouteRule {
        guard let rule = routes[route] else { throw Refusal.unknownRoute.error(route.rawValue) }
        return rule
    }

    /// What a parcel to this address has on its way. Refusals: `shipping.route.unknown`, `shipping.office.unknown`, and
    /// `shipping.office.type` when the route does not go to such places.
    public func target(_ address: ShippingAddress) throws(SakkError) -> Target {
        let rule = try rule(address.route)
        guard let place = places[address.place] else { throw Refusal.unknownOffice.error(address.place.rawValue) }
        guard rule.placeTypes.contains(place.type) else { throw Refusal.officeType.error(address.place.rawValue) }
        return Target(route: address.route, region: region(of: place), place: place.id)
    }

    /// What all that lies in such a container for this address has in common.
    public func target(_ kind: ContainerKind, for address: ShippingAddress) throws(SakkError) -> Target {
        let full = try target(address)
        switch try rule(address.route).grouping[kind] ?? .destination {
        case .destination: return full
        case .governorate: return Target(route: full.route, region: full.region, place: nil)
        case .route: return Target(route: full.route, region: nil, place: nil)
        }
    }

    /// The governorate in whose bags parcels to this place travel, or the place's country.
    public func region(of place: Place) -> String {
        governorates.first { $0.iso == place.iso }?.routedWith ?? place.iso
    }

    public func itemRange(_ route: ApprovedRecord.DeliveryRoute) -> S10Range? {
        itemRanges.first { $0.routes.contains(route) }
    }

    public func containerRange(_ kind: ContainerKind) -> SSCCRange? {
        containerRanges.first { $0.kinds.contains(kind) }
    }
}
