import Foundation
import Ground

public enum Side: String, Sendable, CaseIterable { case front, back }

/// A document's design: what stands where, in mm, and what the mill printed before.
struct Layout: Sendable {
    enum Kind: String, Sendable {
        case text, mrz, portrait, ghost, qr, pdf417, code39, datamatrix

        var symbol: Symbol.Kind? { Symbol.Kind(rawValue: rawValue) }
    }

    struct Place: Sendable {
        let name: String
        let kind: Kind
        let side: Side
        let box: Box
        var type = Sketch.Face(family: "", size: 8)
        var colour = Colour.black
        /// In the K panel; else mixed of the dyes.
        var isResin = true
        /// Of a ghost.
        var alpha = 1.0
        /// A PDF417's.
        var columns: Int32 = 4
    }

    struct Label: Sendable {
        let text: String
        let side: Side
        let box: Box
        let type: Sketch.Face
        let colour: Colour
    }

    /// `TD1` or `TD3`.
    let isPassport: Bool
    /// Dots of the print, and pixels of the reference, a millimetre.
    let dotsPerMM: Double
    /// Resin is all or nothing, as a thermal head lays it; else the edges are grey.
    let isBilevel: Bool
    /// The ground comes from the ribbon too, on white stock; else the mill printed it.
    let isGroundPrinted: Bool
    /// Nothing of the ground is under the portrait.
    let hasWindow: Bool
    var places: [Place] = []
    var labels: [Label] = []
    var stocks: [Side: StockStyle] = [:]

    var width: Double { isPassport ? 125 : 85.6 }
    var height: Double { isPassport ? 88 : 53.98 }
    /// Dots of the print and its reference when it goes over the edge; else it ends there.
    var raster: (wide: Int, high: Int)?
    var dotsWide: Int { raster?.wide ?? Int((width * dotsPerMM).rounded()) }
    var dotsHigh: Int { raster?.high ?? Int((height * dotsPerMM).rounded()) }
    /// The card's top left corner among the dots.
    var origin: (x: Double, y: Double) {
        raster == nil
            ? (0, 0)
            : ((Double(dotsWide) - width * dotsPerMM) / 2, (Double(dotsHigh) - height * dotsPerMM) / 2)
    }
    var sides: [Side] { isPassport ? [.front] : [.front, .back] }

    func places(_ side: Side) -> [Place] { places.filter { $0.side == side } }
}

/// What the personal print of a document says.
struct Content: Sendable {
    var texts: [String: String]
    var zone: [String]
    var codes: [String: String]
    var portrait: Sheet
    /// A product's.
    var record: Data?

    init(record: Data, texts: [String: String], lines: Int, portrait: Sheet) {
        self.record = record
        self.texts = texts
        self.portrait = portrait
        codes = [:]
        // what stands there is the product's affair; only its places count
        zone = [String](repeating: String(repeating: "<", count: lines == 2 ? 44 : 30), count: lines)
    }

    /// What each code of a layout carries of a person.
    init(_ person: Person, layout: Layout, portrait: Sheet) {
        texts = [:]
        codes = [:]
        zone = person.zone
        self.portrait = portrait
        for place in layout.places {
            if place.kind == .text { texts[place.name] = person.values[place.name]?.text ?? "" }
            guard place.kind.symbol != nil else { continue }
            let number = person.values["number"]?.text ?? ""
            codes[place.name] =
                switch place.kind {
                case .code39: number
                case .datamatrix: number + (person.values["national_number"]?.text ?? "")
                case .pdf417: "UTO;" + number + ";" + (person.zone.last ?? "")
                default: person.zone.joined()
                }
        }
    }
}
