internal import Ground
internal import Stations

/// Checks one side's drawing and takes it apart into its layers.
struct TemplateLoader {
    let file: String
    let bytes: Bytes
    let side: CardSide
    let format: DocumentFormat
    let ribbon: Ribbon
    let pins: FontPins?

    /// Layers by the id of their group. Stock and personal are needed.
    private static let layers = ["stock", "personal", "uv", "overlay-mask"]

    /// The side, or everything that is wrong with it.
    func load() -> (side: ArtworkTemplate.Side?, problems: [SakkError]) {
        do throws(SakkError) {
            let root = try XMLReader.read(bytes, file: file)
            var problems: [SakkError] = []
            do throws(SakkError) { try checkRoot(root) } catch { problems.append(error) }
            var drawing = DrawingCheck(file: file, pins: pins)
            drawing.check(root)
            problems += drawing.problems
            let groups = try groups(root)
            let fields = placeholders(groups["personal"], hasContacts: root["data-contacts"] == "yes")
            problems += fields.problems + overlaps(fields.places)
            if let uv = groups["uv"], !ribbon.panels(side).contains(.fluorescent), uv["data-optional"] != "yes" {
                problems.append(
                    .template(
                        "artwork.template.panel", file: file, line: uv.line, element: "uv",
                        "the ribbon \(ribbon.name) lays no uv on the \(side.rawValue)",
                        remedy: "Choose a ribbon with u, or mark the layer data-optional=\"yes\"."))
            }
            guard problems.isEmpty else { return (nil, problems) }
            let made = ArtworkTemplate.Side(
                side: side, stock: drawn(root, only: "stock", groups),
                uv: groups["uv"].map { _ in drawn(root, only: "uv", groups) },
                mask: groups["overlay-mask"].map { _ in drawn(root, only: "overlay-mask", groups) },
                hasContacts: root["data-contacts"] == "yes", placeholders: fields.places, file: file)
            return (made, [])
        } catch {
            return (nil, [error])
        }
    }

    private func checkRoot(_ root: XMLElement) throws(SakkError) {
        let (width, height) = (plain(format.widthMM), plain(format.heightMM))
        let size = [root["width"], root["height"], root["viewBox"]]
        guard root.name == "svg", size == ["\(width)mm", "\(height)mm", "0 0 \(width) \(height)"] else {
            throw .template(
                "artwork.template.root", file: file, line: root.line, element: root.name,
                "the root must be an svg with width=\"\(width)mm\" height=\"\(height)mm\" "
                    + "viewBox=\"0 0 \(width) \(height)\" (\(format.name))")
        }
        guard root["data-contacts"] == nil || root["data-contacts"] == "yes" else {
            throw .template(
                "artwork.template.root", file: file, line: root.line, element: root.name,
                "data-contacts can only be yes")
        }
    }

    private func plain(_ value: Double) -> String {
        value == value.rounded() ? "\(Int(value))" : "\(value)"
    }

    private func groups(_ root: XMLElement) throws(SakkError) -> [String: XMLElement] {
        var groups: [String: XMLElement] = [:]
        for id in Self.layers {
            let found = root.elements(id: id)
            if found.isEmpty, id != "stock", id != "personal" { continue }
            guard found.count == 1, let group = root.children.first(where: { $0["id"] == id }), group.name == "g",
                group["transform"] == nil
            else {
                throw .template(
                    "artwork.template.root", file: file, line: found.last?.line ?? root.line, element: id,
                    "exactly one group with this id, at the top level and without transform, is needed")
            }
            groups[id] = group
        }
        return groups
    }

    private func placeholders(
        _ group: XMLElement?, hasContacts: Bool
    ) -> (places: [Placeholder], problems: [SakkError]) {
        let reader = PlaceholderReader(
            file: file, side: side, format: format, ribbon: ribbon, pins: pins, hasContacts: hasContacts)
        var places: [Placeholder] = []
        var problems: [SakkError] = []
        for child in group?.children ?? [] where !["title", "desc"].contains(child.name) {
            do throws(SakkError) { places.append(try reader.read(child)) } catch { problems.append(error) }
        }
        return (places, problems)
    }

    /// Fields keep apart on one layer, codes keep their quiet zone, and the strip of the zone is the zone's alone.
    private func overlaps(_ places: [Placeholder]) -> [SakkError] {
        var problems: [SakkError] = []
        let strip = places.contains { $0.kind == .mrz } ? MRZGrid(format).strip : nil
        for (index, place) in places.enumerated() {
            for other in places[..<index] where place.rect.meets(other.rect) && place.layer != .uv && other.layer != .uv
            {
                let quiet = place.isCode || other.isCode ? " (a code's field holds its quiet zone)" : ""
                problems.append(
                    .template(
                        "artwork.field.overlap", file: file, line: place.line, element: place.name,
                        "the field overlaps \(other.name)\(quiet)", remedy: "Move the fields apart."))
            }
            if let strip, place.kind != .mrz, place.layer != .uv, place.rect.meets(strip) {
                problems.append(
                    .template(
                        "artwork.mrz.grid", file: file, line: place.line, element: place.name,
                        "the lowest 23.2 mm belong to the machine readable zone alone",
                        remedy: "Move the field up."))
            }
        }
        return problems
    }

    /// The drawing with one layer of the four, and a root that shows the whole document; a raster sets its own view box.
    /// Attributes of the root are written anew; everything else keeps its bytes.
    private func drawn(_ root: XMLElement, only layer: String, _ groups: [String: XMLElement]) -> LayerDrawing {
        var attributes = ""
        for attribute in root.attributes where !["width", "height", "viewBox"].contains(attribute.name) {
            attributes += " \(attribute.name)=\"\(escaped(attribute.value))\""
        }
        var body = Bytes()
        var at = root.startTag.upperBound
        for cut in groups.filter({ $0.key != layer }).map(\.value.whole).sorted(by: { $0.lowerBound < $1.lowerBound }) {
            body += bytes[at..<cut.lowerBound]
            at = cut.upperBound
        }
        body += bytes[at..<root.whole.upperBound]
        return LayerDrawing(attributes: attributes, body: body, format: format)
    }

    private func escaped(_ value: String) -> String {
        var text = ""
        for character in value {
            switch character {
            case "&": text += "&amp;"
            case "<": text += "&lt;"
            case "\"": text += "&quot;"
            default: text.append(character)
            }
        }
        return text
    }
}
