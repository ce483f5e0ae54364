import Ground
import Stations
import Testing

@testable import Artwork

struct TemplateTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let code: SakkError.Code
        var stock = ""
        var personal = ""
        var root = #"width="85.6mm" height="53.98mm" viewBox="0 0 85.6 53.98""#
        var prologue = ""

        var drawing: Bytes {
            Array(
                """
                \(prologue)<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" \(root)>
                <g id="stock">\(stock)</g>
                <g id="personal">\(personal)</g>
                </svg>
                """.utf8)
        }
    }

    static func text(_ change: String = "", name: String = "names.arabic.given", x: String = "40") -> String {
        """
        <rect x="\(x)" y="20" width="20" height="4" data-field="\(name)" data-kind="text" data-panel="k" \
        data-font="Noto Naskh Arabic" data-size="8pt" data-min-size="6pt" data-dir="rtl" data-align="right" \(change)/>
        """
    }

    static func zone(x: String = "4.7", y: String = "32.85", width: String = "76.2") -> String {
        #"<rect x="\#(x)" y="\#(y)" width="\#(width)" height="19.05" data-field="mrz" data-kind="mrz" data-panel="k"/>"#
    }

    static let refused: [Case] = [
        .init(
            testDescription: "an entity", code: "artwork.template.xml",
            prologue: #"<!DOCTYPE svg [<!ENTITY a "b">]>"#),
        .init(
            testDescription: "a style sheet", code: "artwork.template.xml", prologue: #"<?xml-stylesheet href="a"?>"#),
        .init(testDescription: "an unclosed element", code: "artwork.template.xml", stock: "<g>"),
        .init(
            testDescription: "a drawing of another size", code: "artwork.template.root",
            root: #"width="856000mm" height="539800mm" viewBox="0 0 85.6 53.98""#),
        .init(testDescription: "a script", code: "artwork.template.element", stock: "<script>1</script>"),
        .init(testDescription: "a handler", code: "artwork.template.element", stock: #"<g onload="x()"/>"#),
        .init(
            testDescription: "a picture under another prefix", code: "artwork.template.element",
            stock: #"<g xmlns:a="http://www.w3.org/2000/svg"><a:image width="9" height="9"/></g>"#),
        .init(testDescription: "a script under svg", code: "artwork.template.element", stock: "<svg:script/>"),
        .init(
            testDescription: "a small code", code: "artwork.template.field",
            personal: #"<rect x="4" y="4" width="12" height="12" data-field="qr" data-kind="qr" data-panel="k"/>"#),
        .init(testDescription: "a foreign object", code: "artwork.template.element", stock: "<foreignObject/>"),
        .init(
            testDescription: "a picture from a file", code: "artwork.template.element",
            stock: #"<image xlink:href="file:///etc/passwd" width="9" height="9"/>"#),
        .init(
            testDescription: "a use of another file", code: "artwork.template.reference",
            stock: #"<use xlink:href="other.svg#a"/>"#),
        .init(
            testDescription: "a fill from the network", code: "artwork.template.reference",
            stock: #"<rect width="9" height="9" style="fill:url( 'http://127.0.0.1/a#b')"/>"#),
        .init(
            testDescription: "a huge shape", code: "artwork.template.size",
            stock: #"<rect width="1e9" height="9"/>"#),
        .init(
            testDescription: "an unknown attribute", code: "artwork.template.field", personal: text(#"data-colour="1""#)
        ),
        .init(testDescription: "an unknown field", code: "artwork.template.field", personal: text(name: "shoe_size")),
        .init(testDescription: "a field out of the card", code: "artwork.template.field", personal: text(x: "66")),
        .init(testDescription: "a field twice", code: "artwork.template.field", personal: text() + text()),
        .init(
            testDescription: "a moved field", code: "artwork.template.field", personal: text(#"transform="scale(2)""#)),
        .init(
            testDescription: "a size without unit", code: "artwork.template.field",
            personal: text().replacing("8pt", with: "8")),
        .init(
            testDescription: "an unknown kind", code: "artwork.template.field",
            personal: text().replacing("\"text\"", with: "\"hologram\"")),
        .init(
            testDescription: "colour on the back", code: "artwork.template.field",
            personal: text().replacing("\"k\"", with: "\"color\"")),
        .init(
            testDescription: "a font that nobody has", code: "artwork.font.missing",
            personal: text().replacing("Noto Naskh Arabic", with: "Utopia Naskh")),
        .init(testDescription: "a narrow zone", code: "artwork.mrz.grid", personal: zone(width: "70")),
        .init(testDescription: "a zone too high", code: "artwork.mrz.grid", personal: zone(y: "30")),
        .init(testDescription: "a zone too far left", code: "artwork.mrz.grid", personal: zone(x: "2")),
    ]

    private static let good = Case(testDescription: "good", code: "", personal: zone() + text())

    @Test("a template is refused with its file and line for", arguments: refused)
    func refuses(_ hostile: Case) throws {
        do {
            _ = try ArtworkTemplate.load(
                frontSVG: Case(testDescription: "", code: "").drawing, backSVG: hostile.drawing)
            Issue.record("the template was taken")
        } catch {
            #expect(error.code == hostile.code)
            #expect(error.text.hasPrefix("Line ") || error.code == "artwork.template.field")
            #expect(error.source == "back.svg" || hostile.testDescription == "a field twice")
        }
    }

    @Test("the smallest good template is taken")
    func takes() throws {
        let template = try ArtworkTemplate.load(
            frontSVG: Case(testDescription: "", code: "").drawing, backSVG: Self.good.drawing)
        #expect(template.fieldNames == ["mrz", "names.arabic.given"])
    }

    @Test("a missing font names the Debian package")
    func package() throws {
        #expect(Fonts.package(of: "OCR B") == "fonts-ocr-b")
        #expect(Fonts.package(of: "Noto Naskh Arabic") == "fonts-noto-core")
    }

    @Test("a file that is not there is named")
    func missingFile() throws {
        #expect(throws: SakkError("artwork.template.file", source: "", text: "", remedy: "")) {
            try ArtworkTemplate.load(front: "/nowhere/front.svg", back: "/nowhere/back.svg")
        }
    }

    @Test("what lies outside of the card is hidden from no one: the view box is the raster")
    func viewBox() throws {
        let corner = CardRaster.printer.mmToPixel(x: 85.6, y: 53.98)
        #expect(abs(corner.x - 1013.51) < 0.01)
        #expect(abs(corner.y - 642.78) < 0.01)
    }

    @Test("no two fields of the card overlap, and no caption stands in a field")
    func apart() throws {
        let template = try People.template()
        let stock = try People.artwork.get().stockPictures(dpi: 300)
        for side in template.sides {
            let places = side.placeholders
            let picture = try #require(stock[side.side])
            let dark = Bytes((0..<picture.width * picture.height).map { picture.rgb[$0 * 3] < 130 ? 255 : 0 })
            #expect(dark.contains(255), "the stock has captions")
            for (index, one) in places.enumerated() {
                for other in places[(index + 1)...] {
                    let across =
                        min(one.rect.x + one.rect.width, other.rect.x + other.rect.width)
                        - max(one.rect.x, other.rect.x)
                    let down =
                        min(one.rect.y + one.rect.height, other.rect.y + other.rect.height)
                        - max(one.rect.y, other.rect.y)
                    #expect(across <= 0.001 || down <= 0.001, "\(one.name) and \(other.name)")
                }
                #expect(Window(dark, rect: one.rect).count == 0, "\(one.name)")
            }
        }
    }
}
