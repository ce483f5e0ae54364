internal import CPangoCairo
internal import Ground

/// The font families that this machine has. A card never falls back to another family.
enum Fonts {
    private static let packages = [
        "Noto Naskh Arabic": "fonts-noto-core", "Noto Kufi Arabic": "fonts-noto-core",
        "Noto Sans Arabic": "fonts-noto-core", "Noto Sans": "fonts-noto-core", "OCR B": "fonts-ocr-b",
    ]

    private static let installed: Set<String> = {
        guard let map = pango_cairo_font_map_new() else { return [] }
        defer { g_object_unref(map) }
        var families: UnsafeMutablePointer<UnsafeMutablePointer<PangoFontFamily>?>?
        var count: Int32 = 0
        pango_font_map_list_families(map, &families, &count)
        defer { g_free(families) }
        var names: Set<String> = []
        for index in 0..<Int(count) {
            if let family = families?[index], let name = pango_font_family_get_name(family) {
                names.insert(String(cString: name))
            }
        }
        return names
    }()

    /// The Debian package that brings a family.
    static func package(of family: String) -> String? { packages[family] }

    /// Throws `artwork.font.missing` with the Debian package to install.
    static func require(_ family: String, file: String, line: Int, element: String) throws(SakkError) {
        guard installed.contains(family) else {
            throw .template(
                "artwork.font.missing", file: file, line: line, element: element,
                "the font family '\(family)' is not installed",
                remedy: package(of: family).map { "Install the Debian package \($0)." }
                    ?? "Install the family, or name one of: \(packages.keys.sorted().joined(separator: ", ")).")
        }
    }
}
