import Foundation
import Ground
import Ledger
import Testing

@testable import Console

/// The API's description against what the API answers.
struct DescriptionTests {
    private static let password = "four green apples"

    private func operations(_ rig: ConsoleRig) async throws -> [(method: String, path: String, operation: JSONValue)] {
        let document = try await Browser(console: rig.console).get("/openapi.json").json
        let paths = try #require(document["paths"]?.object)
        return paths.sorted { $0.key < $1.key }.flatMap { path, methods in
            (methods.object ?? [:]).map { ($0.key.uppercased(), path, $0.value) }
        }
    }

    @Test("It has every route of the API and no other, each with a name of its own, its parameters and its fields")
    func complete() async throws {
        let rig = try await ConsoleRig()
        let operations = try await operations(rig)
        let routes = rig.console.routes.filter(\.isInAPI)
        #expect(
            Set(operations.map { "\($0.method) \($0.path)" })
                == Set(routes.map { "\($0.method) /api\($0.path == "/" ? "" : $0.path)" }))
        #expect(Set(operations.compactMap { $0.operation["operationId"]?.string }).count == routes.count)
        for (method, path, operation) in operations {
            let inPath = (operation["parameters"]?.array ?? []).filter { $0["in"]?.string == "path" }
            let names = path.split(separator: "/").filter { $0.hasPrefix("{") }.map {
                String($0.dropFirst().dropLast())
            }
            #expect(inPath.compactMap { $0["name"]?.string } == names, "\(path)")
            let schema = operation["requestBody"]?["content"]?["application/json"]?["schema"]
            #expect((schema != nil) == (method == "POST"), "\(path)")
            #expect(schema?["properties"]?.object?.keys.contains { $0.contains("*") } != true, "\(path)")
        }
    }

    @Test("Words of an address that a route reads are in it, and no others")
    func queries() async throws {
        let rig = try await ConsoleRig()
        let root = Console.sources
        var read: Set<String> = []
        for case let name as String in try #require(FileManager.default.enumerator(atPath: root))
        where name.hasSuffix(".swift") {
            let text = try String(contentsOfFile: root + "/" + name, encoding: .utf8)
            read.formUnion(text.matches(of: /ask\.query\["([a-z_]+)"\]/).map { String($0.1) })
        }
        // of pages alone: the door, and the streams
        #expect(read.contains("of") && read.contains("from"))
        let named = Set(rig.console.routes.flatMap(\.query))
        #expect(read.subtracting(["to"]).isSubset(of: named), "\(read.subtracting(named))")
    }

    @Test("Every answer is as it says: the object of its schema, the paper or the picture, or an error with its words")
    func answers() async throws {
        let rig = try await ConsoleRig(hasDesk: true)
        try await rig.produce(["office office-halabja"])
        let person = try await rig.add(
            "sara", Set(PersonRole.allCases).subtracting([.auditor]), password: DescriptionTests.password)
        let pattern = /sakk\.console-[a-z-]+\/1/
        var done = 0
        for (method, path, operation) in try await operations(rig) {
            let browser = try await rig.browser(person)
            let address = path.replacing("{line}", with: "l1").replacing("{cell}", with: "c1")
                .replacing("{production}", with: "P-1").replacing("{batch}", with: "B-1")
                .replacing("{blank}", with: "G:1").replacing("{person}", with: "sara")
                .replacing(/\{[a-z]+\}/, with: "X1")
            let reply = try await method == "GET" ? browser.get(address) : browser.post(address)
            let type = String((reply.header("content-type") ?? "").split(separator: ";")[0])
            guard reply.status == 200 || reply.status == 202 else {
                #expect(reply.status >= 400 && type == "application/json", "\(method) \(path): \(reply.status)")
                let problem = try reply.json
                #expect(problem["schema"]?.string == "sakk.error/1", "\(method) \(path)")
                for name in ["code", "text", "remedy"] { #expect(problem[name]?.string != nil, "\(path) \(name)") }
                continue
            }
            done += 1
            let said = try #require(operation["responses"]?[String(reply.status)]?["content"]?.object)
            #expect(
                said.keys.contains(type) || said.keys.contains(type.prefix { $0 != "/" } + "/*"), "\(path): \(type)")
            guard said[type]?["schema"]?["$ref"]?.string?.hasSuffix("/Answer") == true else { continue }
            let schema = try reply.json["schema"]?.string ?? ""
            #expect(schema.wholeMatch(of: pattern) != nil, "\(method) \(path): \(schema)")
        }
        #expect(done >= 40, "answers that are no refusals: \(done)")
    }
}

extension Console {
    /// The folder of the module's own sources.
    static let sources =
        "/" + #filePath.split(separator: "/").dropLast(4).joined(separator: "/") + "/Sources/Operator/Console"
}
