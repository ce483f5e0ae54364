internal import CPangoCairo
internal import CTextLock
internal import Ground
internal import Synchronization

/// The font families that this machine has. A document never falls back to another family, nor to another file of it.
enum Fonts {
    struct Face: Hashable, Sendable {
        let family: String
        let bold: Bool
    }

    private static let packages = [
        "Noto Naskh Arabic": "fonts-noto-core", "Noto Kufi Arabic": "fonts-noto-core",
        "Noto Sans Arabic": "fonts-noto-core", "Noto Sans": "fonts-noto-core", "Noto Serif": "fonts-noto-core",
        "OCR B": "fonts-ocr-b",
    ]

    private static let installed: Set<String> = {
        sakk_text_begin()
        defer { sakk_text_end() }
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

    /// Path and SHA-256 of each face that was asked for; a file is read once a process.
    private static let known = Mutex<[Face: FontFile]>([:])

    struct FontFile: Sendable {
        let name: String
        let sha256: String
    }

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

    /// The file that Pango takes for a face; nil when it cannot be read.
    static func file(of face: Face) -> FontFile? {
        known.withLock { known in
            if let file = known[face] { return file }
            guard let path = path(of: face), let bytes = try? TemplateFile.read(path, atMost: 64 << 20),
                let text = g_compute_checksum_for_data(G_CHECKSUM_SHA256, bytes, gsize(bytes.count))
            else { return nil }
            defer { g_free(text) }
            let file = FontFile(
                name: String(path.split(separator: "/").last ?? ""), sha256: String(cString: text))
            known[face] = file
            return file
        }
    }

    private static func path(of face: Face) -> String? {
        sakk_text_begin()
        defer { sakk_text_end() }
        guard let map = pango_cairo_font_map_new() else { return nil }
        defer { g_object_unref(map) }
        guard let context = pango_font_map_create_context(map) else { return nil }
        defer { g_object_unref(UnsafeMutableRawPointer(context)) }
        let description = pango_font_description_new()
        defer { pango_font_description_free(description) }
        pango_font_description_set_family(description, face.family)
        pango_font_description_set_weight(description, face.bold ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_NORMAL)
        pango_font_description_set_absolute_size(description, 20 * Double(PANGO_SCALE))
        guard let font = pango_font_map_load_font(map, context, description) else { return nil }
        defer { g_object_unref(font) }
        return sakk_font_file(font).map { String(cString: $0) }
    }
}

/// The font files of a product by hash, as `sha256sum` writes and checks them: one line a file, 64 hexadecimal digits, two
/// spaces, the file's name. Stands beside the drawings as `fonts.sha256`.
struct FontPins: Sendable {
    static let fileName = "fonts.sha256"

    let file: String
    private let hashes: [String: String]

    /// Throws `artwork.font.unpinned` when the file is missing or a line is not understood.
    init(path: String) throws(SakkError) {
        guard let bytes = try? TemplateFile.read(path) else {
            throw SakkError(
                "artwork.font.unpinned", source: path, text: "The hashes of the fonts are missing.",
                remedy: "Write them once with `sakk art fonts`, look at the renders, and keep the file.")
        }
        try self.init(text: String(decoding: bytes, as: UTF8.self), file: path)
    }

    init(text: String, file: String) throws(SakkError) {
        var hashes: [String: String] = [:]
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
        where !line.isEmpty {
            let words = line.split(separator: " ", maxSplits: 1)
            guard words.count == 2, words[0].count == 64, words[0].allSatisfy(\.isHexDigit),
                let name = words[1].split(whereSeparator: { $0 == "/" || $0 == " " || $0 == "*" }).last
            else {
                throw .template(
                    "artwork.font.unpinned", file: file, line: index + 1,
                    "a line must be a SHA-256 in hexadecimal, two spaces and the name of a font file")
            }
            hashes[String(name)] = words[0].lowercased()
        }
        (self.file, self.hashes) = (file, hashes)
    }

    /// Throws `artwork.font.unpinned`, or `artwork.font.other` with both hashes.
    func check(_ face: Fonts.Face, file template: String, line: Int, element: String) throws(SakkError) {
        guard let font = Fonts.file(of: face) else {
            throw .template(
                "artwork.font.missing", file: template, line: line, element: element,
                "the file of the font '\(face.family)' cannot be read")
        }
        guard let pinned = hashes[font.name] else {
            throw .template(
                "artwork.font.unpinned", file: template, line: line, element: element,
                "the font file \(font.name) of '\(face.family)' has no hash in \(file)",
                remedy: "Write the hashes with `sakk art fonts`, look at the renders, and keep the file.")
        }
        guard pinned == font.sha256 else {
            throw .template(
                "artwork.font.other", file: template, line: line, element: element,
                "the font file \(font.name) has SHA-256 \(font.sha256), the product was approved with \(pinned)",
                remedy: "Install the package version that the other machines have, or approve the new renders.")
        }
    }
}
