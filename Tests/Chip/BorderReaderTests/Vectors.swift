import Foundation
import Ground
import Testing

/// Published vectors, as they lie in `Vectors/`.
struct VectorFile {
    let entries: [[String: Any]]

    init(_ name: String) throws {
        let url = try #require(Bundle.module.url(forResource: name, withExtension: "json", subdirectory: "Vectors"))
        let root = try #require(try JSONSerialization.jsonObject(with: Data(contentsOf: url)) as? [String: Any])
        entries = try #require(root["entries"] as? [[String: Any]])
    }

    func entry(_ id: String) throws -> Vector {
        Vector(try #require(entries.first { $0["id"] as? String == id }))
    }

    func entries(kind: String) -> [Vector] {
        entries.filter { $0["kind"] as? String == kind }.map(Vector.init)
    }
}

struct Vector {
    let raw: [String: Any]
    init(_ raw: [String: Any]) { self.raw = raw }

    var id: String { raw["id"] as? String ?? "" }
    func input(_ name: String) throws -> String { try #require((raw["inputs"] as? [String: Any])?[name] as? String) }
    func expected(_ name: String) throws -> String {
        try #require((raw["expected"] as? [String: Any])?[name] as? String)
    }
    func bytes(input name: String) throws -> Bytes { try #require(Bytes(hex: try input(name))) }
    func bytes(expected name: String) throws -> Bytes { try #require(Bytes(hex: try expected(name))) }
    func list(_ part: String, _ name: String) throws -> [[String: String]] {
        try #require((raw[part] as? [String: Any])?[name] as? [[String: String]])
    }
}

func hex(_ text: String) -> Bytes { Bytes(hex: text)! }
