import Foundation
import Ground
import Stations

/// A line of the jobs' file: `sakk.inspect-job/1`.
struct InspectJob: Decodable {
    struct Expected: Decodable {
        var text: [String: String]?
        var mrz: [String]?
        var codes: [String: String]?
        var portrait: String?
    }

    let schema: String
    let id: String
    let side: String
    let reference: String
    let capture: String
    var pixelsPerMM: Double?
    var expected: Expected?

    private enum CodingKeys: String, CodingKey {
        case schema, id, side, reference, capture, expected
        case pixelsPerMM = "px_per_mm"
    }

    private struct Named: Decodable { let id: String }

    /// What can be known of a line that is no job.
    static func id(of line: String) -> String? {
        try? JSONDecoder().decode(Named.self, from: Data(line.utf8)).id
    }

    /// Nil for a line that is no job.
    init?(_ line: String) {
        guard let job = try? JSONDecoder().decode(InspectJob.self, from: Data(line.utf8)),
            job.schema == "sakk.inspect-job/1", CardSide(rawValue: job.side) != nil
        else { return nil }
        self = job
    }
}

/// `{"fields":[{"name","side","kind","rect_mm":[x,y,w,h]}]}`; a field without a side is on every one.
struct InspectFields {
    private struct File: Decodable {
        struct Field: Decodable {
            let name: String
            var side: String?
            let kind: String
            let rect: [Double]

            enum CodingKeys: String, CodingKey {
                case name, side, kind
                case rect = "rect_mm"
            }
        }
        let fields: [Field]
    }

    private let fields: [FieldPlace]

    init(path: String) throws(SakkError) {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw SakkError("file.missing", source: path, text: "The file cannot be read.", remedy: "Check the path.")
        }
        guard let file = try? JSONDecoder().decode(File.self, from: data) else { throw Self.invalid(path, nil) }
        var fields: [FieldPlace] = []
        for field in file.fields {
            guard let kind = FieldKind(rawValue: field.kind == "photo" ? "portrait" : field.kind),
                field.rect.count == 4, field.side.map({ CardSide(rawValue: $0) != nil }) ?? true
            else { throw Self.invalid(path, field.name) }
            let rect = RectMM(
                x: field.rect[0], y: field.rect[1], width: field.rect[2], height: field.rect[3])
            for side in CardSide.allCases where field.side ?? side.rawValue == side.rawValue {
                fields.append(FieldPlace(name: field.name, kind: kind, side: side, rect: rect, text: ""))
            }
        }
        self.fields = fields
    }

    func on(_ side: CardSide) -> [FieldPlace] { fields.filter { $0.side == side } }

    private static func invalid(_ path: String, _ field: String?) -> SakkError {
        SakkError(
            "file.fields", source: path, subject: field, text: "The places of the fields cannot be understood.",
            remedy: "Write the file with `sakk art render --fields-json`.")
    }
}
