import Foundation
import Ground
import Testing

/// A file of published vectors (`Vectors/*.json`); each entry names its source.
struct VectorFile {
    struct Entry: Sendable, CustomTestStringConvertible {
        let id: String
        let inputs: Node
        let expected: Node
        var testDescription: String { id }
    }

    /// A JSON value that fails the test when it is not what is asked of it. Parsed once and never changed.
    struct Node: @unchecked Sendable {
        let raw: Any?
        subscript(key: String) -> Node { Node(raw: (raw as? [String: Any])?[key]) }
        var isPresent: Bool { raw != nil && !(raw is NSNull) }
        var text: String { get throws { try #require(raw as? String) } }
        var number: Int { get throws { try #require(raw as? Int) } }
        var flag: Bool { get throws { try #require(raw as? Bool) } }
        var list: [Node] { get throws { try #require(raw as? [Any]).map { Node(raw: $0) } } }
        var bytes: Bytes {
            get throws {
                let digits = try text
                return try #require(Bytes(hex: digits))
            }
        }
        var byte: UInt8 { get throws { try #require(try bytes.first) } }
        func secret() throws -> SecretBytes {
            var plain = try bytes
            return SecretBytes(wiping: &plain)
        }
    }

    /// All entries of a kind; at least one, or the file is not the one it should be.
    static func entries(_ file: String, _ kind: String) throws -> [Entry] {
        let url = try #require(Bundle.module.url(forResource: file, withExtension: "json", subdirectory: "Vectors"))
        let root = Node(raw: try JSONSerialization.jsonObject(with: Data(contentsOf: url)))
        let chosen = try root["entries"].list.filter { try $0["kind"].text == kind }
        try #require(!chosen.isEmpty)
        return try chosen.map { Entry(id: try $0["id"].text, inputs: $0["inputs"], expected: $0["expected"]) }
    }
}
