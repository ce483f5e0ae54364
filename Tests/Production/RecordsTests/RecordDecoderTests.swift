import Ground
import Pixels
import Records
import Stations
import Testing

struct RecordDecoderTests {
    @Test("A well made record is read field by field") func reads() throws {
        for record in try World.records(6) {
            guard case .record(let read) = RecordDecoder().decode(RecordEncoder.encode(record), name: "x") else {
                Issue.record("refused: \(World.problems(RecordEncoder.encode(record)))")
                continue
            }
            #expect(read == record)
        }
    }

    struct Fault: Sendable {
        let path: String
        let value: JSONValue?
        let code: SakkError.Code
        var field: String { path }
        init(_ path: String, _ value: JSONValue?, _ code: SakkError.Code) {
            self.path = path
            self.value = value
            self.code = code
        }
    }

    static let faults: [Fault] = [
        Fault("names.latin.surname", "al-jubouri", "record.field.script"),
        Fault("names.latin.given", "ZAÏNAB", "record.field.script"),
        Fault("names.latin.given", " ZAINAB", "record.field.script"),
        Fault("names.latin.given", "", "record.field.length"),
        Fault("names.arabic.given", "ZAINAB", "record.field.script"),
        Fault("names.arabic.given", "زينب۱", "record.field.script"),
        Fault("names.sorani.given", "علي", "record.field.script"),
        Fault("names.sorani.father", "كاظم", "record.field.script"),
        Fault("names.sorani.father", nil, "record.field.missing"),
        Fault("names.sorani", "x", "record.field.type"),
        Fault("names.latin.title", "DR", "record.field.unknown"),
        Fault("national_number", "19901234567", "record.field.length"),
        Fault("national_number", "19901234567A", "record.field.form"),
        Fault("national_number", 199_012_345_678, "record.field.type"),
        Fault("document_number", "A12345678", "record.field.form"),
        Fault("document_number", "au1234567", "record.field.form"),
        Fault("document_type", "P", "record.field.value"),
        Fault("product", "iq-library-card", "record.field.value"),
        Fault("issue_number", 0, "record.field.value"),
        Fault("issue_number", "1", "record.field.type"),
        Fault("sex", "W", "record.field.value"),
        Fault("blood_group", "C+", "record.field.value"),
        Fault("date_of_birth", "2026-02-30", "record.field.form"),
        Fault("date_of_birth", "2026-03-02", "record.date.order"),
        Fault("date_of_issue", "2050-01-01", "record.date.order"),
        Fault("delivery.route", "pigeon", "record.field.value"),
        Fault("delivery.destination", "office one", "record.field.form"),
        Fault("priority", ["class": "campaign"], "record.priority.reason"),
        Fault("priority", ["class": "friend"], "record.field.value"),
        Fault("approved_at", "2026-02-27T10:00:00+03:00", "record.field.form"),
        Fault("portrait.data", "AAA", "record.field.form"),
        Fault("portrait.data", "AAAA", "image.truncated"),
        Fault("portrait.data", .string(String(repeating: "A", count: 80_004)), "record.portrait.bytes"),
        Fault("portrait.format", "bmp", "record.field.value"),
        Fault("portrait", nil, "record.field.missing"),
        Fault("colour_of_eyes", "brown", "record.field.unknown"),
        Fault("schema", "sakk.record/2", "record.schema"),
    ]

    @Test("Each wrong field is named with its code", arguments: faults) func refuses(_ fault: Fault) throws {
        let record = try #require(try World.records(1).first)
        let content = RecordEncoder.json(record).setting(fault.path.split(separator: ".").map(String.init), fault.value)
        let problems = World.problems(content.canonical)
        #expect(problems.contains { $0.code == fault.code && $0.field.hasPrefix(fault.path) }, "\(problems)")
    }

    @Test("An expiry that is not after the approval is refused") func expired() throws {
        let content = try World.content {
            $0["date_of_issue"] = "2016-01-01"
            $0["date_of_expiry"] = "2026-01-01"
        }
        #expect(World.problems(content).map(\.code) == ["record.date.expired"])
    }

    @Test("All problems of a record come at once") func all() throws {
        let content = try World.content {
            $0["sex"] = "W"
            $0["national_number"] = "1"
            $0["authority"] = nil
        }
        #expect(Set(World.problems(content).map(\.field)) == ["sex", "national_number", "authority"])
    }

    @Test("What is not strict JSON in UTF-8 is refused as a whole") func syntax() {
        #expect(World.problems([]).map(\.code) == ["record.syntax"])
        #expect(World.problems([0xFF, 0xFE, 0x00]).map(\.code) == ["record.encoding"])
        #expect(World.problems(Bytes("[]".utf8)).map(\.code) == ["record.syntax"])
        #expect(World.problems(Bytes("{\"schema\":\"a\",\"schema\":\"b\"}".utf8)).map(\.code) == ["record.syntax"])
        #expect(World.problems(Bytes(repeating: 0x20, count: 400_001)).map(\.code) == ["record.too_large"])
    }

    @Test("A portrait must have the size, shape and substance of one") func portraits() throws {
        func code(_ image: Bytes) throws -> [SakkError.Code] {
            let record = try #require(try World.records(1).first)
            var changed = record
            changed.portrait = .init(format: .jpeg, bytes: image)
            return World.problems(RecordEncoder.encode(changed)).map(\.code)
        }
        let good = try #require(try World.records(1).first).portrait.bytes
        let picture = try JPEG.decode(good)
        #expect(
            try code(JPEG.encode(picture.resized(width: 200, height: 257), quality: 80)) == ["record.portrait.size"])
        #expect(
            try code(JPEG.encode(picture.resized(width: 400, height: 400), quality: 50)) == ["record.portrait.aspect"])
        let grey = RGBImage(width: 413, height: 531, filledWith: RGBColour(128, 128, 128))
        #expect(try code(JPEG.encode(grey, quality: 80)) == ["record.portrait.blank"])
        #expect(try code(Bytes(good.dropLast(100))) == ["image.truncated"])
        #expect(try code(good + [0]) == ["image.trailing"])
        #expect(try code(good + good) == ["image.second"])
    }

    @Test("A problem never repeats what the record said") func discreet() throws {
        let content = try World.content { $0["national_number"] = "SECRET-VALUE" }
        #expect(!World.problems(content).description.contains("SECRET-VALUE"))
    }
}
