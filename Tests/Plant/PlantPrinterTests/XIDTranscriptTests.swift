import Ground
import PlantPrinter
import Testing

/// The virtual retransfer printer against conversations whose bytes were put together apart from it.
@Suite struct XIDTranscriptTests {
    static let names = MachineTranscript.names("g-printec-xid")

    @Test func thereAreTranscriptsForBothSides() {
        #expect(Self.names.count >= 18)
    }

    @Test(arguments: names)
    func theMachineAnswersAsWritten(file: String) throws {
        let mechanism = FakeMechanism()
        mechanism.ribbon = "ymckk"
        let machine = XIDMachine(
            plate: MachinePlate(model: "XID580", serial: "SAKK-XD-0001", firmware: "1.0v"), mechanism: mechanism,
            total: 200, head: 1200)
        let face = XIDBulkFace(machine)
        var heard: [Bytes] = []
        for line in try MachineTranscript("g-printec-xid", file).lines {
            switch line {
            case .sent(let bytes):
                #expect(heard.isEmpty, "an answer that was not written: \(heard.map(\.hex))")
                for start in stride(from: 0, to: bytes.count, by: 60_001) {
                    heard += face.receive(Bytes(bytes[start..<min(start + 60_001, bytes.count)]))
                }
            case .answered(let bytes):
                #expect(heard.first?.hex == bytes.hex)
                heard = Array(heard.dropFirst())
            case .reset: face.massStorageReset()
            case .port: Issue.record("a machine of this family has no such port")
            case .world(let words): #expect(mechanism.obey(words))
            }
        }
        #expect(heard.isEmpty)
    }
}
