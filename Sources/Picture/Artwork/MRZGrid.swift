internal import Stations

/// Where the machine readable zone of a document stands (ICAO Doc 9303-3 section 4, 9303-4 and 9303-5: OCR-B size 1, ten
/// characters an inch, in the lowest 23.2 mm; TD1 three lines of thirty on the back, first character 4.0 mm +/- 1.0 mm
/// from the left edge; TD3 two lines of forty-four, first character 6.0 mm +/- 1.0 mm). The line pitch of 6.35 mm (four
/// lines an inch) and the figures above are taken from memory of the standard; a product owner checks them against its
/// text before a pilot.
struct MRZGrid {
    static let font = "OCR B"
    static let cellMM = 2.54
    static let pitchMM = 6.35
    static let zoneHeightMM = 23.2
    /// The characters of a zone (ICAO Doc 9303-3 section 4).
    static let alphabet = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789<".utf8)

    let format: DocumentFormat
    let characters: Int
    let lines: Int
    let side: CardSide
    private let first: ClosedRange<Double>

    init(_ format: DocumentFormat) {
        self.format = format
        (characters, lines, side, first) = format == .td3 ? (44, 2, .front, 5.0...7.0) : (30, 3, .back, 3.0...5.0)
    }

    var widthMM: Double { Self.cellMM * Double(characters) }
    var heightMM: Double { Self.pitchMM * Double(lines) }
    /// The strip of the document that belongs to the zone alone.
    var strip: RectMM {
        RectMM(x: 0, y: format.heightMM - Self.zoneHeightMM, width: format.widthMM, height: Self.zoneHeightMM)
    }

    /// Why a rectangle cannot hold the zone; nil when it can. Its height is the line pitches, lines centred in them.
    func fault(in rect: RectMM) -> String? {
        let near = { (left: Double, right: Double) in (left - right).magnitude < 0.005 }
        guard near(rect.width, widthMM) else { return "the zone must be \(mm(widthMM)) mm wide (\(characters) x 2.54)" }
        guard near(rect.height, heightMM) else { return "the zone must be \(mm(heightMM)) mm high (\(lines) x 6.35)" }
        guard first.contains(rect.x) else {
            return
                "the first cell must begin \(Int(first.lowerBound)) to \(Int(first.upperBound)) mm from the left edge"
        }
        guard rect.y >= strip.y - 0.005 else { return "the zone must lie in the lowest 23.2 mm" }
        return nil
    }

    func accepts(_ zone: [String]) -> Bool {
        zone.count == lines
            && zone.allSatisfy { line in
                line.utf8.count == characters && line.utf8.allSatisfy { Self.alphabet.contains($0) }
            }
    }

    private func mm(_ value: Double) -> String { "\((value * 100).rounded() / 100)" }
}
