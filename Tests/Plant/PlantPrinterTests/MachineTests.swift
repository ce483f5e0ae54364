import Ground
import PlantPrinter
import Testing

/// The firmware of the virtual printer by the facts of `firmware-specs/evolis-esc`.
@Suite struct MachineTests {
    private let mechanism = FakeMechanism()

    private func machine() -> EvolisMachine {
        EvolisMachine(
            plate: EvolisMachine.Plate(model: "KC200B", serial: "S1", firmware: "1.0"), mechanism: mechanism)
    }

    private func command(_ text: String) -> Bytes { [0x1B] + Bytes(text.utf8) + [0x0D] }

    private func ask(_ machine: EvolisMachine, _ text: String) -> String {
        String(decoding: machine.receive(command(text)).dropLast(), as: UTF8.self)
    }

    private func download(_ panel: String, _ levels: Int, _ data: Bytes) -> Bytes {
        [0x1B] + Bytes("Db;\(panel);\(levels);".utf8) + data + [0x0D]
    }

    /// A machine with a card at the print station, ribbon declared, card begun.
    private func begun() -> EvolisMachine {
        let machine = machine()
        mechanism.position = .at(.print)
        #expect(ask(machine, "Pr;ymckok") == "OK")
        #expect(ask(machine, "Ss") == "OK")
        return machine
    }

    @Test func everyAnswerEndsWithNULAndComesInOrder() {
        let answers = machine().receive(command("Rtp") + command("Rsn") + command("Rxx"))
        #expect(answers == Bytes("KC200B\0S1\0ERROR CDE\0".utf8))
    }

    @Test func theDeviceIDNamesMakerModelLanguageAndSerial() {
        #expect(machine().deviceID?.hasPrefix("MFG:Evolis;MDL:KC200B;CMD:ESC;SN:S1;") == true)
    }

    @Test func halfACommandWaitsAndASoftResetDropsIt() {
        let machine = machine()
        #expect(machine.receive([0x1B] + Bytes("Rt".utf8)).isEmpty)
        #expect(machine.receive(Bytes("p\r".utf8)) == Bytes("KC200B\0".utf8))
        #expect(machine.receive([0x1B] + Bytes("Si".utf8)).isEmpty)
        machine.softReset()
        #expect(machine.receive(command("Rsn")) == Bytes("S1\0".utf8))
        #expect(mechanism.position == .empty)
        #expect(mechanism.hopper == 2)
    }

    @Test func aBitmapCutOffInTheMiddleIsDroppedWithItsDataBySoftReset() {
        let machine = begun()
        #expect(
            machine.receive(Bytes(download("y", 128, Bytes(repeating: 0x0D, count: 576_072)).prefix(300_000))).isEmpty)
        machine.softReset()
        #expect(ask(machine, "Rtp") == "KC200B")
        #expect(ask(machine, "Sp;y") == "ERR PARAMETERS")
        #expect(mechanism.lays.isEmpty)
    }

    @Test func dataMayHoldEscapeAndCarriageReturn() throws {
        let machine = begun()
        let data = Bytes((0..<82_296).map { $0 % 2 == 0 ? 0x1B : 0x0D })
        #expect(machine.receive(download("k", 2, data) + command("Sp;k")) == Bytes("OK\0OK\0".utf8))
        let lay = try #require(mechanism.lays.first)
        // P3, P4 by arithmetic: bit 9 of the bitmap (0x0D = 00001101) is line 0, pixel 9; 1B is 00011011
        for (px, ink) in [
            (0, 0), (2, 0), (3, 255), (4, 255), (5, 0), (6, 255), (7, 255), (8, 0), (12, 255), (14, 0), (15, 255),
        ] {
            #expect(Int(lay.dots[(647 - px) * 1016]) == ink, "pixel \(px) of line 0")
        }
        // line 1 begins with byte 81, which is odd: 0D
        for (px, ink) in [(0, 0), (3, 0), (4, 255), (5, 255), (6, 0), (7, 255)] {
            #expect(Int(lay.dots[(647 - px) * 1016 + 1]) == ink, "pixel \(px) of line 1")
        }
        #expect(lay.dots.count == 1016 * 648)
    }

    @Test func sevenBitsMakeALevelAndFullIsFull() throws {
        let machine = begun()
        var data = Bytes(repeating: 0, count: 576_072)
        // pixels 0, 1, 2 of line 0: 127, 0, 64: 1111111 0000000 1000000 (0...)
        data[0] = 0b1111_1110
        data[1] = 0b0000_0010
        #expect(machine.receive(download("c", 128, data) + command("Sp;c")) == Bytes("OK\0OK\0".utf8))
        let dots = try #require(mechanism.lays.first).dots
        #expect(dots[647 * 1016] == 255)
        #expect(dots[646 * 1016] == 0)
        #expect([128, 129].contains(dots[645 * 1016]))
        #expect(dots[644 * 1016] == 0)
    }

    @Test func volatileSettingsAreLostWhenPowerComesBackAndCountersAreKept() {
        let machine = begun()
        #expect(ask(machine, "Pem;18") == "OK")
        #expect(ask(machine, "Rem") == "18")
        #expect(machine.receive(download("k", 2, Bytes(repeating: 0, count: 82_296))) == Bytes("OK\0".utf8))
        #expect(ask(machine, "Sp;k") == "OK")
        #expect(ask(machine, "Rco;p") == "1")
        machine.powerOn()
        #expect(ask(machine, "Rem") == "0")
        #expect(ask(machine, "Sp;k") == "ERR PARAMETERS", "bitmap, ribbon and sequence are gone (P9)")
        #expect(ask(machine, "Rco;p") == "1")
    }

    @Test func aNewCardDropsTheBitmapsOfTheOneBefore() {
        let machine = begun()
        #expect(machine.receive(download("k", 2, Bytes(repeating: 0, count: 82_296))) == Bytes("OK\0".utf8))
        #expect(ask(machine, "Ss") == "OK")
        #expect(ask(machine, "Sp;k") == "ERR PARAMETERS")
    }

    @Test func bitmapsAreClearedOnlyOutsideACard() {
        let machine = begun()
        #expect(ask(machine, "Wcb;a") == "ERR PARAMETERS")
        #expect(ask(machine, "Se") == "OK")
        #expect(ask(machine, "Wcb;a") == "OK")
    }

    @Test func resinKnowsTwoLevelsOnlyAndColoursHundredTwentyEight() {
        let machine = begun()
        #expect(
            machine.receive(download("k", 128, Bytes(repeating: 0, count: 576_072))) == Bytes("ERR PARAMETERS\0".utf8))
        #expect(machine.receive(download("y", 2, Bytes(repeating: 0, count: 82_296))) == Bytes("ERR PARAMETERS\0".utf8))
    }

    @Test func coloursGoToTheFrontOnly() {
        let machine = begun()
        #expect(machine.receive(download("y", 128, Bytes(repeating: 0, count: 576_072))) == Bytes("OK\0".utf8))
        #expect(ask(machine, "Sv") == "OK")
        #expect(ask(machine, "Sp;y") == "ERR PARAMETERS")
        #expect(mechanism.lays.isEmpty)
    }

    @Test func withACardInsideAMovementTakesNoneFromTheHopper() {
        let machine = machine()
        #expect(ask(machine, "Sic") == "OK")
        #expect(ask(machine, "Sis") == "OK")
        #expect(ask(machine, "Si") == "OK")
        #expect(mechanism.hopper == 1)
        #expect(ask(machine, "Rco;c") == "1")
        #expect(ask(machine, "Rlr;p") == "CARD")
    }

    @Test func aJammedCardStaysJammedUntilAHandComes() {
        let machine = machine()
        mechanism.jams = true
        #expect(ask(machine, "Sic") == "ERR MECHANICAL")
        #expect(ask(machine, "Rlr;p") == "ERR MECHANICAL")
        #expect(ask(machine, "Scs") == "OK")
        #expect(ask(machine, "Se") == "ERR MECHANICAL")
        #expect(mechanism.ejected.isEmpty)
        #expect(ask(machine, "Rco;c") == "1")
    }

    @Test(arguments: ["Pem;x", "Pem;", "Pem", "Pcrm;A", "Rse;z", "Rlr;q", "Rrt;lot", "Rco;z", "Sp;", "Sp;yy", "Pr"])
    func aBadParameterIsSaidToBeOne(text: String) {
        #expect(ask(machine(), text) == "ERR PARAMETERS")
    }

    @Test func aStrayOKComesOnceInPlaceOfTheRibbonCount() {
        let machine = machine()
        mechanism.strayAnswers = 1
        #expect(ask(machine, "Rrt;count") == "OK")
        #expect(ask(machine, "Rrt;count") == "200")
    }

    @Test func withoutPneabTheCardLeavesByItselfAfterItsLastPanel() {
        func laySix(_ machine: EvolisMachine) {
            for (panel, levels) in [("y", 128), ("m", 128), ("c", 128), ("k", 2), ("o", 2), ("k", 2)] {
                let count = levels == 2 ? 82_296 : 576_072
                _ = machine.receive(download(panel, levels, Bytes(repeating: 0, count: count)))
                #expect(ask(machine, "Sp;\(panel)") == "OK")
            }
        }
        let machine = begun()
        #expect(ask(machine, "Pneab;E") == "OK")
        laySix(machine)
        #expect(mechanism.ejected == [])
        #expect(ask(machine, "Se") == "OK")
        machine.powerOn()
        mechanism.position = .at(.print)
        #expect(ask(machine, "Pr;ymckok") == "OK")
        #expect(ask(machine, "Ss") == "OK")
        laySix(machine)
        #expect(mechanism.ejected == [.good, .good])
    }

    /// SplitMix64.
    private struct Noise {
        var state: UInt64
        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var value = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
            value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
            return value ^ (value >> 31)
        }
    }

    @Test(arguments: [UInt64(1), 2, 3, 4])
    func noiseNeverEndsTheMachine(seed: UInt64) {
        var noise = Noise(state: seed)
        let machine = machine()
        let fragments = [
            "Db;", "y;", "128;", "k;2;", ";;;", "Sp;", "Ss", "Si", "Se", "Rlr;p", "Pem;", "18", "\r", "\u{1B}", "-1",
            "99999999999999999999",
        ]
        var answered = 0
        let rounds = 20_000
        for _ in 0..<rounds {
            let choice = noise.next()
            var bytes = Bytes()
            if choice & 1 == 0 {
                bytes = Bytes(fragments[Int(choice >> 8) % fragments.count].utf8)
            } else {
                for _ in 0..<(choice >> 8 & 7) { bytes.append(UInt8(truncatingIfNeeded: noise.next())) }
            }
            let answers = machine.receive(bytes)
            #expect(answers.isEmpty || answers.last == 0)
            answered += answers.count { $0 == 0 }
            if choice % 61 == 0 { machine.softReset() }
        }
        print("noise: seed \(seed), \(rounds) pieces, \(answered) answers")
        #expect(answered > 100)
        machine.softReset()
        #expect(ask(machine, "Rtp") == "KC200B")
        #expect(mechanism.hopper >= 0)
    }
}
