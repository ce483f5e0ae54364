internal import Ground
internal import Stations

/// Reads one `<rect>` of the `personal` group. Every attribute is known or refused.
struct PlaceholderReader {
    let file: String
    let side: CardSide
    let format: DocumentFormat
    let ribbon: Ribbon
    let pins: FontPins?
    let hasContacts: Bool

    private static let drawing: Set<String> = [
        "id", "x", "y", "width", "height", "fill", "fill-opacity", "stroke",
        "stroke-width", "opacity", "style",
    ]
    private static let common: Set<String> = ["data-field", "data-kind", "data-panel"]
    private static let text: Set<String> = [
        "data-font", "data-weight", "data-size", "data-min-size", "data-dir", "data-align", "data-digits",
        "data-baseline", "data-date",
    ]

    /// The contacts of ISO/IEC 7816-2 with a millimetre around them: no ink and no varnish belongs there.
    static let contacts = RectMM(x: 9.25, y: 18.23, width: 11.62, height: 11.32)

    private static func attributes(_ kind: FieldKind) -> Set<String> {
        switch kind {
        case .text: text
        case .mrz: ["data-font"]
        case .vds: ["data-feature"]
        case .qr, .code39, .pdf417, .datamatrix: ["data-value"]
        case .portrait, .ghost, .signature: []
        }
    }

    func read(_ element: XMLElement) throws(SakkError) -> Placeholder {
        guard element.name == "rect", element.children.isEmpty else {
            throw refuse(element, "only rectangles may stand in the personal group")
        }
        guard let name = element["data-field"] else { throw refuse(element, "data-field is missing") }
        guard let kind = element["data-kind"].flatMap(FieldKind.init(rawValue:)) else {
            throw refuse(
                element, "data-kind must be one of: \(FieldKind.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        let known = Self.drawing.union(Self.common).union(Self.attributes(kind))
        for attribute in element.attributes where !known.contains(attribute.name) {
            guard !attribute.name.hasPrefix("data-"), attribute.name.contains(":") else {
                throw refuse(element, "\(attribute.name) is not an attribute of a \(kind.rawValue) field")
            }
        }
        let rect = RectMM(
            x: try number("x", element), y: try number("y", element), width: try number("width", element),
            height: try number("height", element))
        var place = Placeholder(
            name: name, kind: kind, side: side, rect: rect, layer: try layer(element), line: element.line)
        try checkPlace(element, place)
        switch kind {
        case .text: try readText(element, into: &place)
        case .mrz: try readMRZ(element, into: &place)
        case .qr, .code39, .pdf417, .datamatrix, .vds: try readCode(element, into: &place)
        case .portrait, .ghost, .signature:
            guard FieldValues.imageNames[kind] == name else { throw refuse(element, "unknown field") }
            let takes: [Placeholder.Layer] =
                kind == .signature || ribbon.isToned ? [.k] : kind == .ghost ? [.color, .uv] : [.color]
            guard takes.contains(place.layer) else {
                throw refuse(element, "pictures of the holder are printed in color, the signature in k")
            }
        }
        return place
    }

    private func layer(_ element: XMLElement) throws(SakkError) -> Placeholder.Layer {
        guard let layer = element["data-panel"].flatMap(Placeholder.Layer.init(rawValue:)) else {
            throw refuse(element, "data-panel must be color, k or uv")
        }
        let needed: Panel =
            switch layer {
            case .color: .cyan
            case .k: .black
            case .uv: .fluorescent
            }
        guard ribbon.panels(side).contains(needed) else {
            throw refuse(
                element, "the ribbon \(ribbon.name) lays no \(layer.rawValue) on the \(side.rawValue)")
        }
        return layer
    }

    private func checkPlace(_ element: XMLElement, _ place: Placeholder) throws(SakkError) {
        let rect = place.rect
        guard rect.x >= 0, rect.y >= 0, rect.width > 0, rect.height > 0,
            rect.x + rect.width <= format.widthMM, rect.y + rect.height <= format.heightMM
        else { throw refuse(element, "the field leaves the document") }
        guard !hasContacts || !rect.meets(Self.contacts) else {
            throw .template(
                "artwork.field.contacts", file: file, line: element.line, element: place.name,
                "the field lies over the chip's contacts",
                remedy: "Move it out of x 9.25 to 20.87 mm, y 18.23 to 29.55 mm (ISO/IEC 7816-2 and 1 mm around).")
        }
    }

    private func readText(_ element: XMLElement, into place: inout Placeholder) throws(SakkError) {
        guard FieldValues.textNames.contains(place.name) else { throw refuse(element, "unknown field") }
        guard let font = element["data-font"] else { throw refuse(element, "data-font is missing") }
        place.font = font
        place.size = try points("data-size", element)
        place.minimumSize = try points("data-min-size", element)
        guard place.minimumSize <= place.size else {
            throw refuse(element, "data-min-size is larger than data-size")
        }
        if element["data-baseline"] != nil { place.baseline = try number("data-baseline", element) }
        place.weight = try word("data-weight", element, .normal)
        place.direction = try word("data-dir", element, nil)
        place.align = try word("data-align", element, nil)
        place.digits = try word("data-digits", element, .asDelivered)
        place.date = try word("data-date", element, .slashed)
        try requireFont(element, place)
    }

    private func readMRZ(_ element: XMLElement, into place: inout Placeholder) throws(SakkError) {
        let grid = MRZGrid(format)
        guard place.name == "mrz", place.layer == .k, place.side == grid.side else {
            throw refuse(
                element, "the machine readable zone is the field mrz on panel k of the \(grid.side.rawValue)")
        }
        if let reason = grid.fault(in: place.rect) {
            throw .template("artwork.mrz.grid", file: file, line: element.line, element: place.name, reason)
        }
        place.font = element["data-font"] ?? MRZGrid.font
        guard place.font == MRZGrid.font else { throw refuse(element, "the zone is set in \(MRZGrid.font)") }
        try requireFont(element, place)
    }

    private func readCode(_ element: XMLElement, into place: inout Placeholder) throws(SakkError) {
        guard place.name == place.kind.rawValue, place.layer == .k else {
            throw refuse(element, "the code is the field \(place.kind.rawValue) on panel k")
        }
        if place.kind == .vds {
            guard let feature = element["data-feature"].flatMap(VisibleDigitalSeal.Feature.init(hex:)) else {
                throw refuse(element, "data-feature must be feature definition and category in hex, as in FB06")
            }
            place.feature = feature
        } else {
            place.value = element["data-value"] ?? "mrz"
            guard place.value == "mrz" || FieldValues.textNames.contains(place.value) else {
                throw refuse(element, "data-value names an unknown field")
            }
        }
        do {
            try CodePainter(raster: CardRaster(dpi: 300, format: format)).check(longest(place), in: place)
        } catch {
            throw .template(
                error.code, file: file, line: element.line, element: place.name,
                "its longest value does not fit with the quiet zone: \(error.text)", remedy: error.remedy)
        }
    }

    /// A seal carries 18 bytes of header, the zone in C40, a number of twelve and a signature of 64 bytes.
    private func longest(_ place: Placeholder) -> Bytes {
        let value = FieldValues.longest(place.value, format: format)
        return place.kind == .vds ? Bytes(repeating: 0xA7, count: 18 + 64 + 10 + 66) : Array(value.utf8)
    }

    private func requireFont(_ element: XMLElement, _ place: Placeholder) throws(SakkError) {
        try Fonts.require(place.font, file: file, line: element.line, element: place.name)
        try pins?.check(
            .init(family: place.font, bold: place.weight == .bold), file: file, line: element.line, element: place.name)
    }

    private func refuse(_ element: XMLElement, _ reason: String) -> SakkError {
        .template(
            "artwork.template.field", file: file, line: element.line,
            element: element["data-field"] ?? element["id"] ?? element.name, reason)
    }

    private func number(_ name: String, _ element: XMLElement) throws(SakkError) -> Double {
        guard let value = element[name].flatMap(Double.init), value.isFinite else {
            throw refuse(element, "\(name) must be a number of millimetres without unit")
        }
        return value
    }

    /// A size with its unit, `7.5pt` or `2.6mm`, in points; 3 to 40 points.
    private func points(_ name: String, _ element: XMLElement) throws(SakkError) -> Double {
        let value = element[name] ?? ""
        let scale = value.hasSuffix("pt") ? 1 : value.hasSuffix("mm") ? 72 / 25.4 : 0
        guard scale > 0, let number = Double(value.dropLast(2)), (3...40).contains(number * scale) else {
            throw refuse(element, "\(name) must be a size such as 7.5pt or 2.6mm, from 3 to 40 pt")
        }
        return number * scale
    }

    private func word<Value: RawRepresentable>(
        _ name: String, _ element: XMLElement, _ standard: Value?
    ) throws(SakkError) -> Value where Value.RawValue == String {
        guard let text = element[name] else {
            if let standard { return standard }
            throw refuse(element, "\(name) is missing")
        }
        guard let value = Value(rawValue: text) else { throw refuse(element, "\(name) does not know this word") }
        return value
    }
}

extension RectMM {
    /// Whether two rectangles share more than a thousandth of a millimetre in both directions.
    func meets(_ other: RectMM) -> Bool {
        min(x + width, other.x + other.width) - max(x, other.x) > 0.001
            && min(y + height, other.y + other.height) - max(y, other.y) > 0.001
    }
}
