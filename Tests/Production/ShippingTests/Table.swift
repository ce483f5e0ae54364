import Ground
import Ledger
import Shipping
import Stations

/// A packing table and its journal.
struct Table {
    static let now = WallTime(microseconds: 1_790_000_000_000_000)
    static let batch = BatchID("B-1")

    var shipments: Shipments
    /// Every fact in order, as the journal would hold them.
    private(set) var journal: [ShippingFact] = []
    /// Every act in order with its answer, refused ones too.
    private(set) var acts: [(act: ShippingAct, answer: ShippingAnswer)] = []

    init(_ plan: LogisticsPlan) { shipments = Shipments(plan: plan) }

    init() throws { self.init(try PlanTests.plan.get()) }

    static func home(_ place: String) -> ShippingAddress { ShippingAddress(route: .home, place: PlaceID(place)) }
    static func office(_ place: String) -> ShippingAddress { ShippingAddress(route: .office, place: PlaceID(place)) }

    static func document(_ number: Int, _ address: ShippingAddress, batch: BatchID = batch) -> ReleasedDocument {
        ReleasedDocument(
            production: ProductionID("P-\(number)"), blank: BlankID(stock: "NID", serial: "\(number)"), batch: batch,
            address: address)
    }

    @discardableResult
    mutating func `do`(_ act: ShippingAct, at now: WallTime = Table.now) throws -> [ShippingFact] {
        let answer = handle(act, at: now)
        journal += answer.facts
        if let refusal = answer.refusal { throw refusal }
        return answer.facts
    }

    mutating func handle(_ act: ShippingAct, at now: WallTime = Table.now) -> ShippingAnswer {
        let answer = shipments.handle(act, at: now)
        acts.append((act, answer))
        return answer
    }

    mutating func note(_ facts: [ShippingFact]) { journal += facts }

    mutating func label(_ document: ReleasedDocument) throws -> S10 {
        let number = try shipments.nextLabel(shipments.find(.document(document.blank)).address.route)
        try self.do(.label(.document(document.blank), number))
        return number
    }

    /// Released, labelled and in its envelope.
    mutating func enveloped(_ document: ReleasedDocument) throws -> S10 {
        try self.do(.release(document))
        let number = try label(document)
        try self.do(.match(document: .document(document.blank), envelope: .envelope(number)))
        return number
    }

    mutating func open(_ kind: ContainerKind, _ address: ShippingAddress) throws -> SSCC {
        let number = try shipments.nextContainer(kind)
        try self.do(.open(kind, number, for: address))
        return number
    }

    /// One document in a box in a sealed bag in a closed consignment, ready to go.
    mutating func packed(_ document: ReleasedDocument, seal: String = "SEAL-1") throws -> Packed {
        let envelope = try enveloped(document)
        let box = try open(.box, document.address)
        try self.do(.put(.envelope(envelope), into: .container(box)))
        try self.do(.close(.container(box), count: 1))
        let bag = try open(.bag, document.address)
        try self.do(.put(.container(box), into: .container(bag)))
        try self.do(.close(.container(bag), count: 1))
        try self.do(.seal(.container(bag), seal: seal))
        let consignment = try open(.consignment, document.address)
        try self.do(.put(.container(bag), into: .container(consignment)))
        try self.do(.close(.container(consignment), count: 1))
        return Packed(document: document, envelope: envelope, box: box, bag: bag, consignment: consignment, seal: seal)
    }

    mutating func dispatched(_ document: ReleasedDocument, seal: String = "SEAL-1") throws -> Packed {
        let packed = try packed(document, seal: seal)
        try self.do(.dispatch(.container(packed.consignment), carrier: "van-7", signatures: ["amal", "basim"]))
        return packed
    }

    /// Scanned in at its place.
    mutating func atPlace(_ document: ReleasedDocument, seal: String = "SEAL-1") throws -> Packed {
        let packed = try dispatched(document, seal: seal)
        let place = document.address.place
        try self.do(.arrive(.container(packed.bag), at: place, seal: seal, signatures: ["dana", "esam"]))
        try self.do(.arrive(.container(packed.box), at: place, seal: nil, signatures: []))
        try self.do(.receive(.envelope(packed.envelope), at: place))
        return packed
    }
}

struct Packed {
    let document: ReleasedDocument
    let envelope: S10
    let box: SSCC
    let bag: SSCC
    let consignment: SSCC
    let seal: String
    var scan: ScannedCode { .envelope(envelope) }
}
