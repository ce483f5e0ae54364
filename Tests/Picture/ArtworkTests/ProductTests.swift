import Glibc
import Ground
import Stations
import Testing

@testable import Artwork

/// The artwork of every product under `profiles`.
struct ProductTests {
    struct Product: Sendable, CustomTestStringConvertible {
        let name: String
        let format: DocumentFormat
        let ribbon: String
        var testDescription: String { name }

        var folder: String { People.folder.replacing("iq-national-id", with: name) }

        func artwork(dpi: Double = 300) throws(SakkError) -> CardArtwork {
            let template = try ArtworkTemplate.load(
                front: folder + "/front.svg", back: folder + "/back.svg", format: format, ribbon: ribbon)
            return try CardArtwork(
                template: template, raster: CardRaster(dpi: dpi, format: format),
                seal: { (_, _, _) throws(SakkError) in EveryKind.seal }, decode: People.decode)
        }
    }

    static let products = [
        Product(name: "iq-national-id", format: .td1, ribbon: "ymckok"),
        Product(name: "iq-residence-card", format: .td1, ribbon: "ymckok"),
        Product(name: "iq-passport-regular", format: .td3, ribbon: "laser"),
        Product(name: "iq-passport-diplomatic", format: .td3, ribbon: "laser"),
        Product(name: "iq-passport-service", format: .td3, ribbon: "laser"),
        Product(name: "iq-passport-special", format: .td3, ribbon: "laser"),
    ]
    static let pages = products.filter { $0.format == .td3 }

    static let pageZone = [
        "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408122F1204159ZE184226B<<<<<10",
    ]

    private func zone(_ product: Product) -> [String] { product.format == .td3 ? Self.pageZone : People.zone }

    @Test("no problem is found, and nothing dark lies under what machines read", arguments: products)
    func checked(_ product: Product) throws {
        let result = ArtworkTemplate.examine(
            front: product.folder + "/front.svg", back: product.folder + "/back.svg", format: product.format,
            ribbon: product.ribbon)
        #expect(result.problems.isEmpty)
        #expect(try #require(result.template).backgroundProblems().isEmpty)
    }

    @Test("long and short names are drawn, every text within its field and apart from the stock's", arguments: products)
    func names(_ product: Product) throws {
        let artwork = try product.artwork()
        let stock = try artwork.stockPictures(dpi: 300)
        let long = People.record {
            $0.names = .init(
                arabic: .init(
                    given: "عبدالرحمن", father: "عبدالمحسن", grandfather: "عبدالزهرة", surname: "الشمري البغدادي",
                    motherGiven: "فاطمة الزهراء", motherFather: "عبدالأمير جواد"),
                sorani: .init(
                    given: "عەبدولڕەحمان", father: "عەبدولموحسین", grandfather: "عەبدولزەهرە",
                    surname: "شەممەڕی بەغدادی",
                    motherGiven: "فاتیمە زەهرا", motherFather: "عەبدولئەمیر جەواد"),
                latin: .init(
                    given: "ABDULRAHMAN", father: "ABDULMUHSIN", grandfather: "ABDULZAHRA",
                    surname: "AL-SHAMMARI AL-BAGHDADI", motherGiven: "FATIMAH", motherFather: "ABDULAMEER"))
        }
        let short = People.record {
            $0.names = .init(
                arabic: .init(
                    given: "نور", father: "علي", grandfather: "طه", surname: "جاف", motherGiven: "منى",
                    motherFather: "عمر"),
                sorani: .init(
                    given: "ڕۆژ", father: "ئازاد", grandfather: "هێمن", surname: "جاف", motherGiven: "گوڵ",
                    motherFather: "شێرکۆ"),
                latin: .init(
                    given: "ROJ", father: "AZAD", grandfather: "HEMIN", surname: "JAF", motherGiven: "GUL",
                    motherFather: "SHERKO"))
        }
        for record in [long, short] {
            let document = try artwork.render(record, mrz: zone(product))
            let raster = artwork.raster
            for side in document.sides {
                var ink = document.pixels(side.side, .black)
                let paper = try #require(stock[side.side])
                for field in document.fields where field.side == side.side {
                    let box = raster.box(field.rect)
                    var dark = 0
                    for y in box.top + 2..<box.bottom - 2 {
                        for x in box.left + 2..<box.right - 2 {
                            let at = (y * raster.width + x) * 3
                            if paper.rgb[at..<at + 3].reduce(0, { $0 + Int($1) }) < 3 * 110 { dark += 1 }
                        }
                    }
                    #expect(dark == 0 || field.kind == .signature || field.kind == .portrait, "\(field.name)")
                    for y in box.top..<box.bottom {
                        for x in box.left..<box.right { ink[y * raster.width + x] = 0 }
                    }
                }
                #expect(ink.allSatisfy { $0 == 0 }, "ink lies in fields alone")
            }
        }
    }

    @Test("the page's zone stands on the grid: 44 characters of 30 dots, two lines of 75", arguments: pages)
    func pageGrid(_ product: Product) throws {
        let zone = Array(repeating: String(repeating: "H", count: 44), count: 2)
        let artwork = try product.artwork()
        let document = try artwork.render(People.record(), mrz: zone)
        #expect(document.panels.map(\.panel) == [.black])
        let raster = artwork.raster
        let ink = document.pixels(.front, .black)
        let top = Int(raster.mmToPixel(x: 0, y: 88 - 23.2).y)
        var columns = Array(repeating: 0, count: raster.width)
        var rows = Array(repeating: 0, count: raster.height - top)
        for y in top..<raster.height {
            for x in 0..<raster.width where ink[y * raster.width + x] > 0 {
                columns[x] += 1
                rows[y - top] += 1
            }
        }
        let cells = runs(columns)
        let lines = runs(rows)
        #expect(cells.count == 44)
        #expect(lines.count == 2)
        let centres = cells.map { Double($0.lowerBound + $0.upperBound) / 2 }
        for (left, right) in zip(centres, centres.dropFirst()) { #expect(abs(right - left - 30) <= 1) }
        let middles = lines.map { Double($0.lowerBound + $0.upperBound) / 2 }
        #expect(abs(middles[1] - middles[0] - 75) <= 1)
        let first = (centres[0] - 15 + 0.5 - raster.originX) * 25.4 / 300
        #expect((5.0...7.0).contains(first), "6 mm, give or take one")
    }

    @Test("a laser's portrait has degrees, its text has none")
    func tones() throws {
        let document = try Self.pages[0].artwork().render(People.record(), mrz: Self.pageZone)
        let ink = document.pixels(.front, .black)
        let raster = CardRaster(dpi: 300, format: .td3)
        func levels(_ name: String) throws -> Set<UInt8> {
            let box = raster.box(try #require(document.place(name)).rect)
            var found: Set<UInt8> = []
            for y in box.top + 3..<box.bottom - 3 {
                for x in box.left + 3..<box.right - 3 { found.insert(ink[y * raster.width + x]) }
            }
            return found
        }
        #expect(try levels("portrait").count > 10)
        for name in ["mrz", "nationality", "names.latin.primary", "names.arabic.primary"] {
            #expect(try levels(name) == [0, 255], "\(name)")
        }
    }

    @Test("the page says whose national its holder is, and names as the zone divides them", arguments: pages)
    func identity(_ product: Product) throws {
        let artwork = try product.artwork()
        func said(_ record: ApprovedRecord) throws -> [String: String] {
            let fields = try artwork.render(record, mrz: Self.pageZone).fields
            return Dictionary(uniqueKeysWithValues: fields.map { ($0.name, $0.text) })
        }
        let whole = try said(
            People.record {
                $0.issuingState = "UTO"
                $0.nationality = "XXA"
            })
        #expect(whole["nationality"] == "XXA")
        #expect(whole["issuing_state"] == "UTO")
        #expect(whole["names.latin.primary"] == "AL-JUBOORI")
        #expect(whole["names.latin.secondary"] == "ZAINAB HUSSEIN ABDULRAHMAN")
        #expect(whole["names.arabic.secondary"] == "زينب حسين عبد الرحمن")
        let without = try said(
            People.record {
                $0.names.arabic.surname = ""
                $0.names.sorani.surname = ""
                $0.names.latin.surname = ""
            })
        #expect(without["names.latin.primary"] == "ABDULRAHMAN")
        #expect(without["names.latin.secondary"] == "ZAINAB HUSSEIN")
        #expect(without["names.arabic.primary"] == "عبد الرحمن")
        #expect(without["names.arabic.secondary"] == "زينب حسين")
    }

    @Test("the four passports are told apart by the tint of their page")
    func tints() throws {
        let means = try Self.pages.map { product in
            let picture = try #require(try product.artwork().stockPictures(dpi: 72)[.front])
            return (0..<3).map { channel in
                stride(from: channel, to: picture.rgb.count, by: 3).reduce(0) { $0 + Int(picture.rgb[$1]) }
                    / (picture.rgb.count / 3)
            }
        }
        for (index, one) in means.enumerated() {
            for other in means[..<index] {
                #expect(zip(one, other).reduce(0) { $0 + abs($1.0 - $1.1) } >= 8, "\(one) \(other)")
            }
        }
    }
}
