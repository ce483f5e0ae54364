import Ground
import PlantPrinter
import Testing

/// The hazards of the family, as the machine has them: a driver that is careless is caught by what lies on the cards.
@Suite struct XIDMachineTests {
    private let mechanism = FakeMechanism()
    private let face: XIDBulkFace
    private static let plane = 1036 * 664

    init() {
        mechanism.ribbon = "ymckk"
        face = XIDBulkFace(
            XIDMachine(plate: MachinePlate(model: "XID580", serial: "B-1", firmware: "1.0v"), mechanism: mechanism))
        _ = ask([0, 0, 0, 0, 0, 0])
    }

    /// Whether the command ended well.
    @discardableResult private func ask(_ command: Bytes, _ data: Bytes = []) -> Bool {
        var block = Bytes("USBC".utf8) + [1, 0, 0, 0]
        block += withUnsafeBytes(of: UInt32(data.count).littleEndian) { Bytes($0) }
        block += [0, 0, UInt8(command.count)] + command + Bytes(repeating: 0, count: 16 - command.count)
        return face.receive(block + data).last?.last == 0
    }

    private func write(_ plane: UInt8, _ buffer: UInt8, _ dots: Bytes) {
        ask([0x2A, 0, plane, buffer, 0, 0, 0x0A, 0x7F, 0x20, 0], dots)
    }

    private func load(fresh: Bool = true) { ask([0x31, 1, 0, 0, fresh ? 4 : 0, 0, 0, 0, 0, 0]) }
    private func printBlack() { ask([0x31, 8, 4, 0, 0, 0, 0, 0, 0, 0]) }
    private func transfer() { ask([0x31, 0x0D, 0, 0, 0, 0, 0, 0, 0, 0]) }
    private func eject() { ask([0x31, 0x0B, 0, 0, 0, 0, 0, 5, 0, 0]) }

    @Test func aDotOfThePlaneLiesWhereAPersonSeesItTurnedBy180Degrees() {
        load()
        var dots = Bytes(repeating: 0, count: Self.plane)
        // the plane's last row and column but the margin of 8 and 10 is the card's top left
        dots[(664 - 1 - 8) * 1036 + (1036 - 1 - 10)] = 255
        write(4, 0, dots)
        printBlack()
        transfer()
        #expect(mechanism.lays.count == 1)
        #expect(mechanism.lays.first?.dots.firstIndex(of: 255) == 0)
        #expect(mechanism.lays.first?.dots.count { $0 > 0 } == 1)
    }

    @Test func aPlaneThatNobodyWroteOverIsPrintedOnTheNextCard() {
        load()
        write(4, 0, Bytes(repeating: 255, count: Self.plane))
        printBlack()
        transfer()
        eject()
        load()
        printBlack()
        transfer()
        #expect(mechanism.lays.count == 2)
        #expect(mechanism.lays.last?.dots.allSatisfy { $0 == 255 } == true)
    }

    @Test func aWriteThatIsCutOffLeavesItsFirstPartOverTheOldPlane() {
        load()
        write(4, 0, Bytes(repeating: 255, count: Self.plane))
        let block = Bytes("USBC".utf8) + [2, 0, 0, 0, 0x20, 0x7F, 0x0A, 0, 0, 0, 10, 0x2A, 0, 4, 0, 0, 0, 0x0A, 0x7F]
        _ = face.receive(block + [0x20] + Bytes(repeating: 0, count: 31 - block.count - 1))
        _ = face.receive(Bytes(repeating: 0, count: Self.plane / 2))
        face.massStorageReset()
        printBlack()
        transfer()
        let dots = mechanism.lays.last?.dots ?? []
        #expect(dots.first == 255 && dots.last == 0, "half of each")
    }

    @Test func inkOnTheFilmWaitsForTheNextCardUnlessFreshFilmIsWound() {
        load()
        write(4, 0, Bytes(repeating: 255, count: Self.plane))
        printBlack()
        eject()
        load(fresh: false)
        transfer()
        #expect(mechanism.lays.count == 1, "the ink of the card before")
        printBlack()
        eject()
        load(fresh: true)
        transfer()
        #expect(mechanism.lays.count == 1)
    }

    @Test func bytesThatAreNoCommandAreDroppedUntilTheTransportIsReset() {
        #expect(face.receive(Bytes(repeating: 0x41, count: 31)).isEmpty)
        #expect(!ask([0, 0, 0, 0, 0, 0]))
        face.massStorageReset()
        #expect(ask([0, 0, 0, 0, 0, 0]))
    }
}
