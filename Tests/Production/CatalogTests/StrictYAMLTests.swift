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

    @Test func aKeyThatIsAlmostTheMissingOneIsNamedWithItsLine() throws {
        let root = try ConfigurationFile(path: "line.yaml", text: "sakk: 1\nlime: L1\nid: C1").root
        let error = #expect(throws: SakkError.self) { try root.string("line") }
        #expect(error?.code == "config.missing")
        #expect(error?.text == "`line` is missing; line 2 has `lime`, which is no key.")
        let other = #expect(throws: SakkError.self) { try root.string("colour") }
        #expect(other?.text == "`colour` is missing.")
    }

    @Test(arguments: [
        ("sakk: 1\nline: L1\ncell C1\nx: 2", "x.yaml:4"), ("sakk: 1\nline: L1\n\tcell: C1", "x.yaml:3"),
        ("sakk: 1\nline: L1\nline: L2", "x.yaml:2"),
    ])
    func whatIsNoYAMLIsToldWithItsLineAndWithoutTheFile(text: String, source: String) {
        let error = #expect(throws: SakkError.self) { try ConfigurationFile(path: "x.yaml", text: text) }
        #expect(error?.code == "config.syntax")
        #expect(error?.source == source)
        #expect(error?.text.contains("L2") == false && error?.text.contains("\n") == false)
    }

    @Test(arguments: [
        ("", "config.syntax"), ("sakk: 2", "config.value"), ("a: [", "config.syntax"), ("a: 1", "config.missing"),
    ])
    func otherFormatsAreRefused(text: String, code: String) {
        let error = #expect(throws: SakkError.self) { try ConfigurationFile(path: "x.yaml", text: text) }
        #expect(error?.code.rawValue == code)
    }
}
