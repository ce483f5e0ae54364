internal import Stations

/// A field's place on a template: a `<rect>` of the `personal` group with its `data-` attributes.
struct Placeholder: Sendable, Hashable {
    enum Direction: String, Sendable { case rtl, ltr }
    enum Align: String, Sendable { case left, center, right }
    enum Layer: String, Sendable { case color, k, uv }
    enum Weight: String, Sendable { case normal, bold }
    enum Digits: String, Sendable {
        case asDelivered = "as-delivered"
        case european
        case arabicIndic = "arabic-indic"
    }
    /// 1990/05/03, or 03 MAY 1990 (ICAO Doc 9303-3, 3.8).
    enum DateForm: String, Sendable {
        case slashed
        case dayMonthYear = "day-month-year"
    }

    var name: String
    var kind: FieldKind
    var side: CardSide
    var rect: RectMM
    var layer: Layer
    /// Line of the template file.
    var line = 0
    /// Text only: family, sizes in points (1/72 inch), baseline in mm below the rectangle's top.
    var font = ""
    var weight = Weight.normal
    var size = 0.0
    var minimumSize = 0.0
    var baseline: Double?
    var direction = Direction.ltr
    var align = Align.left
    var digits = Digits.asDelivered
    var date = DateForm.slashed
    /// Codes only: the value they carry, `mrz` or the name of a text field.
    var value = "mrz"
    /// Seals only: document feature definition and type category (ICAO Doc 9303-13, 2.3).
    var feature: VisibleDigitalSeal.Feature?

    var isCode: Bool { [.qr, .code39, .pdf417, .datamatrix, .vds].contains(kind) }
}
