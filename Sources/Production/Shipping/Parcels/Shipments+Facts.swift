public import Ground

extension Shipments {
    /// Makes the state from a fact that `judge` gave, or that the books held. Throws the refusal of an unknown document
    /// or container when the facts are not those of these parcels: then they are damaged, and nothing goes on.
    public mutating func apply(_ fact: ShippingFact) throws(SakkError) {
        switch fact {
        case .released(let document):
            parcels[document.production] = Parcel(document)
            marks[document.blank] = document.production
        case .labelled(let production, let number):
            try change(production) {
                $0.label = number
                $0.envelope = nil
                $0.state = .released
            }
            labels[number] = production
            use(number)
        case .enveloped(let production, let number):
            try change(production) {
                $0.envelope = number
                $0.state = .enveloped
            }
        case .opened, .put, .takenOut, .closed, .sealed, .reopened, .dispatched, .arrived: try applyContainer(fact)
        case .received(let production, let place):
            try leave(production)
            try change(production) {
                $0.state = .atPlace
                $0.custodian = .place(place)
            }
        case .handedOut(let production, let courier):
            try change(production) {
                $0.state = .withCourier
                $0.custodian = .courier(courier)
            }
        case .codeSent(let production, let code): try change(production) { $0.code = code }
        case .codeFailed(let production): try change(production) { $0.code?.failures += 1 }
        case .failed(let production, _):
            try change(production) {
                $0.attempts += 1
                $0.state = .atPlace
                $0.custodian = .place($0.address.place)
            }
        case .delivered, .cameBack, .lost, .turnedUp, .withdrawn, .setAside, .rerouted, .destroyed:
            try applyEnd(fact)
        }
    }

    private mutating func applyContainer(_ fact: ShippingFact) throws(SakkError) {
        switch fact {
        case .opened(let number, let kind, let target):
            containers[number] = Container(number: number, kind: kind, target: target)
            use(number)
        case .put(let item, let number):
            try change(number) { $0.contents.insert(item) }
            try lay(item, inside: number)
        case .takenOut(let item, let number):
            try change(number) { $0.contents.remove(item) }
            try lay(item, inside: nil)
        case .closed(let number, let count, let contents):
            try change(number) {
                $0.state = .closed
                $0.count = count
                $0.digest = contents
            }
        case .sealed(let number, let seal):
            try change(number) {
                $0.state = .sealed
                $0.seal = seal
            }
            seals[seal] = number
        case .reopened(let number, _, _):
            try change(number) {
                $0.state = .open
                $0.seal = nil
            }
        case .dispatched(let number, let carrier, _): try sendOff(number, carrier)
        case .arrived(let number, _, _): try change(number) { $0.state = .arrived }
        default: return
        }
    }

    private mutating func applyEnd(_ fact: ShippingFact) throws(SakkError) {
        switch fact {
        case .delivered(let production, _, _): try end(production, .delivered, .holder)
        case .cameBack(let production, _, let custodian): try end(production, .returned, custodian)
        case .lost(let production, let last, _, _): try end(production, .lost, last)
        case .turnedUp(let production, let custodian): try end(production, .returned, custodian)
        case .withdrawn(let production, let reason): try change(production) { $0.stopped = reason }
        case .setAside(let production, let custodian): try end(production, .withdrawn, custodian)
        case .destroyed(let production, _, _): try end(production, .destroyed, .nobody)
        case .rerouted(let production, let address, _):
            try change(production) {
                $0.address = address
                $0.label = nil
                $0.envelope = nil
                $0.attempts = 0
                $0.state = .released
                $0.custodian = .plant
            }
        default: return
        }
    }

    private mutating func end(_ production: ProductionID, _ state: ParcelState, _ custodian: Custodian)
        throws(SakkError)
    {
        try leave(production)
        try change(production) {
            $0.state = state
            $0.custodian = custodian
            $0.code = nil
        }
    }

    /// It lies in its box no more: what stays there at the end is missing.
    private mutating func leave(_ production: ProductionID) throws(SakkError) {
        guard let parcel = parcels[production], let box = parcel.inside, let envelope = parcel.envelope else { return }
        try change(box) { $0.contents.remove(.envelope(envelope)) }
        try change(production) { $0.inside = nil }
    }

    private mutating func lay(_ item: Item, inside number: SSCC?) throws(SakkError) {
        switch item {
        case .envelope(let envelope):
            guard let production = labels[envelope] else { throw Refusal.unknownEnvelope.error(envelope) }
            try change(production) {
                $0.inside = number
                $0.state = number == nil ? .enveloped : .boxed
            }
        case .container(let inner): try change(inner) { $0.inside = number }
        }
    }

    private mutating func sendOff(_ number: SSCC, _ carrier: String) throws(SakkError) {
        try change(number) { $0.state = .dispatched }
        for item in containers[number]?.contents ?? [] {
            switch item {
            case .container(let inner): try sendOff(inner, carrier)
            case .envelope(let envelope):
                guard let production = labels[envelope] else { throw Refusal.unknownEnvelope.error(envelope) }
                try change(production) {
                    $0.state = .dispatched
                    $0.custodian = .carrier(carrier)
                }
            }
        }
    }

    private mutating func change(_ production: ProductionID, _ body: (inout Parcel) -> Void) throws(SakkError) {
        guard let index = parcels.index(forKey: production) else { throw Refusal.unknownDocument.error(production) }
        body(&parcels.values[index])
    }

    private mutating func change(_ number: SSCC, _ body: (inout Container) -> Void) throws(SakkError) {
        guard let index = containers.index(forKey: number) else { throw Refusal.unknownContainer.error(number) }
        body(&containers.values[index])
    }
}
