import Ground
import PlantPrinter
import Testing

/// The virtual booklet laser against conversations whose bytes were put together apart from it.
@Suite struct IXLATranscriptTests {
    static let names = MachineTranscript.names("ixla-xml")

    private static func apply(_ words: [String], to mechanism: FakeMechanism, _ machine: IXLAMachine) {
        var laid = mechanism.laid ?? MachineBooklet(number: nil)
        switch words[0] {
        case "next": mechanism.next = MachineBooklet(number: words[1])
        case "number": laid.number = words[1]
        case "category": laid.category = words[1]
        case "page": laid.isDataPage = words[1] == "data"
        case "upside-down": laid.isUpsideDown = true
        case "offset": (laid.x, laid.y) = (Int(words[1]) ?? 0, Int(words[2]) ?? 0)
        case "hot": mechanism.headIsHot = true
        case "laser": mechanism.laserWorks = words[1] != "off"
        case "reset": machine.resetAtDisplay()
        case "size": break
        default: #expect(mechanism.obey(words))
        }
        mechanism.laid = laid
    }

    @Test func thereAreTranscriptsForBothSides() {
        #expect(Self.names.count >= 30)
    }

    @Test(arguments: names)
    func theMachineAnswersAsWritten(file: String) throws {
        let mechanism = FakeMechanism()
        let lines = try MachineTranscript("ixla-xml", file).lines
        let isSmall = lines.contains { if case .world(let words) = $0 { words == ["size", "5", "3"] } else { false } }
        let machine = IXLAMachine(
            plate: MachinePlate(model: "XP24", serial: "SAKK-IX-0001", firmware: "not told"), mechanism: mechanism,
            size: isSmall ? (5, 3) : (1478, 1040))
        var heard: [Bytes] = []
        for line in lines {
            switch line {
            case .sent(let bytes):
                #expect(
                    heard.isEmpty,
                    "an answer that was not written: \(heard.map { String(decoding: $0, as: UTF8.self) })")
                for start in stride(from: 0, to: bytes.count, by: 61) {
                    heard += machine.receive(Bytes(bytes[start..<min(start + 61, bytes.count)]))
                }
            case .answered(let bytes):
                #expect(
                    heard.first.map { String(decoding: $0, as: UTF8.self) } == String(decoding: bytes, as: UTF8.self))
                heard = Array(heard.dropFirst())
            case .reset, .port: Issue.record("a machine on the network has neither")
            case .world(let words): Self.apply(words, to: mechanism, machine)
            }
        }
        #expect(heard.isEmpty)
        if file == "print.txt" {
            #expect(mechanism.lays.map(\.dots) == [[255, 0, 128, 1, 254, 0, 0, 0, 0, 0, 7, 77, 177, 200, 255]])
        }
    }

    @Test func itEngravesTheAirWithoutAWord() throws {
        let mechanism = FakeMechanism()
        let machine = IXLAMachine(
            plate: MachinePlate(model: "XP24", serial: "S", firmware: "x"), mechanism: mechanism, size: (5, 3))
        var mark = Bytes()
        for case .sent(let bytes) in try MachineTranscript("ixla-xml", "print.txt").lines {
            let text = String(decoding: bytes, as: UTF8.self)
            if text.contains("Image=") || text.contains("marklayout") { mark += bytes }
        }
        let said = machine.receive(mark).map { String(decoding: $0, as: UTF8.self) }
        #expect(said.last == "<command name=\"MarkLayout\" executed=\"true\" >\r\n")
        #expect(machine.airMarks == 1)
        #expect(mechanism.lays.isEmpty)
    }

    @Test func anEndedConnectionDropsHalfACommandAndFinishesWhatBegan() throws {
        let mechanism = FakeMechanism()
        let machine = IXLAMachine(
            plate: MachinePlate(model: "XP24", serial: "S", firmware: "x"), mechanism: mechanism, size: (5, 3))
        machine.accept(Bytes("<command name=\"movepassport\" source=\"stacker\" destination=\"laser\" />".utf8))
        #expect(machine.respond()?.count == 1, "it was answered, and has not moved yet")
        #expect(mechanism.position == .empty)
        machine.accept(Bytes("<command name=\"eje".utf8))
        machine.softReset()
        #expect(mechanism.position == .at(.print))
        #expect(machine.receive(Bytes("ct\" />".utf8)).count <= 1)
        #expect(mechanism.position == .at(.print))
    }
}
