internal import Ground

/// The font faces that a drawing names: its own text's, and those of its fields.
enum FontFaces {
    static func of(_ root: XMLElement) throws(SakkError) -> Set<Fonts.Face> {
        var faces: Set<Fonts.Face> = []
        collect(root, family: nil, bold: false, into: &faces)
        return faces
    }

    /// Family and weight of an element, from attributes, style, or what it inherits.
    static func face(
        _ element: XMLElement, family: String?, bold: Bool
    ) -> (family: String?, bold: Bool) {
        let styled = Dictionary(declarations(element["style"] ?? ""), uniquingKeysWith: { $1 })
        let weight = element["font-weight"] ?? styled["font-weight"]
        return (
            element["font-family"] ?? styled["font-family"] ?? family,
            weight.map { $0 == "bold" || (Int($0) ?? 400) >= 600 } ?? bold
        )
    }

    /// The properties of a `style` attribute, where Inkscape writes fonts and lengths.
    static func declarations(_ style: String) -> [(String, String)] {
        style.split(separator: ";").compactMap { part in
            let pair = part.split(separator: ":", maxSplits: 1)
            guard pair.count == 2 else { return nil }
            return (
                String(pair[0].filter { !$0.isWhitespace }),
                pair[1].split(whereSeparator: { $0 == "'" || $0 == "\"" || $0 == " " }).joined(separator: " ")
            )
        }
    }

    private static func collect(
        _ element: XMLElement, family: String?, bold: Bool, into faces: inout Set<Fonts.Face>
    ) {
        let (family, bold) = face(element, family: family, bold: bold)
        if element.name == "text" || element.name == "tspan", let family {
            faces.insert(.init(family: family, bold: bold))
        }
        if let font = element["data-font"] {
            faces.insert(.init(family: font, bold: element["data-weight"] == "bold"))
        } else if element["data-kind"] == "mrz" {
            faces.insert(.init(family: MRZGrid.font, bold: false))
        }
        for child in element.children { collect(child, family: family, bold: bold, into: &faces) }
    }
}
