internal import Stations

/// A field's place on a template: a `<rect>` of the `personal` group with its `data-` attributes.
struct Placeholder: Sendable, Hashable {
    enum Direction: String, Sendable { case rtl, ltr }
    enum Align: String, Sendable { case left, center, right }
    enum Layer: String, Sendable { case color, k }
    enum Weight: String, Sendable { case normal, bold }
    enum Digits: String, Sendable {
        case asDelivered = "as-delivered"
        case european
        case arabicIndic = "arabic-indic"
    }

    var name: String
    var kind: FieldKind
    var side: CardSide
    var rect: RectMM
    var layer: Layer
    /// Text only: family, sizes in points (1/72 inch), baseline in mm below the rectangle's top.
    var font = ""
    var weight = Weight.normal
    var size = 0.0
    var minimumSize = 0.0
    var baseline: Double?
    var direction = Direction.ltr
    var align = Align.left
    var digits = Digits.asDelivered
}
