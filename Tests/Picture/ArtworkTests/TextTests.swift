import CPangoCairo
import Glibc
import Ground
import Stations
import Testing

@testable import Artwork

struct TextTests {
    private func failure(_ change: @escaping (inout ApprovedRecord) -> Void) throws -> SakkError? {
        let artwork = try People.artwork.get()
        do {
            _ = try artwork.render(People.record(change), mrz: People.zone)
            return nil
        } catch {
            return error
        }
    }

    @Test("a name too long for its field at the smallest size holds the record and is not told")
    func overflow() throws {
        let name = String(repeating: "عبدالرحمن ", count: 5)
        let error = try #require(try failure { $0.names.arabic.grandfather = name })
        #expect(error.code == "artwork.text.overflow")
        #expect(error.subject == "names.arabic.grandfather")
        #expect(error.outcome == .notDone)
        #expect(!"\(error)".contains("عبد"))
    }

    @Test("a long name shrinks and keeps within its field")
    func shrinks() throws {
        let usual = try People.artwork.get().render(People.record(), mrz: People.zone)
        let long = try People.artwork.get().render(
            People.record { $0.names.latin.grandfather = "ABDULKAREEM-HASSAN" }, mrz: People.zone)
        let place = try #require(long.place("names.latin.given_names"))
        let small = Window(long.pixels(.front, .black), rect: place.rect).cropped
        let large = Window(usual.pixels(.front, .black), rect: place.rect).cropped
        #expect(small.height < large.height)
        #expect(small.width <= Int(place.rect.width * 300 / 25.4) + 2)
    }

    @Test("a short name whose first letter reaches back over its start is set, within its field")
    func overhang() throws {
        let document = try People.artwork.get().render(
            People.record { $0.names.latin.surname = "JAF" }, mrz: People.zone)
        let place = try #require(document.place("names.latin.surname"))
        let inside = Window(document.pixels(.front, .black), rect: place.rect)
        #expect(inside.count > 200)
        #expect(Window(document.pixels(.front, .black), rect: place.rect, marginPixels: 6).count == inside.count)
    }

    @Test("a character that the font lacks is an error, not a box or another font")
    func missingGlyph() throws {
        let error = try #require(try failure { $0.names.latin.surname = "王" })
        #expect(error.code == "artwork.glyph.missing")
        #expect(error.subject == "names.latin.surname")
        #expect(!"\(error)".contains("王"))
    }

    @Test(
        "direction overrides and line breaks are refused", arguments: ["A\u{202E}B", "A\nB", "\u{2067}A", "A\u{200F}"])
    func controls(_ text: String) throws {
        let error = try #require(try failure { $0.names.latin.surname = text })
        #expect(error.code == "artwork.text.control")
    }

    @Test("the joiners that Sorani spelling needs are allowed")
    func joiners() throws {
        #expect(try failure { $0.names.sorani.surname = "نە\u{200C}ورۆز" } == nil)
    }

    @Test(
        "Arabic and Sorani are joined and run from the right, as rsvg-convert draws them",
        arguments: ["إبراهيم", "عبد الرحمن", "فاطمة", "عەبدولڕەحمان", "زەینەب"])
    func shaping(_ text: String) throws {
        let document = try People.artwork.get().render(
            People.record { $0.names.arabic.surname = text }, mrz: People.zone)
        let place = try #require(document.place("names.arabic.surname"))
        let window = Window(document.pixels(.front, .black), rect: place.rect)
        let ours = window.cropped
        let theirs = try foreign(text)
        #expect(abs(ours.width - theirs.width) <= 2)
        #expect(abs(ours.height - theirs.height) <= 2)
        #expect(agreement(ours, theirs) > 0.98)
        // Letters kept apart, and a mirrored word, must not pass for it.
        let apart = try foreign(text.map { $0 == " " ? " " : "\($0)\u{200C}" }.joined())
        #expect(abs(ours.width - apart.width) > 2 || agreement(ours, apart) < 0.8)
        #expect(agreement(ours, mirrored(theirs)) < 0.8)
        let right = try #require(runs(window.columnSums).last).upperBound
        #expect(window.width - right < 8, "ends at the right edge of the field")
    }

    /// The same words by another program, at the field's 8 points and 300 dots an inch.
    private func foreign(_ text: String) throws -> Window {
        let size = 8.0 / 72 * 300
        let drawing = """
            <svg xmlns="http://www.w3.org/2000/svg" width="600" height="120"><rect width="600" height="120" fill="#fff"/>\
            <text x="560" y="70" font-family="Noto Naskh Arabic" font-weight="bold" font-size="\(size)" \
            text-anchor="end">\(text)</text></svg>
            """
        var name = Array("/tmp/artwork-XXXXXX.svg".utf8CString)
        let descriptor = mkstemps(&name, 4)
        let path = String(decoding: name.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        defer { unlink(path) }
        let bytes = Array(drawing.utf8)
        #expect(write(descriptor, bytes, bytes.count) == bytes.count)
        close(descriptor)
        try #require(Tool.output("rsvg-convert '\(path)' -o '\(path).png'") != nil)
        defer { unlink("\(path).png") }
        let surface = try #require(cairo_image_surface_create_from_png("\(path).png"))
        defer { cairo_surface_destroy(surface) }
        let data = try #require(cairo_image_surface_get_data(surface))
        let stride = Int(cairo_image_surface_get_stride(surface))
        var ink: [Bool] = []
        for y in 0..<120 { for x in 0..<600 { ink.append(data[y * stride + x * 4] < 128) } }
        return Window(width: 600, height: 120, ink: ink).cropped
    }

    /// Share of the ink that lies on or beside ink of the other, the worse of both ways, at the best shift of a dot.
    private func agreement(_ one: Window, _ other: Window) -> Double {
        let (wideOne, wideOther) = (widened(one), widened(other))
        var best = 0.0
        for dy in -1...1 {
            for dx in -1...1 {
                best = max(best, min(covered(one, by: wideOther, dx, dy), covered(other, by: wideOne, -dx, -dy)))
            }
        }
        return best
    }

    /// Ink with the dots right, left, above and below it.
    private func widened(_ window: Window) -> Set<Int> {
        var dots: Set<Int> = []
        for y in 0..<window.height {
            for x in 0..<window.width where window.ink[y * window.width + x] {
                for (column, row) in [(x, y), (x + 1, y), (x - 1, y), (x, y + 1), (x, y - 1)] {
                    dots.insert(row * 4096 + column)
                }
            }
        }
        return dots
    }

    private func covered(_ one: Window, by dots: Set<Int>, _ dx: Int, _ dy: Int) -> Double {
        var hits = 0
        for y in 0..<one.height {
            for x in 0..<one.width where one.ink[y * one.width + x] && dots.contains((y + dy) * 4096 + x + dx) {
                hits += 1
            }
        }
        return Double(hits) / Double(max(one.count, 1))
    }

    private func mirrored(_ window: Window) -> Window {
        var ink: [Bool] = []
        for row in 0..<window.height {
            ink += window.ink[row * window.width..<(row + 1) * window.width].reversed()
        }
        return Window(width: window.width, height: window.height, ink: ink)
    }
}
