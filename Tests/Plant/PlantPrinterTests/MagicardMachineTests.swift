import Ground
import PlantPrinter
import Testing

/// The hazards of the family, as the machine has them: a driver that is careless is caught by what lies on the cards.
@Suite struct MagicardMachineTests {
    private let mechanism = FakeMechanism()
    private let machine: MagicardMachine

    init() {
        machine = MagicardMachine(
            plate: MachinePlate(model: "Enduro+", serial: "B-1", firmware: "3"), mechanism: mechanism,
            plane: (16, 8), pictureHeight: 12)
    }

    @discardableResult private func say(_ text: String) -> [Bytes] {
        machine.receive(Bytes(repeating: 5, count: 9) + [1] + Bytes(text.utf8) + [0x1C, 0x03])
    }

    private func plane(_ letter: String, _ data: Bytes) -> Bytes { data + [0x1C] + Bytes(letter.utf8) + [0x3A] }

    /// Fields, planes and end of a job.
    private func job(_ fields: String, _ planes: Bytes, end: Bytes = [3]) {
        #expect(
            machine.receive(Bytes(repeating: 5, count: 64) + [1] + Bytes(fields.utf8) + [0x1C] + planes + end).isEmpty)
    }

    private func number(_ key: String) -> Int? {
        let answer = say("REQ,STA,\(key),").first ?? []
        return Int(String(decoding: answer.dropFirst(8).dropLast(2), as: UTF8.self))
    }

    private static let black = Bytes(repeating: 0xFF, count: 16)
    private var front: Bytes {
        ["B", "G", "R"].flatMap { plane($0, Bytes(repeating: 0, count: 96)) } + plane("K", Self.black)
    }
    private static let fields = ",LC8,PAG1,DPXOFF,OVRON,EJTOFF,SZB96,SZG96,SZR96,SZK16"

    @Test func nothingIsPrintedBeforeTheJobsLastByte() {
        say("FEED0,")
        job(Self.fields, front, end: [])
        #expect(mechanism.lays.isEmpty)
        _ = machine.receive([3])
        #expect(mechanism.lays.map(\.panel) == ["y", "m", "c", "k", "o"])
        #expect(mechanism.lays[3].dots == Bytes(repeating: 255, count: 96))
        #expect(number("TPQ") == 5)
    }

    @Test func aJobThatIsDroppedIsNotPrintedAndStaysInMemory() {
        say("FEED0,")
        job(Self.fields, front, end: [])
        machine.softReset()
        #expect(mechanism.lays.isEmpty)
        #expect(number("TPQ") == 0)
        // a job that brings no planes prints what lies there
        job(",LC8,PAG1,DPXOFF,OVROFF,EJTOFF", [])
        #expect(mechanism.lays.last?.panel == "k")
        #expect(mechanism.lays.last?.dots == Bytes(repeating: 255, count: 96))
    }

    @Test func aJobThatIsCutOffLeavesItsFirstPartOverTheOldPlane() {
        say("FEED0,")
        job(Self.fields, front, end: [])
        machine.softReset()
        _ = machine.receive([1] + Bytes(",LC8,SZK16".utf8) + [0x1C] + Bytes(repeating: 0, count: 8))
        machine.softReset()
        job(",LC8,PAG1,DPXOFF,OVROFF,EJTOFF", [])
        let dots = mechanism.lays.last?.dots ?? []
        #expect(dots.first == 0 && dots.last == 255, "half of each")
    }

    @Test func whatFollowsHalfAJobIsTakenForItsData() {
        say("FEED0,")
        _ = machine.receive([1] + Bytes(Self.fields.utf8) + [0x1C])
        #expect(say("REQ,STA,TCQ,").isEmpty)
        machine.softReset()
        #expect(number("TCQ") == 1)
    }

    @Test func withoutTheFieldThatKeepsItTheCardGoesOutByItself() {
        say("FEED0,")
        job(Self.fields.replacing(",EJTOFF", with: ""), front)
        #expect(mechanism.ejected == [.good])
    }

    @Test func aPlaneWithoutItsMarkOrForAnotherRibbonIsRefused() {
        say("FEED0,")
        var broken = front
        broken[97] = 0x58
        job(Self.fields, broken)
        job(Self.fields.replacing("LC8", with: "LC1"), front)
        job(Self.fields.replacing("PAG1", with: "PAG2"), front)
        #expect(mechanism.lays.isEmpty)
        #expect(machine.portStatus == 0x10)
    }

    @Test func aResetThrowsOutWhatIsInsideByTheGoodExit() {
        say("FEED0,")
        say("RST,")
        #expect(mechanism.ejected == [.good])
    }

    @Test func theTurnOverBetweenTwoPagesIsTheMachinesOwn() {
        say("FEED0,")
        job(Self.fields.replacing("DPXOFF", with: "DPXON"), front)
        job(",LC8,PAG2,DPXON,BACK,OVROFF,EJTOFF,SZK16", plane("K", Self.black))
        #expect(mechanism.lays.map(\.side) == [.front, .front, .front, .front, .front, .back])
    }

    @Test func aHoleInTheOvercoatIsWhereTheFieldsSay() {
        say("FEED0,")
        job(Self.fields + ",NCT2,3,5,7", front)
        let dots = mechanism.lays.last?.dots ?? []
        #expect(dots.count == 96)
        #expect(dots.indices.filter { dots[$0] == 0 } == [26, 27, 28, 34, 35, 36, 42, 43, 44, 50, 51, 52])
    }

    @Test func junkBeforeAFrameIsDropped() {
        #expect(machine.receive(Bytes("hello".utf8)).isEmpty)
        #expect(number("TCQ") == 0)
    }
}
