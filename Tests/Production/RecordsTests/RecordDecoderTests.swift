import Ground
import Pixels
import Stations
import Testing

@testable import Records

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

    /// A finger image record around a picture; fields by name are changed.
    private func finger(_ picture: Bytes, _ change: (inout [String: Bytes]) -> Void = { _ in }) -> Bytes {
        var fields: [String: Bytes] = [
            "magic": Bytes("FIR\0010\0".utf8), "length": BigEndian.bytes(UInt64(46 + picture.count)).suffix(6),
            "device": [0, 0, 0, 31], "counts": [1, 1], "resolution": [1, 0xF4, 1, 0xF4, 1, 0xF4, 1, 0xF4],
            "form": [8, 0, 0, 0], "block": BigEndian.bytes(UInt32(14 + picture.count)), "view": [2, 1, 1, 254, 0],
            "size": [0, 64, 0, 80], "end": [0],
        ]
        change(&fields)
        return ["magic", "length", "device", "counts", "resolution", "form", "block", "view", "size", "end"]
            .flatMap { fields[$0] ?? [] } + picture
    }

    private func refusals(_ data: Bytes, position: Int64 = 2) throws -> [SakkError.Code] {
        let record = try #require(try World.records(1, product: "iq-residence-card").first)
        let fingers: JSONValue = [["position": .integer(position), "data": .string(Base64.encode(data))]]
        return World.problems(RecordEncoder.json(record).setting(["fingers"], fingers).canonical).map(\.code)
    }

    @Test("A finger is taken as a whole record of ISO/IEC 19794-4, in each way that its picture may be compressed")
    func fingers() throws {
        let grey = GrayImage(width: 64, height: 80, values: (0..<5120).map { UInt8(truncatingIfNeeded: $0 * 7) })
        // white and black level, height, width of its frame header, then a block of data
        let wsq =
            Bytes(hex: "FFA0FFA40005010203FFA2001100FF00500040000000000000000000FFA3000301")! + [7, 7, 7, 0xFF, 0xA1]
        let pictures: [(UInt8, Bytes)] = [
            (0, grey.values), (2, wsq), (3, try JPEG.encode(grey.rgb, quality: 80)),
            (4, try JPEG2000.encode(grey, ratio: 4)), (5, try PNG.encode(grey)),
        ]
        for (compression, picture) in pictures {
            #expect(try refusals(finger(picture) { $0["form"] = [8, compression, 0, 0] }) == [], "\(compression)")
            let cut = Bytes(picture.dropLast(30))
            #expect(
                try refusals(finger(cut) { $0["form"] = [8, compression, 0, 0] }) == ["record.finger.form"],
                "\(compression)")
            // the header's size is the picture's
            let other = finger(picture) { fields in
                fields["form"] = [8, compression, 0, 0]
                fields["size"] = [0, 65, 0, 80]
            }
            #expect(try refusals(other) == ["record.finger.form"], "\(compression)")
        }
    }

    @Test(
        "A finger whose headers say something else is refused",
        arguments: [
            ("magic", Bytes("FIR\0020\0".utf8)), ("magic", Bytes("FAC\0010\0".utf8)),
            ("length", [0, 0, 0, 0, 0x14, 0x2D]),
            ("counts", [2, 1]), ("counts", [1, 0]), ("resolution", Bytes(repeating: 0, count: 8)),
            ("form", [1, 0, 0, 0]), ("form", [8, 1, 0, 0]), ("form", [8, 6, 0, 0]), ("block", [0, 0, 0x14, 0x0F]),
            ("view", [3, 1, 1, 254, 0]), ("view", [2, 2, 1, 254, 0]), ("size", [0, 0, 0, 80]), ("end", []),
        ] as [(String, Bytes)])
    func wrongFinger(field: String, value: Bytes) throws {
        let values = Bytes(repeating: 9, count: 64 * 80)
        #expect(try refusals(finger(values)) == [])
        #expect(try refusals(finger(values) { $0[field] = value }) == ["record.finger.form"])
    }

    @Test("Fingers come once each, in order, not too large, and only to a product that has them") func fingerOrder()
        throws
    {
        let good = finger(Bytes(repeating: 9, count: 64 * 80))
        func entry(_ position: Int64, _ data: Bytes) -> JSONValue {
            ["position": .integer(position), "data": .string(Base64.encode(data))]
        }
        func problems(_ fingers: JSONValue, product: String = "iq-residence-card") throws -> Set<SakkError.Code> {
            let record = try #require(try World.records(1, product: product).first)
            return Set(
                World.problems(RecordEncoder.json(record).setting(["fingers"], fingers).canonical).map(\.code))
        }
        let left = finger(Bytes(repeating: 9, count: 64 * 80)) { $0["view"] = [7, 1, 1, 254, 0] }
        #expect(try problems([entry(2, good), entry(7, left)]) == [])
        #expect(try problems([entry(7, left), entry(2, good)]) == ["record.finger.order"])
        #expect(try problems([entry(2, good), entry(2, good)]) == ["record.finger.order"])
        #expect(try problems([]) == ["record.field.length"])
        #expect(try problems([entry(11, good)]) == ["record.field.value"])
        #expect(try problems([["position": 2, "data": "AAA"]]) == ["record.field.form"])
        #expect(try problems([["position": 2, "data": "AAAA", "name": "x"]]).contains("record.field.unknown"))
        #expect(try problems(["x"]) == ["record.field.type"])
        #expect(try problems([entry(2, Bytes(repeating: 0, count: 60_003))]) == ["record.finger.bytes"])
        #expect(try problems([entry(2, good)], product: "iq-national-id") == ["record.field.value"])
        // what is wrong with a finger is told without a byte of it
        let told = World.problems(
            RecordEncoder.json(try #require(try World.records(1, product: "iq-residence-card").first))
                .setting(["fingers"], [entry(2, Bytes("SECRET-FINGER".utf8))]).canonical)
        #expect(told.map(\.field) == ["fingers.0.data"] && !told.description.contains("SECRET"))
        #expect(!told.description.contains(Base64.encode(Bytes("SECRET-FINGER".utf8))))
    }

    @Test("A problem never repeats what the record said") func discreet() throws {
        let content = try World.content { $0["national_number"] = "SECRET-VALUE" }
        #expect(!World.problems(content).description.contains("SECRET-VALUE"))
    }
}
