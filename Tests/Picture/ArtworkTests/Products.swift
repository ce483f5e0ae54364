import Ground
import Pixels
import Stations

@testable import Artwork

/// A template of every kind of field, on both sides, for a ribbon with ultraviolet ink.
enum EveryKind {
    static let seal = Bytes((0..<150).map { UInt8(truncatingIfNeeded: $0 * 37 + 11) })

    static func code(_ kind: String, _ x: Double, _ y: Double, _ w: Double, _ h: Double, _ more: String = "") -> String
    {
        """
        <rect x="\(x)" y="\(y)" width="\(w)" height="\(h)" data-field="\(kind)" data-kind="\(kind)" \
        data-panel="k" \(more)/>
        """
    }

    static let front = drawing(
        stock: ##"<rect x="-1" y="-1" width="88" height="56" fill="#e8eef0"/>"##,
        personal: """
            <rect x="4" y="4" width="20" height="26" data-field="portrait" data-kind="portrait" data-panel="color"/>
            <rect x="30" y="4" width="12" height="15" data-field="ghost" data-kind="ghost" data-panel="uv"/>
            <rect x="4" y="32" width="26" height="8" data-field="signature" data-kind="signature" data-panel="k"/>
            <rect x="46" y="4" width="36" height="4" data-field="names.arabic.full" data-kind="text" data-panel="color" \
            data-font="Noto Naskh Arabic" data-size="8pt" data-min-size="4pt" data-dir="rtl" data-align="right"/>
            \(code("pdf417", 32, 21, 52, 16))
            """,
        more: """
            <g id="uv"><circle cx="60" cy="44" r="6" fill="#000"/></g>
            <g id="overlay-mask"><rect x="70" y="40" width="8" height="8" fill="#000"/></g>
            """)

    static let back = drawing(
        stock: "",
        personal: """
            \(code("vds", 2, 2, 22.4, 22.4, #"data-feature="FB06""#))
            \(code("datamatrix", 26, 2, 14, 14))
            \(code("qr", 62, 2, 21, 21))
            \(code("code39", 2, 25, 60, 5, #"data-value="document_number""#))
            \(TemplateTests.zone())
            """)

    static func artwork(dpi: Double) throws(SakkError) -> CardArtwork {
        let template = try ArtworkTemplate.load(
            [
                .init(side: .front, file: "front.svg", svg: front), .init(side: .back, file: "back.svg", svg: back),
            ], ribbon: "ymckuok")
        return try CardArtwork(
            template: template, raster: CardRaster(dpi: dpi), seal: { (_, _, _) throws(SakkError) in seal },
            decode: { (image) throws(SakkError) in image.format == .jpeg ? People.portrait : signature })
    }

    static let record = People.record { $0.signature = .init(format: .jpeg2000, bytes: []) }

    /// A dark wave on white.
    static let signature: Picture = {
        var rgb = Bytes(repeating: 255, count: 300 * 80 * 3)
        for x in 10..<290 {
            let y = 40 + (x / 7 % 2 == 0 ? x % 7 : 7 - x % 7) * 4
            for dot in y..<y + 4 { for channel in 0..<3 { rgb[(dot * 300 + x) * 3 + channel] = 20 } }
        }
        return Picture(width: 300, height: 80, rgb: rgb)
    }()

    private static func drawing(stock: String, personal: String, more: String = "") -> Bytes {
        Array(
            """
            <svg xmlns="http://www.w3.org/2000/svg" width="85.6mm" height="53.98mm" viewBox="0 0 85.6 53.98">
            <g id="stock">\(stock)</g>\(more)<g id="personal">\(personal)</g>
            </svg>
            """.utf8)
    }
}
