/// A QR code as an SVG draws it: one unit for a module, with the four empty ones around it that readers ask for.
public struct QRPicture: Sendable, Hashable {
    /// The `viewBox`.
    public let box: String
    /// The `d` of a path over the dark modules.
    public let dark: String

    /// Nil for a text that no QR code holds.
    public init?(_ text: String) {
        guard let code = Barcode.qr(text) else { return nil }
        let quiet = 4
        box = "0 0 \(code.width + 2 * quiet) \(code.width + 2 * quiet)"
        var path = ""
        for row in 0..<code.rows {
            for column in 0..<code.width where code.dark[row * code.width + column] {
                path += "M\(column + quiet) \(row + quiet)h1v1h-1z"
            }
        }
        dark = path
    }
}
