internal import Ground
internal import Stations

/// Reads one `<rect>` of the `personal` group. Every attribute is known or refused.
struct PlaceholderReader {
    let file: String
    let side: CardSide

    private static let drawing: Set<String> = [
        "id", "x", "y", "width", "height", "fill", "fill-opacity", "stroke",
        "stroke-width", "opacity", "style",
    ]
    private static let common: Set<String> = ["data-field", "data-kind", "data-panel"]
    private static let text: Set<String> = [
        "data-font", "data-weight", "data-size", "data-min-size", "data-dir", "data-align", "data-digits",
        "data-baseline",
    ]

    func read(_ element: XMLElement) throws(SakkError) -> Placeholder {
        guard element.name == "rect", element.children.isEmpty else {
            throw refuse(element, "only rectangles may stand in the personal group")
        }
        guard let name = element["data-field"] else { throw refuse(element, "data-field is missing") }
        guard let kind = element["data-kind"].flatMap(FieldKind.init(rawValue:)) else {
            throw refuse(element, "data-kind must be text, mrz, portrait, ghost, signature or qr")
        }
        let known = Self.drawing.union(Self.common).union(kind == .text ? Self.text : kind == .mrz ? ["data-font"] : [])
        for attribute in element.attributes where !known.contains(attribute.name) {
            guard !attribute.name.hasPrefix("data-"), attribute.name.contains(":") else {
                throw refuse(element, "\(attribute.name) is not an attribute of a \(kind.rawValue) field")
            }
        }
        guard let layer = element["data-panel"].flatMap(Placeholder.Layer.init(rawValue:)) else {
            throw refuse(element, "data-panel must be color or k")
        }
        guard side == .front || layer == .k else {
            throw refuse(element, "the back is printed by the black panel alone")
        }
        let rect = RectMM(
            x: try number("x", element), y: try number("y", element), width: try number("width", element),
            height: try number("height", element))
        guard rect.x >= 0, rect.y >= 0, rect.width > 0, rect.height > 0,
            rect.x + rect.width <= CardFormat.widthMM, rect.y + rect.height <= CardFormat.heightMM
        else { throw refuse(element, "the field leaves the card") }
        var place = Placeholder(name: name, kind: kind, side: side, rect: rect, layer: layer)
        switch kind {
        case .text: try readText(element, into: &place)
        case .mrz: try readMRZ(element, into: &place)
        case .qr:
            guard name == "qr", layer == .k else { throw refuse(element, "the code is the field qr on panel k") }
            guard min(rect.width, rect.height) >= QRPainter.smallestMM else {
                throw refuse(element, "the code of a zone needs \(QRPainter.smallestMM) mm with its quiet zone")
            }
        case .portrait, .ghost, .signature:
            guard FieldValues.imageNames[kind] == name else { throw refuse(element, "unknown field") }
            guard layer == (kind == .signature ? .k : .color) else {
                throw refuse(element, "pictures of the holder are printed in color, the signature in k")
            }
        }
        return place
    }

    private func readText(_ element: XMLElement, into place: inout Placeholder) throws(SakkError) {
        guard FieldValues.textNames.contains(place.name) else { throw refuse(element, "unknown field") }
        guard let font = element["data-font"] else { throw refuse(element, "data-font is missing") }
        try Fonts.require(font, file: file, line: element.line, element: place.name)
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
    }

    private func readMRZ(_ element: XMLElement, into place: inout Placeholder) throws(SakkError) {
        guard place.name == "mrz", place.layer == .k, place.side == .back else {
            throw refuse(element, "the machine readable zone is the field mrz on panel k of the back")
        }
        guard let reason = MRZGrid.fault(in: place.rect) else {
            place.font = element["data-font"] ?? MRZGrid.font
            guard place.font == MRZGrid.font else { throw refuse(element, "the zone is set in \(MRZGrid.font)") }
            try Fonts.require(place.font, file: file, line: element.line, element: place.name)
            return
        }
        throw .template("artwork.mrz.grid", file: file, line: element.line, element: place.name, reason)
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
