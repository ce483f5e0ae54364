internal import Stations

/// Where the machine readable zone of a TD1 document stands (ICAO Doc 9303-3 section 4 and 9303-5: OCR-B size 1, ten
/// characters an inch, three lines of thirty, in the lowest 23.2 mm of the back, first character 4.0 mm +/- 1.0 mm
/// from the left edge). The line pitch of 6.35 mm (four lines an inch) and the figures above are taken from memory of
/// the standard; a product owner checks them against its text before a pilot.
enum MRZGrid {
    static let font = "OCR B"
    static let cellMM = 2.54
    static let pitchMM = 6.35
    static let characters = 30
    static let lines = 3
    static let zoneHeightMM = 23.2
    /// The characters of a zone (ICAO Doc 9303-3 section 4).
    static let alphabet = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789<".utf8)

    /// Why a rectangle cannot hold the zone; nil when it can. Its height is three line pitches, lines centred in them.
    static func fault(in rect: RectMM) -> String? {
        let near = { (left: Double, right: Double) in (left - right).magnitude < 0.005 }
        guard near(rect.width, cellMM * Double(characters)) else { return "the zone must be 76.2 mm wide (30 x 2.54)" }
        guard near(rect.height, pitchMM * Double(lines)) else { return "the zone must be 19.05 mm high (3 x 6.35)" }
        guard (3.0...5.0).contains(rect.x) else { return "the first cell must begin 3 to 5 mm from the left edge" }
        guard rect.y >= CardFormat.heightMM - zoneHeightMM - 0.005 else {
            return "the zone must lie in the lowest 23.2 mm"
        }
        return nil
    }
}
