public import Ground
public import Stations

/// The answer to an act: what is to be written into the books, or why not. Both are there only when a wrong code was
/// said: that it was said is a fact.
public struct ShippingAnswer: Sendable {
    public let facts: [ShippingFact]
    public let refusal: SakkError?
}

/// All parcels and containers of a plant, or of one part of it: a pure value. `judge` says which facts an act makes,
/// `apply` makes the state from facts, and nothing else changes it.
///
/// 1. An envelope's number belongs to one document for ever; only its newest label is good.
/// 2. A document lies in one envelope, an envelope in one box, a box in one bag, a bag in one consignment.
/// 3. What lies in a container goes where the container goes (`Target.refuses`).
/// 4. A refused act changes nothing.
/// 5. Nobody's document goes on after its approval was taken back: it only comes back.
public struct Shipments: Sendable, Equatable {
    public let plan: LogisticsPlan
    public internal(set) var parcels: [ProductionID: Parcel] = [:]
    public internal(set) var containers: [SSCC: Container] = [:]
    /// Which document bears this mark.
    var marks: [BlankID: ProductionID] = [:]
    /// Every number that a label was printed with, void ones too.
    var labels: [S10: ProductionID] = [:]
    var seals: [String: SSCC] = [:]
    /// The furthest number of each range, by the range's id.
    var lastItem: [String: S10] = [:]
    var lastContainer: [String: SSCC] = [:]

    public init(plan: LogisticsPlan) { self.plan = plan }

    /// Judges the act and, unless it is refused, applies its facts.
    public mutating func handle(_ act: ShippingAct, at now: WallTime) -> ShippingAnswer {
        do throws(SakkError) {
            let answer = try judge(act, at: now)
            for fact in answer.facts { try apply(fact) }
            return answer
        } catch {
            return ShippingAnswer(facts: [], refusal: error)
        }
    }

    /// The facts that this act makes; throws a refusal (`Refusal`) when it makes none.
    public func judge(_ act: ShippingAct, at now: WallTime) throws(SakkError) -> ShippingAnswer {
        switch act {
        case .release, .label, .match: yes(try judgePacking(act))
        case .open, .put, .takeOut, .close, .seal, .reopen, .dispatch: yes(try judgeContainer(act))
        case .arrive, .receive, .handOut, .sendCode, .fail: yes(try judgePlace(act))
        case .deliver(let scan, let proof): try judgeHandover(scan, proof, at: now)
        case .comeBack, .lose, .turnUp, .withdraw, .setAside, .reroute, .destroy: yes(try judgeReturn(act))
        }
    }

    private func yes(_ facts: [ShippingFact]) -> ShippingAnswer { ShippingAnswer(facts: facts, refusal: nil) }
}

// MARK: numbers

extension Shipments {
    /// The number for the next label of this route. It is given out when the `label` act is done with it, not before.
    /// Refusals: `shipping.route.unknown`, `shipping.numbers.exhausted`.
    public func nextLabel(_ route: ApprovedRecord.DeliveryRoute) throws(SakkError) -> S10 {
        guard let range = plan.itemRange(route) else { throw Refusal.unknownRoute.error(route.rawValue) }
        return try range.next(after: lastItem[range.id])
    }

    /// As `nextLabel`, for the next container to be opened. Refusals: `shipping.numbers.exhausted`.
    public func nextContainer(_ kind: ContainerKind) throws(SakkError) -> SSCC {
        guard let range = plan.containerRange(kind) else { throw Refusal.numbersExhausted.error(kind.rawValue) }
        return try range.next(after: lastContainer[range.id])
    }

    mutating func use(_ number: S10) {
        guard let range = plan.itemRanges.first(where: { $0.contains(number) }) else { return }
        lastItem[range.id] = lastItem[range.id].map { $0.serial < number.serial ? number : $0 } ?? number
    }

    mutating func use(_ number: SSCC) {
        guard let range = plan.containerRanges.first(where: { $0.contains(number) }) else { return }
        // within a range the digits are in the order of the serials
        lastContainer[range.id] = lastContainer[range.id].map { max($0, number) } ?? number
    }
}

// MARK: what scans mean

extension Shipments {
    /// By the document's mark or its envelope: where is it, who has it? `shipping.label.void` for an older label.
    public func find(_ scan: ScannedCode) throws(SakkError) -> Parcel {
        switch scan {
        case .document(let blank):
            guard let production = marks[blank] else { throw Refusal.unknownDocument.error(scan) }
            let parcel = try parcel(production)
            // the record's earlier card, which was destroyed: its mark is no document's any more
            guard parcel.document.blank == blank else { throw Refusal.unknownDocument.error(scan) }
            return parcel
        case .envelope(let number):
            guard let production = labels[number] else { throw Refusal.unknownEnvelope.error(scan) }
            let parcel = try parcel(production)
            guard parcel.label == number else {
                throw Refusal.labelVoid.error(scan, parcel.label.map { "The newer one is \($0)." } ?? "")
            }
            return parcel
        case .container: throw Refusal.scanKind.error(scan)
        }
    }

    func parcel(_ production: ProductionID) throws(SakkError) -> Parcel {
        guard let parcel = parcels[production] else { throw Refusal.unknownDocument.error(production) }
        return parcel
    }

    /// A parcel by the envelope that it lies in: nothing else is scanned once it is packed.
    func packed(_ scan: ScannedCode) throws(SakkError) -> Parcel {
        guard case .envelope(let number) = scan else { throw Refusal.scanKind.error(scan) }
        let parcel = try find(scan)
        guard parcel.envelope == number else { throw Refusal.envelopeEmpty.error(scan) }
        return parcel
    }

    func container(_ scan: ScannedCode) throws(SakkError) -> Container {
        guard case .container(let number) = scan else { throw Refusal.scanKind.error(scan) }
        guard let container = containers[number] else { throw Refusal.unknownContainer.error(scan) }
        return container
    }

    func expect(_ parcel: Parcel, _ states: ParcelState...) throws(SakkError) {
        guard states.contains(parcel.state) else {
            throw Refusal.documentState.error(
                parcel.envelope?.description ?? parcel.document.blank.rawValue, "It is: \(parcel.state.rawValue).")
        }
    }

    func notStopped(_ parcel: Parcel) throws(SakkError) {
        guard parcel.stopped == nil else {
            throw Refusal.documentStopped.error(parcel.envelope?.description ?? parcel.document.blank.rawValue)
        }
    }

    /// The documents in a container, however deep.
    public func documents(in number: SSCC) -> [ProductionID] {
        guard let container = containers[number] else { return [] }
        return container.contents.flatMap { item -> [ProductionID] in
            switch item {
            case .envelope(let envelope): labels[envelope].map { [$0] } ?? []
            case .container(let inner): documents(in: inner)
            }
        }
    }
}
