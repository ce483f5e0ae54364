import Ground
import PlantPrinter
import Testing

/// The virtual printer against the conversations that were written by hand from the published facts. The driver is
/// judged by the same files elsewhere; neither is judged by the other.
@Suite struct TranscriptTests {
    static let names = MachineTranscript.names("evolis-esc", besides: ["raster"])

    @Test func thereAreTranscriptsForBothSides() {
        #expect(Self.names.count >= 20)
    }

    @Test(arguments: names)
    func theMachineAnswersAsWritten(file: String) throws {
        let transcript = try MachineTranscript("evolis-esc", file)
        let mechanism = FakeMechanism()
        let machine = EvolisMachine(
            plate: EvolisMachine.Plate(model: "KC200B", serial: "SAKK-PR-0001", firmware: "1.0-virtual"),
            mechanism: mechanism, panelsPrinted: transcript.number("panels"), cardsTaken: transcript.number("cards"))
        var heard = Bytes()
        for line in transcript.lines {
            switch line {
            case .sent(let bytes):
                #expect(heard.isEmpty, "an answer that was not written: \(String(decoding: heard, as: UTF8.self))")
                // in transfers of 512 bytes and less, as they come over a full speed bus
                for start in stride(from: 0, to: bytes.count, by: 509) {
                    heard += machine.receive(Bytes(bytes[start..<min(start + 509, bytes.count)]))
                }
            case .answered(let bytes):
                #expect(String(decoding: heard, as: UTF8.self) == String(decoding: bytes, as: UTF8.self))
                heard = []
            case .reset: machine.softReset()
            case .port: Issue.record("a machine of this family has no such port")
            // its counters stand there from the beginning
            case .world(let words): #expect(mechanism.obey(words) || ["panels", "cards"].contains(words[0]))
            }
        }
        #expect(heard.isEmpty)
    }
}
