import Ground
import Testing

@testable import PlantWorld

@Suite struct ScenarioTests {
    private func refusal(_ yaml: String) -> SakkError? {
        do {
            _ = try Scenario(yaml: yaml, path: "world.yaml")
            return nil
        } catch {
            return error
        }
    }

    private let good = TestWorld.yaml(blanks: 3)

    @Test func aWholeScenarioIsRead() throws {
        let scenario = try Scenario(
            yaml: TestWorld.yaml(
                blanks: 3, faults: "  faults:\n    - {at_feed: 9, kind: missing_panel, panel: k, side: back}"),
            path: "world.yaml")
        #expect(scenario.seed == 7)
        #expect(scenario.blanks.count == 3)
        #expect(scenario.blanks.batch == 0x2601)
        #expect(scenario.blanks.firstSerial == 0x00A1_0000)
        #expect(scenario.blanks.masterKey.first == 0x40)
        #expect(scenario.printer.ejectsOnPowerUp)
        #expect(scenario.printer.goodCapacity == 6)
        #expect(scenario.faults.map(\.kind) == [.missingPanel])
        #expect(scenario.faults.first?.panel == "k")
        #expect(scenario.faults.first?.side == .back)
    }

    @Test(arguments: [
        ("  seed: 7", "  seed: 7\n  colour: red", "world.colour"),
        ("    model: KC200B", "    model: KC200B\n    speed: 3", "printer.speed"),
        ("    address: 127.0.0.1", "    address: 127.0.0.1\n    lens: 1", "camera.lens"),
        ("    count: 3", "    count: many", "blanks.count"),
        ("    count: 3", "    count: -3", "blanks.count"),
        ("    count: 3", "    count: [3]", "blanks.count"),
        ("    count: 3\n", "", "blanks.count"),
        ("404142434445464748494A4B4C4D4E4F", "4041", "blanks.master_key"),
        ("ejects_on_power_up: true", "ejects_on_power_up: perhaps", "printer.ejects_on_power_up"),
        ("sakk: 1", "sakk: 2", "sakk"),
    ])
    func whatIsWrongIsNamed(part: String, other: String, word: String) {
        #expect(good.contains(part), "the example has that part")
        let error = refusal(good.replacing(part, with: other))
        #expect(error?.code == "plant.scenario")
        #expect(error?.source == "world.yaml")
        #expect(error?.text.contains(word) == true, "\(error?.text ?? "nothing is refused")")
    }

    @Test(arguments: [
        ("{at_feed: 1, kind: melted}", "melted"), ("{at_feed: 0, kind: jam}", "at_feed"), ("{kind: jam}", "at_feed"),
        ("{at_feed: 1}", "kind"), ("{at_feed: 1, kind: missing_panel}", "panel"),
        ("{at_feed: 1, kind: missing_panel, panel: q}", "panel"), ("{at_feed: 1, kind: mute_chip, panel: k}", "panel"),
        ("{at_feed: 1, kind: power_cut}", "after_panels"), ("{at_feed: 1, kind: jam, at: moon}", "at"),
        ("{at_feed: 1, kind: jam, often: 2}", "often"), ("jam", "faults"),
    ])
    func aFaultThatIsNoneIsNamed(fault: String, word: String) {
        let error = refusal(TestWorld.yaml(blanks: 3, faults: "  faults:\n    - \(fault)"))
        #expect(error?.code == "plant.scenario")
        #expect(error?.text.contains(word) == true, "\(error?.text ?? "nothing is refused")")
    }

    @Test(arguments: ["", "- 1", "world: [", "sakk: 1", "sakk: 1\nworld: 3"])
    func whatIsNoScenarioIsRefused(text: String) {
        #expect(refusal(text)?.code == "plant.scenario")
    }

    @Test func aFileThatIsNotThereIsRefused() {
        let error = #expect(throws: SakkError.self) { try Scenario(path: "/nowhere/world.yaml") }
        #expect(error?.code == "plant.scenario")
        #expect(error?.source == "/nowhere/world.yaml")
    }
}
