import Glibc
import Ground
import Pixels
import Stations
import Testing

@testable import Artwork

struct DocumentTests {
    @Test("a record becomes two sides and six panels of the printer's raster")
    func shape() throws {
        let document = try People.artwork.get().render(People.record(), mrz: People.zone)
        #expect(document.sides.map(\.side) == [.front, .back])
        let panels = document.panels.map { "\($0.side.rawValue) \($0.panel.rawValue)" }
        #expect(panels == ["front y", "front m", "front c", "front k", "front o", "back k"])
        #expect(document.panels.allSatisfy { $0.width == 1016 && $0.height == 648 })
        #expect(document.sides.allSatisfy { $0.picture.width == 1016 && $0.picture.height == 648 })
        #expect(document.ribbon == "ymckok")
        #expect(document.pixels(.front, .overlay).allSatisfy { $0 == 255 })
    }

    @Test("the same record gives the same bytes, from another artwork and from four tasks at once")
    func repeatable() async throws {
        let artwork = try People.artwork.get()
        let record = People.record()
        let first = try artwork.render(record, mrz: People.zone)
        let other = try CardArtwork(template: try People.template(), decode: People.decode)
        var again = [try other.render(record, mrz: People.zone)]
        try await withThrowingTaskGroup(of: RenderedDocument.self) { group in
            for _ in 0..<4 { group.addTask { try artwork.render(record, mrz: People.zone) } }
            for try await document in group { again.append(document) }
        }
        #expect(again.count == 5)
        for document in again {
            #expect(document.panels.map(\.pixels) == first.panels.map(\.pixels))
            #expect(document.sides.map(\.picture.rgb) == first.sides.map(\.picture.rgb))
            #expect(document.fields == first.fields)
        }
    }

    @Test("ink lies in the fields alone: the stock is never in a panel")
    func inkOnlyInFields() throws {
        let document = try People.artwork.get().render(People.record(), mrz: People.zone)
        for panel in document.panels where panel.panel != .overlay {
            var left = panel.pixels
            for field in document.fields where field.side == panel.side {
                let window = Window(panel.pixels, rect: field.rect)
                for row in window.top..<window.top + window.height {
                    for column in window.left..<window.left + window.width { left[row * 1016 + column] = 0 }
                }
            }
            #expect(left.allSatisfy { $0 == 0 }, "\(panel.side) \(panel.panel)")
            #expect(panel.pixels.contains { $0 > 0 }, "\(panel.side) \(panel.panel)")
        }
    }

    @Test("resin is all or nothing")
    func resin() throws {
        let document = try People.artwork.get().render(People.record(), mrz: People.zone)
        for side in CardSide.allCases {
            #expect(document.pixels(side, .black).allSatisfy { $0 == 0 || $0 == 255 })
        }
    }

    @Test("every text field of a whole record shows ink, and an empty one shows none")
    func fieldsShow() throws {
        let whole = try People.artwork.get().render(People.record(), mrz: People.zone)
        for field in whole.fields where field.kind == .text {
            #expect(Window(whole.pixels(field.side, .black), rect: field.rect).count > 20, "\(field.name)")
        }
        let blank = try People.artwork.get().render(
            People.record {
                $0.bloodGroup = nil
                $0.names.arabic.motherGiven = ""
            }, mrz: People.zone)
        for name in ["blood_group", "names.arabic.mother_given"] {
            let field = try #require(blank.place(name))
            #expect(Window(blank.pixels(.front, .black), rect: field.rect).count == 0)
            #expect(field.text.isEmpty)
        }
    }

    @Test("the composite is the stock where nothing is printed, and black where resin is")
    func composite() throws {
        let artwork = try People.artwork.get()
        let document = try artwork.render(People.record(), mrz: People.zone)
        let stock = try artwork.stockPictures(dpi: 300)
        for side in document.sides {
            let black = document.pixels(side.side, .black)
            let colour = [Panel.cyan, .magenta, .yellow].map { document.pixels(side.side, $0) }
            let paper = try #require(stock[side.side]).rgb
            for pixel in stride(from: 0, to: black.count, by: 7) {
                for channel in 0..<3 {
                    let seen = Int(side.picture.rgb[pixel * 3 + channel])
                    let ink = colour[channel].isEmpty ? 0.0 : Double(colour[channel][pixel]) / 255
                    let light = Double(paper[pixel * 3 + channel]) * (1 - ink) * (black[pixel] > 0 ? 0 : 1)
                    if abs(Double(seen) - light) > 0.51 {
                        Issue.record("\(side.side) pixel \(pixel) channel \(channel): \(seen) for \(light)")
                        return
                    }
                }
            }
        }
    }

    @Test("the stock can be had at 600 dpi for the printing house")
    func stockAt600() throws {
        let pictures = try People.artwork.get().stockPictures(dpi: 600)
        #expect(pictures.values.allSatisfy { $0.width == 2032 && $0.height == 1296 })
        #expect(pictures.count == 2)
    }

    @Test("dates, numbers and words are said in the card's own form")
    func words() throws {
        let document = try People.artwork.get().render(People.record { $0.sex = .male }, mrz: People.zone)
        let said = Dictionary(uniqueKeysWithValues: document.fields.map { ($0.name, $0.text) })
        #expect(said["date_of_birth"] == "1990/05/03")
        #expect(said["date_of_expiry"] == "2036/01/14")
        #expect(said["sex.arabic"] == "ذكر")
        #expect(said["sex.sorani"] == "نێر")
        #expect(said["names.latin.given_names"] == "ZAINAB HUSSEIN ABDULRAHMAN")
        #expect(said["mrz"] == People.zone.joined(separator: "\n"))
    }

    @Test("the code on the back reads as the three lines of the zone, by ZBar")
    func code() throws {
        let document = try People.artwork.get().render(People.record(), mrz: People.zone)
        let back = try #require(document.sides.last)
        let file = People.write(back.picture)
        defer { unlink(file) }
        let read = try #require(Tool.output("zbarimg --quiet --raw -Sdisable -Sqrcode.enable '\(file)'"))
        #expect(read == People.zone.joined() + "\n")
    }

    @Test("the portrait of a JPEG keeps its colours on the card, and half a JPEG is refused")
    func portrait() throws {
        let picture = People.portrait
        let jpeg = try JPEG.encode(
            RGBImage(width: picture.width, height: picture.height, rgb: picture.rgb), quality: 90)
        let artwork = try CardArtwork(template: try People.template())
        let whole = People.record { $0.portrait = .init(format: .jpeg, bytes: jpeg) }
        let document = try artwork.render(whole, mrz: People.zone)
        let place = try #require(document.place("portrait"))
        let front = try #require(document.sides.first).picture
        let scale = 300 / 25.4
        let x = Int(2.49 + (place.rect.x + place.rect.width * 0.5) * scale)
        let y = Int(5.22 + (place.rect.y + place.rect.height * 190 / 450) * scale)
        for (channel, wanted) in [214, 172, 142].enumerated() {
            #expect(abs(Int(front.rgb[(y * 1016 + x) * 3 + channel]) - wanted) <= 4)
        }
        let half = People.record { $0.portrait = .init(format: .jpeg, bytes: Bytes(jpeg.prefix(jpeg.count / 2))) }
        #expect(throws: SakkError(ImageFailure.truncated, source: "", text: "", remedy: "")) {
            try artwork.render(half, mrz: People.zone)
        }
    }
}
