import Ground
import PlantPrinter
import Testing

/// The virtual printer of the Magicard family against conversations whose bytes were put together apart from it.
@Suite struct MagicardTranscriptTests {
    static let names = MachineTranscript.names("magicard")

    @Test func thereAreTranscriptsForBothSides() {
        #expect(Self.names.count >= 18)
    }

    @Test(arguments: names)
    func theMachineAnswersAsWritten(file: String) throws {
        let mechanism = FakeMechanism()
        let machine = MagicardMachine(
            plate: MachinePlate(model: "Enduro+", serial: "SAKK-MC-0001", firmware: "3.01v"), mechanism: mechanism,
            cardsTaken: 200, panelsPrinted: 1200)
        var heard: [Bytes] = []
        for line in try MachineTranscript("magicard", file).lines {
            switch line {
            case .sent(let bytes):
                #expect(heard.isEmpty, "an answer that was not written: \(heard.map(\.hex))")
                for start in stride(from: 0, to: bytes.count, by: 60_001) {
                    heard += machine.receive(Bytes(bytes[start..<min(start + 60_001, bytes.count)]))
                }
            case .answered(let bytes):
                #expect(heard.first?.hex == bytes.hex)
                heard = Array(heard.dropFirst())
            case .reset: machine.softReset()
            case .port(let status): #expect(machine.portStatus == status)
            case .world(let words): #expect(mechanism.obey(words))
            }
        }
        #expect(heard.isEmpty)
    }
}
