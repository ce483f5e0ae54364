public import Ground

/// A delivery of one stock type that was made together.
public struct LotID: Sendable, Hashable, CustomStringConvertible {
    public let stock: String
    public let lot: String
    public init(stock: String, lot: String) {
        self.stock = stock
        self.lot = lot
    }
    public var description: String { "\(stock)/\(lot)" }
}

/// Two different people who answer for one act.
public struct TwoPeople: Sendable, Hashable {
    public let first: String
    public let second: String

    /// `stock.people.same` unless both have a name and the names differ in more than case and spaces.
    public init(_ first: String, _ second: String) throws(SakkError) {
        let names = [first, second].map(TwoPeople.plain)
        guard names.allSatisfy({ !$0.isEmpty }), names[0] != names[1] else {
            throw SakkError(
                "stock.people.same", source: "stock", text: "This needs two different people.",
                remedy: "Give the names of the two who stand there.")
        }
        self.first = first
        self.second = second
    }

    static func plain(_ name: String) -> String {
        name.lowercased().split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }
}

/// What is known of a lot when it is received.
public struct StockLot: Sendable, Hashable {
    public var id: LotID
    public var chipLot: String?
    /// Name of the transport key in the vault; never the key.
    public var transportKey: String?
    /// Category of booklets, for example `diplomatic`.
    public var category: String?
    /// The serial is engraved and is the document number.
    public var isEngraved: Bool
    /// SHA-256 of the manifest's bytes.
    public var manifest: Bytes
    public var count: Int
    /// In the manifest, and not in the delivery.
    public var gaps: [SerialRange]
    /// In the delivery, and not in the manifest: not registered.
    public var extras: [SerialRange]

    public init(
        id: LotID, chipLot: String? = nil, transportKey: String? = nil, category: String? = nil,
        isEngraved: Bool = false, manifest: Bytes, count: Int, gaps: [SerialRange] = [], extras: [SerialRange] = []
    ) {
        self.id = id
        self.chipLot = chipLot
        self.transportKey = transportKey
        self.category = category
        self.isEngraved = isEngraved
        self.manifest = manifest
        self.count = count
        self.gaps = gaps
        self.extras = extras
    }
}

/// Supplies that carry what was printed: they are counted like blanks and destroyed by two people.
public struct Consumable: Sendable, Hashable {
    public enum Kind: String, Sendable, Hashable, CaseIterable { case ribbon, film }
    public enum Account: String, Sendable, Hashable, CaseIterable {
        case vault, line, mounted, spent, missing, destroyed
    }

    public let kind: Kind
    public let serial: String
    /// The manufacturer's part number.
    public let part: String
    public let lot: String
    /// Cards that it is made for.
    public let capacity: Int

    public init(kind: Kind, serial: String, part: String, lot: String, capacity: Int) {
        self.kind = kind
        self.serial = serial
        self.part = part
        self.lot = lot
        self.capacity = capacity
    }

    public var id: ConsumableID { ConsumableID("\(kind.rawValue):\(serial)") }
}

/// A ribbon or film: kind, ":", serial.
public struct ConsumableID: Identifier {
    public let rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }
}

/// What was destroyed, where, how and before whom.
public struct DestructionCertificate: Sendable, Hashable {
    public let number: String
    public let blanks: [BlankID]
    public let consumables: [ConsumableID]
    public let method: String
    public let place: String
    public let people: TwoPeople
    public var count: Int { blanks.count + consumables.count }

    public init(
        number: String, blanks: [BlankID], consumables: [ConsumableID], method: String, place: String, people: TwoPeople
    ) {
        self.number = number
        self.blanks = blanks
        self.consumables = consumables
        self.method = method
        self.place = place
        self.people = people
    }
}

/// What else an attempt was made with, besides what follows from its blank, its cell and the supplies mounted there.
public enum GenealogyKey: String, Sendable, Hashable, CaseIterable {
    case printer, firmware, camera, operatorName = "operator", documentSigner = "ds_key", plan, template
    /// How many attempts the signer may be taken for; absent without a limit.
    case documentSignerMax = "ds_key_max"
}
