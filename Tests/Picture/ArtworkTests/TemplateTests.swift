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

    static func load(
        _ hostile: Case, ribbon: String = "ymckok", fontHashes: String? = nil
    ) throws(SakkError) -> ArtworkTemplate {
        try .load(
            [
                .init(side: .front, file: "front.svg", svg: Case(testDescription: "", code: "").drawing),
                .init(side: .back, file: "back.svg", svg: hostile.drawing),
            ], ribbon: ribbon, fontHashes: fontHashes)
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
            testDescription: "a code without room for its quiet zone", code: "artwork.code.size",
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
        .init(
            testDescription: "a field twice", code: "artwork.template.field",
            personal: text() + text().replacing("y=\"20\"", with: "y=\"10\"")),
        .init(
            testDescription: "two fields over each other", code: "artwork.field.overlap",
            personal: text() + text(name: "names.sorani.given", x: "50")),
        .init(
            testDescription: "a field in a code's quiet zone", code: "artwork.field.overlap",
            personal: text(x: "20")
                + #"<rect x="4" y="4" width="21" height="21" data-field="qr" data-kind="qr" data-panel="k"/>"#),
        .init(
            testDescription: "a field in the strip of the zone", code: "artwork.mrz.grid",
            personal: zone() + text().replacing("y=\"20\"", with: "y=\"28\"")),
        .init(
            testDescription: "a field over the chip's contacts", code: "artwork.field.contacts",
            personal: text(x: "12"),
            root: #"width="85.6mm" height="53.98mm" viewBox="0 0 85.6 53.98" data-contacts="yes""#),
        .init(
            testDescription: "a Data Matrix too small", code: "artwork.code.size",
            personal: """
                <rect x="4" y="4" width="7" height="7" data-field="datamatrix" data-kind="datamatrix" data-panel="k"/>
                """),
        .init(
            testDescription: "a seal without its feature", code: "artwork.template.field",
            personal: #"<rect x="4" y="4" width="22" height="22" data-field="vds" data-kind="vds" data-panel="k"/>"#),
        .init(
            testDescription: "a code of an unknown value", code: "artwork.template.field",
            personal: """
                <rect x="4" y="4" width="60" height="9" data-field="code39" data-kind="code39" data-panel="k" \
                data-value="shoe_size"/>
                """),
        .init(
            testDescription: "ultraviolet ink that the ribbon lacks", code: "artwork.template.field",
            personal: text().replacing("\"k\"", with: "\"uv\"")),
        .init(
            testDescription: "a use within itself", code: "artwork.template.loop",
            stock: ##"<g id="a"><use xlink:href="#b"/></g><g id="b"><use xlink:href="#a"/></g>"##),
        .init(testDescription: "uses that grow a thousandfold", code: "artwork.template.loop", stock: laughs),
        .init(
            testDescription: "an included file", code: "artwork.template.element",
            stock: #"<xi:include href="file:///etc/passwd"/>"#),
        .init(
            testDescription: "a path to far away", code: "artwork.template.size",
            stock: #"<path d="M0 0L1e30 5"/>"#),
        .init(
            testDescription: "dashes without end", code: "artwork.template.size",
            stock: ##"<path d="M0 0L80 5" style="stroke:#000;stroke-dasharray:0.00001"/>"##),
        .init(
            testDescription: "a picture in the drawing", code: "artwork.template.element",
            stock: #"<image xlink:href="data:image/png;base64,AAAA" width="9" height="9"/>"#),
        .init(
            testDescription: "a style sheet in the drawing", code: "artwork.template.element",
            stock: "<style>@import url(http://127.0.0.1/a.css)</style>"),
        .init(testDescription: "deep nesting", code: "artwork.template.xml", stock: deep),
        .init(
            testDescription: "text without a font", code: "artwork.font.missing", stock: #"<text x="1" y="1">a</text>"#),
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

    /// Ten groups, each of ten uses of the one before: a thousand millions in a few lines.
    private static let laughs: String = {
        var text = #"<g id="l0"><rect width="1" height="1"/></g>"#
        for level in 1..<10 {
            let use = ##"<use xlink:href="#l\##(level - 1)"/>"##
            text += "<g id=\"l\(level)\">" + String(repeating: use, count: 10) + "</g>"
        }
        return text
    }()

    private static let deep = String(repeating: "<g>", count: 40) + String(repeating: "</g>", count: 40)

    static let good = Case(testDescription: "good", code: "", personal: zone() + text())

    @Test("a template is refused with its file and line for", arguments: refused)
    func refuses(_ hostile: Case) throws {
        do {
            _ = try Self.load(hostile)
            Issue.record("the template was taken")
        } catch {
            #expect(error.code == hostile.code)
            #expect(error.text.hasPrefix("Line "))
            #expect(error.source == "back.svg")
            #expect(!error.remedy.isEmpty)
        }
    }

    @Test("the smallest good template is taken")
    func takes() throws {
        let template = try Self.load(Self.good)
        #expect(template.fieldNames == ["mrz", "names.arabic.given"])
    }

    @Test("everything that is wrong is said at once, each with its line")
    func all() throws {
        let bad = Case(
            testDescription: "", code: "", stock: "\n<script/>\n<image/>", personal: "\n" + Self.text(x: "66"))
        let result = ArtworkTemplate.examine([.init(side: .back, file: "back.svg", svg: bad.drawing)])
        #expect(result.template == nil)
        #expect(
            result.problems.map(\.code) == [
                "artwork.template.element", "artwork.template.element", "artwork.template.field",
            ])
        #expect(result.problems.map { $0.text.prefix(7) } == ["Line 3,", "Line 4,", "Line 6,"])
    }

    @Test("a ribbon is told by its panels: front, then back")
    func ribbons() throws {
        let both = try #require(Ribbon("ymckok"))
        #expect(both.front == [.yellow, .magenta, .cyan, .black, .overlay])
        #expect(both.back == [.black])
        let uv = try #require(Ribbon("ymckuk"))
        #expect(uv.front == [.yellow, .magenta, .cyan, .black, .fluorescent])
        #expect(uv.back == [.black])
        #expect(try #require(Ribbon("laser")).isToned)
        for name in ["", "ymk", "ymckoyy", "glitter"] { #expect(Ribbon(name) == nil, "\(name)") }
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

    @Test("a font with another hash is refused with both hashes, and one without a hash as well")
    func pinned() throws {
        let own = try ArtworkTemplate.fontHashes([.init(side: .back, file: "back.svg", svg: Self.good.drawing)])
        #expect(own.split(separator: "\n").count == 2)
        _ = try Self.load(Self.good, fontHashes: own)
        let ocr = try #require(own.split(separator: "\n").first { $0.contains("OCRB") })
        let tool = try #require(Tool.output("sha256sum /usr/share/fonts/opentype/ocr-b/\(ocr.dropFirst(66))"))
        #expect(tool.prefix(64) == ocr.prefix(64), "as sha256sum says")
        let other = String(repeating: "a", count: 64)
        do {
            _ = try Self.load(Self.good, fontHashes: own.replacing(ocr.prefix(64), with: other))
            Issue.record("another font was taken")
        } catch {
            #expect(error.code == "artwork.font.other")
            #expect(error.text.contains(other) && error.text.contains(ocr.prefix(64)))
        }
        #expect(throws: SakkError("artwork.font.unpinned", source: "", text: "", remedy: "")) {
            try Self.load(Self.good, fontHashes: String(own.split(separator: "\n").last ?? ""))
        }
    }

    @Test("dark art under a code or the zone is found")
    func background() throws {
        let dark = Case(
            testDescription: "", code: "", stock: ##"<rect x="0" y="40" width="85" height="3" fill="#666"/>"##,
            personal: Self.zone())
        let problems = try Self.load(dark).backgroundProblems()
        #expect(problems.map(\.code) == ["artwork.field.background"])
        #expect(try Self.load(Self.good).backgroundProblems().isEmpty)
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
