public import Ground

/// What happened to a document after the good box, in the ledger's own words: one journal row each, and one for each
/// blank that moves with it. Numbers are texts here: what they mean is the affair of whoever scans.
public enum ShippingChange: Sendable, Hashable {
    /// A good document is taken out of the good box, to be packed.
    case released(ProductionID, BlankID, ShippingGoal)
    /// A label was given out for it; an older one is void from here on.
    case labelled(ProductionID, ShippingNumber)
    case enveloped(ProductionID, envelope: String)
    case opened(ShippingNumber, kind: String, route: String, region: String?, place: String?)
    case put(envelope: String, into: String)
    case taken(envelope: String, from: String)
    case putContainer(String, into: String)
    case takenContainer(String, from: String)
    /// `contents`: SHA-256 over the sorted numbers, each with a line feed.
    case closed(String, count: Int, contents: Bytes)
    case sealed(String, seal: String)
    case reopened(String, TwoPeople, reason: String)
    case dispatched(String, carrier: String, signatures: [String])
    case arrived(String, place: String, signatures: [String])
    case received(ProductionID, place: String)
    case handedOut(ProductionID, courier: String)
    /// Salt and tag go into a table of their own, never into the journal.
    case codeSent(ProductionID, salt: Bytes, tag: Bytes, expires: WallTime)
    case codeFailed(ProductionID)
    case failed(ProductionID, reason: String, place: String)
    /// `proof`: code, qr or desk.
    case delivered(ProductionID, proof: String, clerk: String?)
    case cameBack(ProductionID, reason: String, person: String, place: String)
    case lost(ProductionID, TwoPeople, incident: String)
    case turnedUp(ProductionID, person: String, place: String)
    case setAside(ProductionID, person: String, place: String)
    case rerouted(ProductionID, ShippingGoal, TwoPeople)
}

/// Where a parcel goes: route, the governorate or country in whose bags it travels, and the place.
public struct ShippingGoal: Sendable, Hashable {
    public let route: String
    public let region: String
    public let place: String

    public init(route: String, region: String, place: String) {
        self.route = route
        self.region = region
        self.place = place
    }
}

/// A number out of a configured range. Within a range serials only grow, so that none is given out twice.
public struct ShippingNumber: Sendable, Hashable {
    /// As it is printed.
    public let number: String
    /// The range's id in `numbers.yaml`.
    public let range: String
    public let serial: Int

    public init(_ number: String, range: String, serial: Int) {
        self.number = number
        self.range = range
        self.serial = serial
    }
}

extension ShippingChange {
    static let kinds: Set<String> = [
        "parcel.released", "parcel.labelled", "parcel.enveloped", "container.opened", "container.put",
        "container.taken", "container.closed", "container.sealed", "container.reopened", "container.dispatched",
        "container.arrived", "parcel.received", "parcel.out", "parcel.code", "parcel.code.failed", "parcel.failed",
        "parcel.delivered", "parcel.returned", "parcel.lost", "parcel.found", "parcel.aside", "parcel.rerouted",
        "numbers.doubted", "numbers.confirmed", "scan.refused", "document.remade",
    ]

    var entry: JournalEntry {
        switch self {
        case .released(let production, let blank, let goal):
            JournalEntry("parcel.released", [production.rawValue, blank.rawValue], goal.facts)
        case .labelled(let production, let number):
            JournalEntry("parcel.labelled", [production.rawValue, number.number], number.facts)
        case .enveloped(let production, let envelope):
            JournalEntry("parcel.enveloped", [production.rawValue, envelope])
        case .opened, .put, .taken, .putContainer, .takenContainer, .closed, .sealed, .reopened, .dispatched, .arrived:
            container
        case .received, .handedOut, .codeSent, .codeFailed, .failed, .delivered: handover
        case .cameBack, .lost, .turnedUp, .setAside, .rerouted: astray
        }
    }

    private var container: JournalEntry {
        switch self {
        case .opened(let number, let kind, let route, let region, let place):
            JournalEntry(
                "container.opened", [number.number],
                number.facts.merging([
                    "kind": .string(kind), "route": .string(route), "region": .optional(region),
                    "place": .optional(place),
                ]) { $1 })
        case .put(let envelope, let box): JournalEntry("container.put", [box, envelope], ["item": "envelope"])
        case .taken(let envelope, let box): JournalEntry("container.taken", [box, envelope], ["item": "envelope"])
        case .putContainer(let inner, let outer):
            JournalEntry("container.put", [outer, inner], ["item": "container"])
        case .takenContainer(let inner, let outer):
            JournalEntry("container.taken", [outer, inner], ["item": "container"])
        case .closed(let number, let count, let contents):
            JournalEntry("container.closed", [number], ["count": .count(count), "contents": .string(contents.hex)])
        case .sealed(let number, let seal): JournalEntry("container.sealed", [number], ["seal": .string(seal)])
        case .reopened(let number, let people, let reason):
            JournalEntry(
                "container.reopened", [number],
                StockChange.people(people).merging(["reason": .string(reason)]) { $1 })
        case .dispatched(let number, let carrier, let signatures):
            JournalEntry(
                "container.dispatched", [number],
                ["carrier": .string(carrier), "signatures": .array(signatures.map { .string($0) })])
        case .arrived(let number, let place, let signatures):
            JournalEntry(
                "container.arrived", [number],
                ["place": .string(place), "signatures": .array(signatures.map { .string($0) })])
        default: JournalEntry("container", [])
        }
    }

    private var handover: JournalEntry {
        switch self {
        case .received(let production, let place):
            JournalEntry("parcel.received", [production.rawValue], ["place": .string(place)])
        case .handedOut(let production, let courier):
            JournalEntry("parcel.out", [production.rawValue], ["courier": .string(courier)])
        case .codeSent(let production, _, _, let expires):
            JournalEntry("parcel.code", [production.rawValue], ["expires": .integer(expires.microseconds)])
        case .codeFailed(let production): JournalEntry("parcel.code.failed", [production.rawValue])
        case .failed(let production, let reason, let place):
            JournalEntry(
                "parcel.failed", [production.rawValue], ["reason": .string(reason), "place": .string(place)])
        case .delivered(let production, let proof, let clerk):
            JournalEntry(
                "parcel.delivered", [production.rawValue], ["proof": .string(proof), "clerk": .optional(clerk)])
        default: JournalEntry("parcel", [])
        }
    }

    private var astray: JournalEntry {
        switch self {
        case .cameBack(let production, let reason, let person, let place):
            JournalEntry(
                "parcel.returned", [production.rawValue],
                ["reason": .string(reason), "person": .string(person), "place": .string(place)])
        case .lost(let production, let people, let incident):
            JournalEntry(
                "parcel.lost", [production.rawValue],
                StockChange.people(people).merging(["incident": .string(incident)]) { $1 })
        case .turnedUp(let production, let person, let place):
            JournalEntry(
                "parcel.found", [production.rawValue], ["person": .string(person), "place": .string(place)])
        case .setAside(let production, let person, let place):
            JournalEntry(
                "parcel.aside", [production.rawValue], ["person": .string(person), "place": .string(place)])
        case .rerouted(let production, let goal, let people):
            JournalEntry(
                "parcel.rerouted", [production.rawValue], goal.facts.merging(StockChange.people(people)) { $1 })
        default: JournalEntry("parcel", [])
        }
    }
}

extension ShippingGoal {
    fileprivate var facts: [String: JSONValue] {
        ["route": .string(route), "region": .string(region), "place": .string(place)]
    }
}

extension ShippingNumber {
    fileprivate var facts: [String: JSONValue] { ["range": .string(range), "serial": .count(serial)] }
}
