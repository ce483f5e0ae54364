import Glibc
import Ground
import Stations
import Testing

@testable import Artwork

/// Codes as other people's programs read them.
struct CodeTests {
    private static let zone = People.zone.joined()

    private func reading(_ dpi: Double, _ side: CardSide, _ tool: (String) -> String) throws -> String {
        let document = try EveryKind.artwork(dpi: dpi).render(EveryKind.record, mrz: People.zone)
        let picture = try #require(document.sides.first { $0.side == side }).picture
        let file = People.write(picture)
        defer { unlink(file) }
        return try #require(Tool.output(tool(file)))
    }

    @Test("ZBar reads QR and Code 39", arguments: [300.0, 600])
    func zbar(_ dpi: Double) throws {
        let read = try reading(dpi, .back) { "zbarimg --quiet -Sdisable -Sqrcode.enable -Scode39.enable '\($0)'" }
        #expect(Set(read.split(separator: "\n")) == ["QR-Code:\(Self.zone)", "CODE-39:AU1234567"])
    }

    @Test("ZXing reads PDF417", arguments: [300.0, 600])
    func pdf417(_ dpi: Double) throws {
        let read = try reading(dpi, .front) {
            "convert '\($0)' '\($0).png'; ZXingReader -format PDF417 '\($0).png'; rm '\($0).png'"
        }
        #expect(read.contains("\"\(Self.zone)\""))
    }

    @Test("libdmtx reads Data Matrix and the bytes of the seal", arguments: [300.0, 600])
    func dataMatrix(_ dpi: Double) throws {
        let read = try reading(dpi, .back) { file in
            "convert '\(file)' -crop 47%x50%+0+0 +repage '\(file).png'; dmtxread -N2 -n '\(file).png' | od -An -tx1 -v; rm '\(file).png'"
        }
        let bytes = try #require(Bytes(hex: read.filter { !$0.isWhitespace }))
        let zone = Array(Self.zone.utf8)
        #expect(bytes.count == zone.count + EveryKind.seal.count + 2)
        for part in [zone, EveryKind.seal] {
            #expect((0...bytes.count - part.count).contains { Array(bytes[$0..<$0 + part.count]) == part })
        }
    }

    @Test("a payload that a code cannot carry is an error that names the field and not the payload")
    func unfit() throws {
        let artwork = try EveryKind.artwork(dpi: 300)
        do {
            _ = try artwork.render(People.record { $0.documentNumber = "ж234567" }, mrz: People.zone)
            Issue.record("drawn")
        } catch {
            #expect(error.code == "artwork.code.content")
            #expect(error.subject == "code39")
            #expect(!"\(error)".contains("234567"))
        }
    }

    @Test("a template with a seal draws nothing without one")
    func sealMissing() throws {
        let template = try ArtworkTemplate.load([.init(side: .back, file: "back.svg", svg: EveryKind.back)])
        #expect(template.needsSeal)
        let artwork = try CardArtwork(template: template, decode: People.decode)
        #expect(throws: SakkError("artwork.seal.missing", source: "", text: "", remedy: "")) {
            try artwork.render(People.record(), mrz: People.zone)
        }
    }
}
