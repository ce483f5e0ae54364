internal import Ground

/// What a drawing may be made of: plain shapes, text and gradients, in millimetres. What could fetch, run, grow or hang is
/// refused. Every fault is found, not the first one only.
struct DrawingCheck {
    let file: String
    let pins: FontPins?
    private(set) var problems: [SakkError] = []

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
    /// No drawing of a document needs a number beyond this, in millimetres, nor a dash shorter than a printer's dot.
    private static let largestNumber = 1000.0
    private static let shortestDash = 0.04
    private static let largestDrawing = 20_000
    private static let lengths: Set<String> = [
        "x", "y", "x1", "y1", "x2", "y2", "width", "height", "r", "rx", "ry", "cx", "cy", "fx", "fy", "dx", "dy",
        "font-size", "stroke-width", "letter-spacing", "word-spacing", "offset",
    ]
    private static let lists: Set<String> = ["d", "points", "transform", "gradienttransform", "viewbox"]

    init(file: String, pins: FontPins?) {
        self.file = file
        self.pins = pins
    }

    mutating func check(_ root: XMLElement) {
        let checks = self
        root.visit { element in
            collect { () throws(SakkError) in try checks.checkElement(element) }
            for attribute in element.attributes {
                collect { () throws(SakkError) in try checks.check(attribute, of: element) }
            }
        }
        checkFonts(root, family: nil, bold: false)
        collect { () throws(SakkError) in try checks.checkUses(root) }
    }

    private mutating func collect(_ body: () throws(SakkError) -> Void) {
        do throws(SakkError) { try body() } catch { problems.append(error) }
    }

    private func checkElement(_ element: XMLElement) throws(SakkError) {
        let parts = element.name.split(separator: ":", maxSplits: 1).map(String.init)
        let isEditors = element.name == "metadata" || (parts.count == 2 && Self.editorPrefixes.contains(parts[0]))
        guard isEditors || Self.elements.contains(element.name) else {
            throw .template(
                "artwork.template.element", file: file, line: element.line, element: element.name,
                "this element is not allowed in a template")
        }
    }

    private func check(_ attribute: XMLElement.Attribute, of element: XMLElement) throws(SakkError) {
        func refuse(_ code: SakkError.Code, _ reason: String) -> SakkError {
            .template(code, file: file, line: element.line, element: "\(element.name) \(attribute.name)", reason)
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
        guard element["data-field"] == nil, element.name != "svg" else { return }
        if name == "style" {
            for (property, value) in FontFaces.declarations(value) {
                if let reason = fault(property, value) { throw refuse("artwork.template.size", reason) }
            }
        } else if let reason = fault(name, value) {
            throw refuse("artwork.template.size", reason)
        }
    }

    /// Why a number in an attribute or a style property is not one of a document; nil when it is.
    private func fault(_ name: String, _ value: String) -> String? {
        if Self.lengths.contains(name) {
            let isPlain = value.split(whereSeparator: { $0 == " " || $0 == "," }).allSatisfy { word in
                let number = Double(word.hasSuffix("%") ? String(word.dropLast()) : String(word))
                return number.map { $0.isFinite && $0.magnitude <= Self.largestNumber } ?? false
            }
            return isPlain ? nil : "a plain number in millimetres below 1000 is needed"
        }
        if Self.lists.contains(name) {
            return numbers(value).allSatisfy { $0.magnitude <= Self.largestNumber }
                ? nil : "a number above 1000 does not belong in a document"
        }
        if name == "stroke-dasharray", value != "none" {
            let dashes = numbers(value)
            return !dashes.isEmpty && dashes.allSatisfy { (Self.shortestDash...Self.largestNumber).contains($0) }
                ? nil : "a dash must be 0.04 to 1000 mm long"
        }
        return nil
    }

    /// The numbers of path data, a transformation or a list; one that cannot be read counts as infinite.
    private func numbers(_ text: String) -> [Double] {
        var found: [Double] = []
        var word = ""
        func close() {
            if !word.isEmpty { found.append(Double(word) ?? .infinity) }
            word = ""
        }
        for character in text.utf8 {
            switch character {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): word.unicodeScalars.append(.init(character))
            case UInt8(ascii: "."):
                if word.contains(".") || word.contains("e") { close() }
                word += "."
            case UInt8(ascii: "-"), UInt8(ascii: "+"):
                if !word.isEmpty, word.last != "e" { close() }
                word.unicodeScalars.append(.init(character))
            case UInt8(ascii: "e") where word.last?.isNumber == true || word.last == ".": word += "e"
            default: close()
            }
        }
        close()
        return found
    }

    // MARK: Fonts

    private mutating func checkFonts(_ element: XMLElement, family: String?, bold: Bool) {
        let (family, bold) = FontFaces.face(element, family: family, bold: bold)
        if element.name == "text" || element.name == "tspan" {
            let (file, pins) = (file, pins)
            collect { () throws(SakkError) in
                guard let family else {
                    throw .template(
                        "artwork.font.missing", file: file, line: element.line, element: element.name,
                        "the text names no font family")
                }
                try Fonts.require(family, file: file, line: element.line, element: element.name)
                try pins?.check(
                    .init(family: family, bold: bold), file: file, line: element.line, element: element.name)
            }
        }
        for child in element.children { checkFonts(child, family: family, bold: bold) }
    }

    // MARK: Uses

    /// `use` copies what it names, and what that uses: a few lines can grow without end, or in a circle.
    private func checkUses(_ root: XMLElement) throws(SakkError) {
        var named: [String: XMLElement] = [:]
        root.visit { element in
            if let id = element["id"], named[id] == nil { named[id] = element }
        }
        var sizes: [String: Int] = [:]
        var open: Set<String> = []
        func size(_ element: XMLElement) throws(SakkError) -> Int {
            var sum = 1
            for child in element.children { sum += try size(child) }
            if let target = element["xlink:href"] ?? element["href"], element.name == "use" {
                let id = String(target.dropFirst())
                guard let copied = named[id] else { return sum }
                if sizes[id] == nil {
                    guard open.insert(id).inserted else {
                        throw .template(
                            "artwork.template.loop", file: file, line: element.line, element: id,
                            "it is used within itself")
                    }
                    sizes[id] = try size(copied)
                    open.remove(id)
                }
                sum += sizes[id] ?? 0
            }
            guard sum <= Self.largestDrawing else {
                throw .template(
                    "artwork.template.loop", file: file, line: element.line, element: element.name,
                    "with its uses it grows over \(Self.largestDrawing) elements")
            }
            return sum
        }
        _ = try size(root)
    }
}
