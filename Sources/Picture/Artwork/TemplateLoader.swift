internal import Ground
internal import Stations

/// Checks one side's drawing and takes it apart.
struct TemplateLoader {
    let file: String
    let bytes: Bytes
    let side: CardSide

    private static let elements: Set<String> = [
        "svg", "g", "defs", "path", "rect", "circle", "ellipse", "line", "polyline", "polygon", "text", "tspan", "use",
        "symbol", "linearGradient", "radialGradient", "stop", "clipPath", "title", "desc",
    ]
    /// What Inkscape adds; never drawn.
    private static let editorPrefixes: Set<String> = ["sodipodi", "inkscape", "rdf", "cc", "dc"]
    /// A name space under another prefix would carry refused elements past the list above.
    private static let nameSpaces = [
        "xmlns": "http://www.w3.org/2000/svg", "xmlns:svg": "http://www.w3.org/2000/svg",
        "xmlns:xlink": "http://www.w3.org/1999/xlink",
        "xmlns:inkscape": "http://www.inkscape.org/namespaces/inkscape",
        "xmlns:sodipodi": "http://sodipodi.sourceforge.net/DTD/sodipodi-0.dtd",
        "xmlns:rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#", "xmlns:cc": "http://creativecommons.org/ns#",
        "xmlns:dc": "http://purl.org/dc/elements/1.1/",
    ]
    /// No drawing of a card needs a number beyond this, in millimetres.
    private static let largestNumber = 1000.0

    func load() throws(SakkError) -> ArtworkTemplate.Side {
        let root = try XMLReader.read(bytes, file: file)
        try checkRoot(root)
        try checkShapes(root)
        try checkFonts(root)
        let personal = try onlyGroup("personal", in: root)
        _ = try onlyGroup("stock", in: root)
        let reader = PlaceholderReader(file: file, side: side)
        var placeholders: [Placeholder] = []
        for child in personal.children where !["title", "desc"].contains(child.name) {
            placeholders.append(try reader.read(child))
        }
        return .init(side: side, stock: stock(root: root, without: personal), placeholders: placeholders)
    }

    private func checkRoot(_ root: XMLElement) throws(SakkError) {
        let size = [root["width"], root["height"], root["viewBox"]]
        guard root.name == "svg", size == ["85.6mm", "53.98mm", "0 0 85.6 53.98"] else {
            throw .template(
                "artwork.template.root", file: file, line: root.line, element: root.name,
                "the root must be an svg with width=\"85.6mm\" height=\"53.98mm\" viewBox=\"0 0 85.6 53.98\"")
        }
    }

    private func onlyGroup(_ id: String, in root: XMLElement) throws(SakkError) -> XMLElement {
        let found = root.elements(id: id)
        guard found.count == 1, let group = root.children.first(where: { $0["id"] == id }), group.name == "g",
            group["transform"] == nil
        else {
            throw .template(
                "artwork.template.root", file: file, line: found.last?.line ?? root.line, element: id,
                "exactly one group with this id, at the top level and without transform, is needed")
        }
        return group
    }

    private func checkShapes(_ root: XMLElement) throws(SakkError) {
        try root.visit { (element) throws(SakkError) in
            let parts = element.name.split(separator: ":", maxSplits: 1).map(String.init)
            let isEditors = element.name == "metadata" || (parts.count == 2 && Self.editorPrefixes.contains(parts[0]))
            guard isEditors || Self.elements.contains(element.name) else {
                throw .template(
                    "artwork.template.element", file: file, line: element.line, element: element.name,
                    "this element is not allowed in a template")
            }
            for attribute in element.attributes { try check(attribute, of: element) }
        }
    }

    private func check(_ attribute: XMLElement.Attribute, of element: XMLElement) throws(SakkError) {
        func refuse(_ code: SakkError.Code, _ reason: String) -> SakkError {
            .template(
                code, file: file, line: element.line, element: "\(element.name) \(attribute.name)", reason)
        }
        let name = attribute.name.lowercased()
        let value = attribute.value.lowercased()
        if name.hasPrefix("on") { throw refuse("artwork.template.element", "scripts are refused") }
        if name == "href" || name.hasSuffix(":href") || name == "xml:base" {
            guard value.hasPrefix("#") else {
                throw refuse("artwork.template.reference", "a reference out of the file is refused")
            }
        }
        if name == "xmlns" || name.hasPrefix("xmlns:") {
            guard Self.nameSpaces[attribute.name] == attribute.value else {
                throw refuse("artwork.template.element", "this name space is not allowed in a template")
            }
            return
        }
        let squeezed = value.filter { !$0.isWhitespace && $0 != "\"" && $0 != "'" }
        var rest = squeezed[...]
        while let range = rest.firstRange(of: "url(") {
            guard rest[range.upperBound...].hasPrefix("#") else {
                throw refuse("artwork.template.reference", "a reference out of the file is refused")
            }
            rest = rest[range.upperBound...]
        }
        guard !squeezed.contains("@import"), !squeezed.contains("javascript:"), !squeezed.contains("\\") else {
            throw refuse("artwork.template.reference", "a reference out of the file is refused")
        }
        if ["x", "y", "width", "height", "r", "rx", "ry", "cx", "cy", "font-size", "stroke-width"].contains(name),
            element["data-field"] == nil, element.name != "svg"
        {
            guard let number = Double(value.hasSuffix("%") ? String(value.dropLast()) : value),
                number.magnitude <= Self.largestNumber
            else {
                throw refuse("artwork.template.size", "a plain number in millimetres below 1000 is needed")
            }
        }
    }

    private func checkFonts(_ root: XMLElement) throws(SakkError) {
        try root.visit { (element) throws(SakkError) in
            guard element.name == "text" || element.name == "tspan" || element.name == "g",
                let family = element["font-family"] ?? styled("font-family", element)
            else { return }
            try Fonts.require(family, file: file, line: element.line, element: element.name)
        }
    }

    /// A property of the `style` attribute, where Inkscape writes fonts.
    private func styled(_ property: String, _ element: XMLElement) -> String? {
        for part in (element["style"] ?? "").split(separator: ";") {
            let pair = part.split(separator: ":", maxSplits: 1)
            guard pair.count == 2, pair[0].filter({ !$0.isWhitespace }) == property else { continue }
            return pair[1].split(whereSeparator: { $0 == "'" || $0 == "\"" || $0 == " " }).joined(separator: " ")
        }
        return nil
    }

    /// The drawing with the `personal` group cut out and a root that shows the whole raster. Attributes of the root
    /// are written anew; everything else keeps its bytes.
    private func stock(root: XMLElement, without personal: XMLElement) -> Bytes {
        let raster = CardRaster.printer
        let scale = raster.pixelsPerMM
        let box = [
            -raster.originX / scale, -raster.originY / scale, Double(raster.width) / scale,
            Double(raster.height) / scale,
        ]
        let numbers = box.map { (value: Double) -> String in "\(value)" }.joined(separator: " ")
        var tag = "<svg"
        for attribute in root.attributes where !["width", "height", "viewBox"].contains(attribute.name) {
            tag += " \(attribute.name)=\"\(escaped(attribute.value))\""
        }
        tag +=
            " width=\"\(box[2])mm\" height=\"\(box[3])mm\" viewBox=\"\(numbers)\">"
        return Array(tag.utf8) + bytes[root.startTag.upperBound..<personal.whole.lowerBound]
            + bytes[personal.whole.upperBound..<root.whole.upperBound]
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
