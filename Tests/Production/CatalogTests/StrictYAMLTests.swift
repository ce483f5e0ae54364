import Catalog
import Ground
import Testing

@Suite struct StrictYAMLTests {
    private let text = """
        sakk: 1
        line: L1
        cell:
          id: C1
          speed_ms: 12
          colour: green
        """

    @Test func aKeyNobodyAsksForIsRefusedWithItsLine() throws {
        let root = try ConfigurationFile(path: "line.yaml", text: text).root
        _ = try root.string("line")
        let cell = try root.node("cell")
        _ = try cell.string("id")
        #expect(try cell.integer("speed_ms", in: 1...100) == 12)
        let error = #expect(throws: SakkError.self) { try root.finish() }
        #expect(error?.code == "config.unknown")
        #expect(error?.source == "line.yaml:6")
        #expect(error?.subject == "cell.colour")
    }

    @Test func aValueOfAnotherKindSaysWhatItMustBe() throws {
        let root = try ConfigurationFile(path: "line.yaml", text: text).root
        let error = #expect(throws: SakkError.self) { try root.integer("line") }
        #expect(error?.code == "config.value")
        #expect(error?.source == "line.yaml:2")
    }

    @Test(arguments: [
        ("", "config.syntax"), ("sakk: 2", "config.value"), ("a: [", "config.syntax"), ("a: 1", "config.missing"),
    ])
    func otherFormatsAreRefused(text: String, code: String) {
        let error = #expect(throws: SakkError.self) { try ConfigurationFile(path: "x.yaml", text: text) }
        #expect(error?.code.rawValue == code)
    }
}
