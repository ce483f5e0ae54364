import Foundation
import Ground
import Testing

/// BER-TLV of whole published groups and templates, written and read back.
@Suite struct ObjectVectorTests {
    private func entries(_ kind: String) throws -> [[String: Any]] {
        let url = try #require(
            Bundle.module.url(forResource: "icao-lds", withExtension: "json", subdirectory: "Vectors"))
        let root = try #require(try JSONSerialization.jsonObject(with: Data(contentsOf: url)) as? [String: Any])
        return try #require(root["entries"] as? [[String: Any]]).filter { $0["kind"] as? String == kind }
    }

    private func bytes(_ digits: String) throws -> Bytes { try #require(Bytes(hex: digits)) }

    /// A node is a tag and either its value or the nodes inside it.
    private func object(_ node: Any, text: Set<String>) throws -> TLV {
        let pair = try #require(node as? [Any])
        let name = try #require(pair.first as? String)
        let digits = try bytes(name)
        let tag = UInt32(try #require(BigEndian.unsigned(digits)))
        if let children = pair[1] as? [Any] { return TLV(tag, try children.map { try object($0, text: text) }) }
        let value = try #require(pair[1] as? String)
        return TLV(tag, text.contains(name) ? Bytes(value.utf8) : try bytes(value))
    }

    /// Looks into what is constructed, all the way down.
    private func same(_ object: TLV, _ expected: TLV) -> Bool {
        guard object.tag == expected.tag, object.value == expected.value else { return false }
        guard expected.isConstructed, let inner = object.children, let wanted = expected.children else { return true }
        return inner.count == wanted.count && zip(inner, wanted).allSatisfy { same($0, $1) }
    }

    @Test func `Every published group is the bytes of its objects, and its objects are read from them`() throws {
        let all = try entries("data_group_tlv")
        #expect(all.count == 6)
        for entry in all {
            let inputs = try #require(entry["inputs"] as? [String: Any])
            let nodes = try #require(inputs["nodes"] as? [Any])
            let text = Set(try #require(inputs["text"] as? [String]))
            let file = try #require((entry["expected"] as? [String: Any])?["file"] as? String)
            let objects = try nodes.map { try object($0, text: text) }
            let built = try #require(objects.first)
            #expect(built.encoded.hex == file, "\(entry["id"] ?? "")")
            let written = try bytes(file)
            let read = try #require(TLV.parse(written))
            #expect(same(read, built))
        }
    }

    @Test func `Every published template is read as its tree`() throws {
        let all = try entries("tlv_tree")
        #expect(all.count == 3)
        for entry in all {
            let data = try #require((entry["inputs"] as? [String: Any])?["data"] as? String)
            let tree = try #require((entry["expected"] as? [String: Any])?["tree"] as? [Any])
            let written = try bytes(data)
            let read = try #require(TLV.parseAll(written))
            let wanted = try tree.map { try object($0, text: []) }
            #expect(read.count == wanted.count && zip(read, wanted).allSatisfy { same($0, $1) })
            #expect(wanted.flatMap(\.encoded).hex == data)
        }
    }
}
