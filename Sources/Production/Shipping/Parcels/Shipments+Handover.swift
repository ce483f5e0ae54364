import Ground
import OpenSSLCrypto
import Stations

extension Shipments {
    func judgePlace(_ act: ShippingAct) throws(SakkError) -> [ShippingFact] {
        switch act {
        case .arrive(let scan, let place, let seal, let signatures):
            return [try arrive(try container(scan), place, seal, signatures)]
        case .receive(let scan, let place):
            let parcel = try packed(scan)
            guard parcel.state != .atPlace else { throw Refusal.itemTwice.error(scan) }
            try expect(parcel, .dispatched)
            if let refusal = try here(place, parcel.address.route).refuses(try plan.target(parcel.address)) {
                throw refusal.error(scan)
            }
            guard let box = parcel.inside.flatMap({ containers[$0] }), box.state == .arrived else {
                throw Refusal.unopened.error(scan)
            }
            return [.received(parcel.document.production, at: place)]
        case .handOut(let scan, let courier):
            let parcel = try packed(scan)
            let rule = try plan.rule(parcel.address.route)
            guard rule.hasCourier else { throw Refusal.noCourier.error(scan) }
            try notStopped(parcel)
            try expect(parcel, .atPlace)
            guard parcel.attempts < rule.attempts else { throw Refusal.attemptsUsedUp.error(scan) }
            return [.handedOut(parcel.document.production, courier: courier)]
        case .sendCode(let scan, let code):
            let parcel = try packed(scan)
            guard try plan.rule(parcel.address.route).handover.contains(.code) else {
                throw Refusal.handoverKind.error(scan)
            }
            try notStopped(parcel)
            try expect(parcel, .dispatched, .atPlace, .withCourier)
            return [.codeSent(parcel.document.production, code)]
        case .fail(let scan, let reason):
            let parcel = try packed(scan)
            try expect(parcel, .withCourier)
            return [.failed(parcel.document.production, reason)]
        default: return []
        }
    }

    private func here(_ place: PlaceID, _ route: ApprovedRecord.DeliveryRoute) throws(SakkError) -> Target {
        guard let place = plan.places[place] else { throw Refusal.unknownOffice.error(place) }
        return Target(route: route, region: plan.region(of: place), place: place.id)
    }

    private func arrive(_ container: Container, _ place: PlaceID, _ seal: String?, _ signatures: [String])
        throws(SakkError) -> ShippingFact
    {
        guard container.kind != .consignment else { throw Refusal.containerLevel.error(container.number) }
        guard container.state != .arrived else { throw Refusal.itemTwice.error(container.number) }
        guard container.state == .dispatched else { throw Refusal.notDispatched.error(container.number) }
        if let refusal = container.target.refuses(try here(place, container.target.route)) {
            throw refusal.error(container.number)
        }
        if container.kind == .bag {
            if let expected = container.seal {
                guard let seal, !seal.isEmpty else { throw Refusal.sealMissing.error(container.number) }
                guard seal == expected else { throw Refusal.sealOther.error(container.number) }
            }
            try signed(signatures, container)
        } else {
            guard let bag = container.inside.flatMap({ containers[$0] }), bag.state == .arrived else {
                throw Refusal.unopened.error(container.number)
            }
        }
        return .arrived(container.number, at: place, signatures: signatures)
    }

    /// A handover. A wrong code is refused and is a fact all the same: its tries are counted.
    func judgeHandover(_ scan: ScannedCode, _ proof: HandoverProof, at now: WallTime) throws(SakkError)
        -> ShippingAnswer
    {
        let parcel = try packed(scan)
        try notStopped(parcel)
        try expect(parcel, .atPlace, .withCourier)
        let rule = try plan.rule(parcel.address.route)
        let production = parcel.document.production
        switch proof {
        case .code(let tag):
            guard rule.handover.contains(.code) else { throw Refusal.handoverKind.error(scan) }
            guard let code = parcel.code else { throw Refusal.codeMissing.error(scan) }
            guard code.failures < rule.codeTries else { throw Refusal.codeUsedUp.error(scan) }
            guard now < code.expires else { throw Refusal.codeExpired.error(scan) }
            guard ConstantTime.equal(tag, code.tag) else {
                return ShippingAnswer(facts: [.codeFailed(production)], refusal: Refusal.codeWrong.error(scan))
            }
            return ShippingAnswer(facts: [.delivered(production, .code, clerk: nil)], refusal: nil)
        case .qr(let token):
            guard rule.handover.contains(.qr) else { throw Refusal.handoverKind.error(scan) }
            guard token.envelope == parcel.envelope else { throw Refusal.tokenWrong.error(scan) }
            guard now < token.expires else { throw Refusal.tokenExpired.error(scan) }
            return ShippingAnswer(facts: [.delivered(production, .qr, clerk: nil)], refusal: nil)
        case .desk(let clerk):
            // who was not met at home as often as the route says collects it at the place
            let isCollection = rule.handover.contains(.desk) || parcel.attempts >= rule.attempts
            guard parcel.state == .atPlace, isCollection else { throw Refusal.handoverKind.error(scan) }
            guard !clerk.allSatisfy(\.isWhitespace) else { throw Refusal.signatures.error(scan) }
            return ShippingAnswer(facts: [.delivered(production, .desk, clerk: clerk)], refusal: nil)
        }
    }

    func judgeReturn(_ act: ShippingAct) throws(SakkError) -> [ShippingFact] {
        switch act {
        case .comeBack(let scan, let reason, let person, let place):
            let parcel = try find(scan)
            // found damaged at the table, it comes back too
            try expect(parcel, .released, .enveloped, .dispatched, .atPlace, .withCourier)
            return [.cameBack(parcel.document.production, reason, .person(person, place: place))]
        case .lose(let scan, let people, let incident):
            let parcel = try find(scan)
            try expect(parcel, .released, .enveloped, .dispatched, .atPlace, .withCourier, .returned, .withdrawn)
            return [.lost(parcel.document.production, last: parcel.custodian, people, incident: incident)]
        case .turnUp(let scan, let person, let place):
            let parcel = try find(scan)
            try expect(parcel, .lost)
            return [.turnedUp(parcel.document.production, .person(person, place: place))]
        case .withdraw(let production, let reason):
            let parcel = try parcel(production)
            guard ![.delivered, .destroyed].contains(parcel.state) else {
                throw Refusal.documentState.error(production, "It is: \(parcel.state.rawValue).")
            }
            return parcel.stopped == nil ? [.withdrawn(production, reason: reason)] : []
        case .setAside(let scan, let person, let place):
            let parcel = try find(scan)
            try expect(parcel, .released, .enveloped, .returned)
            guard parcel.stopped != nil else { throw Refusal.documentState.error(scan, "It was not withdrawn.") }
            return [.setAside(parcel.document.production, .person(person, place: place))]
        case .reroute(let scan, let address, let people):
            let parcel = try find(scan)
            try notStopped(parcel)
            try expect(parcel, .returned)
            _ = try plan.target(address)
            return [.rerouted(parcel.document.production, address, people)]
        case .destroy(let scan, let certificate, let people):
            let parcel = try find(scan)
            try expect(parcel, .returned, .withdrawn)
            return [.destroyed(parcel.document.production, certificate: certificate, people)]
        default: return []
        }
    }
}
