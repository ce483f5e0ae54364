import Ground
import Shipping
import Stations

/// A day of packing, carrying and receiving in a world of things: documents lie in envelopes, envelopes in boxes, boxes
/// are carried to places. People scan, make mistakes, and do with their hands what the light allows. The count at the
/// end looks at the things alone, never at the books.
struct PackingDay {
    struct Count: Equatable {
        var arrived = 0
        var missorted = 0
        var lost = 0
        var setAside = 0
    }

    var table: Table
    private(set) var refusals: [SakkError.Code: Int] = [:]
    private let documents: [ReleasedDocument]
    /// A wrong scan that this table shows green for, while its books say that all was right.
    private let blind: Refusal?
    private var random: SplitMix

    // the things
    /// What is printed on an envelope.
    private var addressee: [S10: ProductionID] = [:]
    /// The envelope that a document lies in.
    private var envelopeOf: [ProductionID: S10] = [:]
    private(set) var boxes: [SSCC: [S10]] = [:]
    private var placeOnBox: [SSCC: ShippingAddress] = [:]
    private var carriedTo: [S10: PlaceID] = [:]
    private var safe: Set<ProductionID> = []

    init(seed: UInt64, documents count: Int, blindTo blind: Refusal? = nil) throws {
        table = try Table()
        self.blind = blind
        random = SplitMix(seed: seed)
        let plan = table.shipments.plan
        let addresses = plan.routes.values.flatMap { rule in
            plan.places.values.filter { rule.placeTypes.contains($0.type) }.map {
                ShippingAddress(route: rule.route, place: $0.id)
            }
        }.sorted { ($0.route.rawValue, $0.place) < ($1.route.rawValue, $1.place) }
        var dice = random
        documents = (0..<count).map { Table.document($0, addresses[dice.below(addresses.count)]) }
        random = dice
    }

    mutating func run() throws {
        var rest = documents[...]
        while !rest.isEmpty {
            try packTray(Array(rest.prefix(12)))
            rest = rest.dropFirst(12)
        }
        let sealed = try bagAndSend()
        try receive(sealed)
    }

    /// By the things alone.
    func count() -> Count {
        var count = Count()
        for document in documents {
            if safe.contains(document.production) {
                count.setAside += 1
            } else if let envelope = envelopeOf[document.production], let place = carriedTo[envelope] {
                count.arrived += 1
                let isRight = addressee[envelope] == document.production && place == document.address.place
                if !isRight { count.missorted += 1 }
            } else {
                count.lost += 1
            }
        }
        return count
    }

    // MARK: at the plant

    private mutating func packTray(_ tray: [ReleasedDocument]) throws {
        var labels: [S10] = []
        var void: [S10] = []
        for document in tray {
            try table.do(.release(document))
            var label = try table.label(document)
            if random.happens(20) {
                void.append(label)
                addressee[label] = document.production
                label = try table.label(document)
            }
            addressee[label] = document.production
            labels.append(label)
        }
        // what a hand takes for the envelope of each document; a blind table lets two of them stay swapped
        var hands = labels
        for (index, document) in tray.enumerated() {
            let right = ShippingAct.match(document: .document(document.blank), envelope: .envelope(labels[index]))
            if let old = void.first, random.happens(50) {
                try wrong(.match(document: .document(document.blank), envelope: .envelope(old)))
            }
            if index + 1 < tray.count, random.happens(40) {
                let other = index + 1 + random.below(tray.count - index - 1)
                let swap = ShippingAct.match(document: .document(document.blank), envelope: .envelope(labels[other]))
                if try wrong(swap) { hands.swapAt(index, other) }
            }
            try table.do(right)
            envelopeOf[document.production] = hands[index]
            if random.happens(20) { try wrong(right) }
        }
        for (index, document) in tray.enumerated() { try box(document, labels[index]) }
    }

    private mutating func box(_ document: ReleasedDocument, _ label: S10) throws {
        if random.happens(10) {
            try table.do(.withdraw(document.production, reason: "stop-list"))
            try wrong(.put(.envelope(label), into: .container(try openBox(document.address))))
            try table.do(.setAside(.envelope(label), person: "amal", place: "safe"))
            safe.insert(document.production)
            return
        }
        let box = try openBox(document.address)
        var hand = box
        if random.happens(150), let other = otherBox(than: box) {
            if try wrong(.put(.envelope(label), into: .container(other))) { hand = other }
        }
        try table.do(.put(.envelope(label), into: .container(box)))
        // the hand puts in what it holds, whatever the books call it
        boxes[hand, default: []].append(envelopeOf[document.production] ?? label)
        if random.happens(20) { try wrong(.put(.envelope(label), into: .container(box))) }
    }

    /// Any open box; every second time one of the same bag, where only the office differs.
    private mutating func otherBox(than box: SSCC) -> SSCC? {
        let plan = table.shipments.plan
        let open = boxes.keys.filter { $0 != box && table.shipments.containers[$0]?.state == .open }.sorted()
        let bag = placeOnBox[box].flatMap { try? plan.target(.bag, for: $0) }
        let near = open.filter { other in
            guard let address = placeOnBox[other], address != placeOnBox[box] else { return false }
            return (try? plan.target(.bag, for: address)) == bag
        }
        // the next box of the same office is no wrong one
        let far = open.filter { placeOnBox[$0] != placeOnBox[box] }
        let choice = random.happens(500) && !near.isEmpty ? near : far
        return choice.isEmpty ? nil : choice[random.below(choice.count)]
    }

    private mutating func openBox(_ address: ShippingAddress) throws -> SSCC {
        let now = boxes.keys.sorted().last {
            placeOnBox[$0] == address && table.shipments.containers[$0]?.state == .open
        }
        if let now, table.shipments.containers[now]?.contents.count ?? 0 < 40 { return now }
        let box = try table.open(.box, address)
        boxes[box] = []
        placeOnBox[box] = address
        return box
    }

    private mutating func bagAndSend() throws -> [Sealed] {
        var bags: [Target: Sealed] = [:]
        for box in boxes.keys.sorted() {
            guard let address = placeOnBox[box], let count = table.shipments.containers[box]?.contents.count else {
                continue
            }
            if count == 0 {
                // every document of it was withdrawn: it stays behind
                boxes[box] = nil
                continue
            }
            // one in ten, and the first of each day
            if random.happens(100) || bags.isEmpty { try wrong(.close(.container(box), count: count + 1)) }
            try table.do(.close(.container(box), count: count))
            let target = try table.shipments.plan.target(.bag, for: address)
            if bags[target] == nil {
                bags[target] = Sealed(bag: try table.open(.bag, address), address: address, seal: "S-\(bags.count)")
            }
            guard let bag = bags[target] else { continue }
            let others = bags.values.filter { $0.bag != bag.bag }.map(\.bag).sorted()
            if !others.isEmpty, random.happens(100) {
                try wrong(.put(.container(box), into: .container(others[random.below(others.count)])))
            }
            try table.do(.put(.container(box), into: .container(bag.bag)))
            bags[target]?.boxes.append(box)
        }
        let all = bags.values.sorted { $0.bag < $1.bag }
        for sealed in all {
            try table.do(.close(.container(sealed.bag), count: sealed.boxes.count))
            try table.do(.seal(.container(sealed.bag), seal: sealed.seal))
            let consignment = try table.open(.consignment, sealed.address)
            try table.do(.put(.container(sealed.bag), into: .container(consignment)))
            try table.do(.close(.container(consignment), count: 1))
            try table.do(.dispatch(.container(consignment), carrier: "van", signatures: ["amal", "basim"]))
        }
        return all
    }

    // MARK: at the places

    private struct Sealed {
        let bag: SSCC
        let address: ShippingAddress
        let seal: String
        var boxes: [SSCC] = []
    }

    private mutating func receive(_ bags: [Sealed]) throws {
        let places = table.shipments.plan.places.keys.sorted()
        for sealed in bags {
            let here = sealed.address.place
            if random.happens(200) {
                try wrong(.arrive(.container(sealed.bag), at: here, seal: "torn", signatures: ["dana", "esam"]))
            }
            try table.do(.arrive(.container(sealed.bag), at: here, seal: sealed.seal, signatures: ["dana", "esam"]))
            for box in sealed.boxes {
                guard let place = placeOnBox[box]?.place else { continue }
                let stray = places[random.below(places.count)]
                if stray != place, random.happens(100) {
                    try wrong(.arrive(.container(box), at: stray, seal: nil, signatures: []))
                }
                try table.do(.arrive(.container(box), at: place, seal: nil, signatures: []))
                for envelope in boxes[box] ?? [] {
                    carriedTo[envelope] = place
                    // in a world with a blind table the books may disagree here: the count does not ask them
                    let answer = table.handle(.receive(.envelope(envelope), at: place), at: Table.now)
                    if let refusal = answer.refusal {
                        guard blind != nil else { throw refusal }
                    }
                    table.note(answer.facts)
                }
            }
        }
    }

    /// Somebody scans wrongly. True when the light is green all the same, so that the hand goes on.
    @discardableResult
    private mutating func wrong(_ act: ShippingAct) throws -> Bool {
        let answer = table.handle(act, at: Table.now)
        guard let refusal = answer.refusal else {
            throw SakkError(
                "simulation.accepted", source: "packing day", text: "A wrong scan was accepted: \(act).",
                remedy: "Look at the rule that should have refused it.")
        }
        refusals[refusal.code, default: 0] += 1
        return refusal.code == blind?.code
    }
}

/// SplitMix64 (Vigna): the same throws on every machine.
struct SplitMix: Sendable {
    private var state: UInt64
    init(seed: UInt64) { state = seed }

    mutating func below(_ bound: Int) -> Int {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return Int((value ^ (value >> 31)) % UInt64(max(bound, 1)))
    }

    /// True this often in 1,000.
    mutating func happens(_ rate: Int) -> Bool { below(1000) < rate }
}
