import Ground
import Ledger
import Stations

extension Shipments {
    /// A fact in the ledger's words.
    func change(_ fact: ShippingFact) throws(SakkError) -> ShippingChange {
        switch fact {
        case .released(let document):
            return .released(document.production, document.blank, try goal(document.address))
        case .labelled(let production, let number):
            guard let range = plan.itemRanges.first(where: { $0.contains(number) }) else {
                throw Refusal.numberForeign.error(number)
            }
            return .labelled(
                production, ShippingNumber(number.description, range: range.id, serial: number.serial))
        case .enveloped(let production, let number): return .enveloped(production, envelope: number.description)
        case .opened, .put, .takenOut, .closed, .sealed, .reopened, .dispatched, .arrived:
            return try containerChange(fact)
        case .received(let production, let place): return .received(production, place: place.rawValue)
        case .handedOut(let production, let courier): return .handedOut(production, courier: courier)
        case .codeSent(let production, let code):
            return .codeSent(production, salt: code.salt, tag: code.tag, expires: code.expires)
        case .codeFailed(let production): return .codeFailed(production)
        case .failed(let production, let reason):
            return .failed(
                production, reason: reason.rawValue, place: try parcel(production).address.place.rawValue)
        case .delivered(let production, let kind, let clerk):
            return .delivered(production, proof: kind.rawValue, clerk: clerk)
        case .cameBack(let production, let reason, let custodian):
            let (person, place) = try named(custodian, production)
            return .cameBack(production, reason: reason.rawValue, person: person, place: place)
        case .lost(let production, _, let people, let incident): return .lost(production, people, incident: incident)
        case .turnedUp(let production, let custodian):
            let (person, place) = try named(custodian, production)
            return .turnedUp(production, person: person, place: place)
        case .setAside(let production, let custodian):
            let (person, place) = try named(custodian, production)
            return .setAside(production, person: person, place: place)
        case .rerouted(let production, let address, let people):
            return .rerouted(production, try goal(address), people)
        case .withdrawn(let production, _), .destroyed(let production, _, _):
            throw SakkError(
                "shipping.act.elsewhere", source: "shipping", subject: production.rawValue,
                text: "This is no act of logistics: the authority withdraws, the stock destroys.",
                remedy: "See `sakk queue stop-list` and `sakk stock destroy`.")
        }
    }

    private func containerChange(_ fact: ShippingFact) throws(SakkError) -> ShippingChange {
        switch fact {
        case .opened(let number, let kind, let target):
            guard let range = plan.containerRanges.first(where: { $0.contains(number) }),
                let serial = range.serial(of: number)
            else { throw Refusal.numberForeign.error(number) }
            return .opened(
                ShippingNumber(number.digits, range: range.id, serial: serial), kind: kind.rawValue,
                route: target.route.rawValue, region: target.region, place: target.place?.rawValue)
        case .put(.envelope(let number), let into): return .put(envelope: number.description, into: into.digits)
        case .put(.container(let number), let into): return .putContainer(number.digits, into: into.digits)
        case .takenOut(.envelope(let number), let from): return .taken(envelope: number.description, from: from.digits)
        case .takenOut(.container(let number), let from): return .takenContainer(number.digits, from: from.digits)
        case .closed(let number, let count, let contents):
            return .closed(number.digits, count: count, contents: contents)
        case .sealed(let number, let seal): return .sealed(number.digits, seal: seal)
        case .reopened(let number, let people, let reason): return .reopened(number.digits, people, reason: reason)
        case .dispatched(let number, let carrier, let signatures):
            return .dispatched(number.digits, carrier: carrier, signatures: signatures)
        case .arrived(let number, let place, let signatures):
            return .arrived(number.digits, place: place.rawValue, signatures: signatures)
        default: throw Refusal.scanKind.error("container")
        }
    }

    private func goal(_ address: ShippingAddress) throws(SakkError) -> ShippingGoal {
        let target = try plan.target(address)
        return ShippingGoal(
            route: address.route.rawValue, region: target.region ?? "", place: address.place.rawValue)
    }

    private func named(_ custodian: Custodian, _ production: ProductionID) throws(SakkError) -> (String, String) {
        guard case .person(let person, let place) = custodian else { throw Refusal.documentState.error(production) }
        return (person, place)
    }
}
