import Ground
import PlantPrinter
import Testing

/// The firmware against transcripts written by hand from firmware-specs/evolis-esc.
struct EvolisMachineTests {
    private let bench = Bench()

    @Test("F2: each command is answered once, in order, by text that ends with NUL")
    func framing() {
        let answers = bench.machine.receive(Bytes("\u{1B}Rtp\r\u{1B}Rsn\r\u{1B}Rfv\r".utf8))
        #expect(answers == Bytes("KC200B\0B-1\u{0}1.0\0".utf8))
    }

    @Test("F1: ESC may be left out after a CR")
    func missingEscape() {
        #expect(bench.machine.receive(Bytes("\u{1B}Rtp\rRsn\r".utf8)) == Bytes("KC200B\0B-1\0".utf8))
    }

    @Test("F1: a command that comes byte by byte is answered at its CR only")
    func pieces() {
        let command = Bytes("\u{1B}Rem\r".utf8)
        for byte in command.dropLast() { #expect(bench.machine.receive([byte]).isEmpty) }
        #expect(bench.machine.receive([0x0D]) == Bytes("0\0".utf8))
    }

    @Test("E1: an unknown command is answered with ERROR CDE")
    func unknown() { #expect(bench.ask("Rxx", "Scp2;1") == ["ERROR CDE", "ERROR CDE"]) }

    @Test("I1, I2: Pem is kept until power-off; a bad value changes nothing")
    func errorMode() {
        #expect(bench.ask("Rem", "Pem;18", "Rem", "Pem;x", "Rem") == ["0", "OK", "18", "ERR PARAMETERS", "18"])
        bench.machine.powerOn()
        #expect(bench.ask("Rem") == ["0"])
    }

    @Test("M10: Srs is not answered, forgets what power-off forgets, and the machine leaves the bus once")
    func reset() {
        #expect(bench.ask("Pem;18") == ["OK"])
        #expect(!bench.machine.takeRestart())
        #expect(bench.machine.receive(Bytes("\u{1B}Srs\r".utf8)) == [])
        #expect(bench.machine.takeRestart())
        #expect(bench.ask("Rem") == ["0"])
        #expect(!bench.machine.takeRestart())
    }

    @Test("I4: the declared ribbon must be the one that is in, E4 when there is none")
    func ribbonDeclaration() {
        #expect(bench.ask("Pr;ymcko", "Pr;ymckok") == ["ERR PARAMETERS", "OK"])
        bench.mechanism.ribbon = nil
        #expect(bench.ask("Pr;ymckok", "Rrt;count") == ["ERR RIB DETECTION", "ERR RIB DETECTION"])
    }

    @Test("M1, M2, M6, M7: a card goes from the hopper to a station once, then moves inside")
    func stations() {
        #expect(
            bench.ask("Rlr;p", "Sic", "Rlr;p", "Sis", "Rlr;p", "Si", "Rlr;p") == [
                "OK", "OK", "CONTACTLESS CARD", "OK", "SMART CARD", "OK", "CARD",
            ])
        #expect(bench.mechanism.log == ["feed contactless", "move contact", "move print"])
        #expect(bench.ask("Rco;c") == ["8"])
    }

    @Test("M4, M5: the exits; E9 with nothing inside")
    func exits() {
        #expect(
            bench.ask("Se", "Ser", "Si", "Se", "Si", "Ser", "Rlr;p") == [
                "ERR CARD", "ERR CARD", "OK", "OK", "OK", "OK", "OK",
            ])
        #expect(bench.mechanism.log == ["feed print", "eject good", "feed print", "eject reject"])
    }

    @Test("E10, S6: a full box keeps the card inside")
    func fullBoxes() {
        bench.mechanism.full = [.good, .reject]
        #expect(
            bench.ask("Rlr;h", "Rlr;j", "Si", "Se", "Ser", "Rlr;p") == [
                "CARD", "CARD", "OK", "ERR OUTPUT FULL", "ERR REJECT FULL", "CARD",
            ])
    }

    @Test("E3: an empty hopper gives no card, and the counter does not move")
    func emptyHopper() {
        bench.mechanism.cards = 0
        #expect(bench.ask("Rse;f", "Si", "Rlr;p", "Rco;c") == ["0,00 Volts", "ERR FEEDER", "OK", "7"])
    }

    @Test("E6, S2: an open cover stops movement and print")
    func cover() {
        #expect(bench.ask("Si", "Rse;o") == ["OK", "5,00 Volts"])
        bench.mechanism.coverIsClosed = false
        #expect(
            bench.ask("Rse;o", "Se", "Sv", "Sic", "Sp;y") == [
                "0,00 Volts", "ERR COVER", "ERR COVER", "ERR COVER", "ERR COVER",
            ])
    }

    @Test("E7, M6: after a jam every movement says so, and a card taken from the hopper was counted")
    func jam() {
        bench.mechanism.nextFault = .jam
        #expect(
            bench.ask("Sic", "Rlr;p", "Si", "Se", "Ser", "Sr", "Rco;c") == [
                "ERR MECHANICAL", "ERR MECHANICAL", "ERR MECHANICAL", "ERR MECHANICAL", "ERR MECHANICAL",
                "ERR MECHANICAL",
                "8",
            ])
    }

    @Test("M9: Scs clears and moves nothing")
    func clear() {
        bench.mechanism.position = .jammed
        #expect(bench.ask("Scs", "Rlr;p") == ["OK", "ERR MECHANICAL"])
    }

    @Test("P1, P2, P9: a bitmap needs Ss, a panel needs its bitmap, and Ss drops the one before")
    func sequence() {
        let black = Bytes(repeating: 0, count: Bench.blackBytes)
        #expect(bench.download("k", black) == ["ERR PARAMETERS"])
        #expect(bench.ask("Ss") == ["ERR CARD"])
        #expect(bench.ask("Pneab;E", "Pr;ymckok", "Si", "Ss", "Sp;k") == ["OK", "OK", "OK", "OK", "ERR PARAMETERS"])
        #expect(bench.download("k", black) == ["OK"])
        #expect(bench.ask("Sp;k", "Ss", "Sp;k") == ["OK", "OK", "ERR PARAMETERS"])
        #expect(bench.ask("Rco;p") == ["41"])
    }

    @Test("P2: data may hold any byte; ESC, CR and semicolons in it end nothing")
    func anyByte() {
        var data = Bytes()
        while data.count < Bench.blackBytes { data += [0x1B, 0x0D, 0x3B, 0x00, 0xFF] }
        data.removeLast(data.count - Bench.blackBytes)
        #expect(bench.ask("Si", "Ss") == ["OK", "OK"])
        #expect(bench.download("k", data) == ["OK"])
        #expect(bench.ask("Rtp") == ["KC200B"])
    }

    @Test("P5: levels that do not belong to the panel are refused, and so is a bitmap without data")
    func levels() {
        #expect(bench.ask("Si", "Ss", "Db;y", "Db;y;64;abc") == ["OK", "OK", "ERR PARAMETERS", "ERR PARAMETERS"])
        let wrong = Bytes("\u{1B}Db;y;2;".utf8) + Bytes(repeating: 0, count: Bench.blackBytes) + [0x0D]
        #expect(Bench.texts(bench.machine.receive(wrong)) == ["ERR PARAMETERS"])
    }

    @Test("P3, P4: the first bit is the lower left dot of the landscape side, the last the upper right")
    func orientation() {
        #expect(bench.ask("Pneab;E", "Pr;ymckok", "Si", "Ss") == ["OK", "OK", "OK", "OK"])
        var data = Bytes(repeating: 0, count: Bench.blackBytes)
        data[0] = 0x80
        data[Bench.blackBytes - 1] = 0x01
        #expect(bench.download("k", data) + bench.ask("Sp;k") == ["OK", "OK"])
        let dots = bench.mechanism.lastDots
        #expect(dots.indices.filter { dots[$0] != 0 } == [1016 - 1, 647 * 1016])
        #expect(dots[647 * 1016] == 255)
    }

    @Test("P3, P5: seven bits a pixel lie without gaps; the highest level is full ink, half of it half")
    func sevenBits() {
        #expect(bench.ask("Pneab;E", "Pr;ymckok", "Si", "Ss") == ["OK", "OK", "OK", "OK"])
        var data = Bytes(repeating: 0, count: Bench.colourBytes)
        // pixels 0, 1, 2 of the first line: 127, 0, 64 as bits 1111111 0000000 1000000
        data[0] = 0b1111_1110
        data[1] = 0b0000_0010
        #expect(bench.download("m", data) + bench.ask("Sp;m") == ["OK", "OK"])
        let dots = bench.mechanism.lastDots
        #expect(dots[647 * 1016] == 255)
        #expect(dots[646 * 1016] == 0)
        #expect(dots[645 * 1016] == 128)
        #expect(dots.count { $0 != 0 } == 2)
    }

    @Test("P7: colour goes to the front only, black to both sides")
    func sides() {
        #expect(bench.ask("Pneab;E", "Pr;ymckok", "Si", "Ss") == ["OK", "OK", "OK", "OK"])
        #expect(bench.download("y", Bytes(repeating: 0, count: Bench.colourBytes)) == ["OK"])
        #expect(bench.download("k", Bytes(repeating: 0, count: Bench.blackBytes)) == ["OK"])
        #expect(bench.ask("Sv", "Sp;y", "Sp;k", "Sr", "Sp;y") == ["OK", "ERR PARAMETERS", "OK", "OK", "OK"])
    }

    @Test("P8: Wcb is refused between Ss and the eject")
    func clearingBitmaps() {
        #expect(
            bench.ask("Wcb;a", "Si", "Ss", "Wcb;a", "Se", "Wcb;a") == [
                "OK", "OK", "OK", "ERR PARAMETERS", "OK", "OK",
            ])
    }

    @Test("I3: without Pneab;E the machine ejects by itself after the last panel; with it the card stays")
    func ejectAfterPrint() {
        for (setting, place) in [("Pneab;A", "OK"), ("Pneab;E", "CARD")] {
            #expect(bench.ask(setting, "Pr;ymckok", "Si", "Ss").allSatisfy { $0 == "OK" })
            for panel in "ymcko" {
                let size = panel == "k" || panel == "o" ? Bench.blackBytes : Bench.colourBytes
                #expect(bench.download(panel, Bytes(repeating: 0, count: size)) == ["OK"])
                #expect(bench.ask("Sp;\(panel)") == ["OK"])
            }
            #expect(bench.ask("Sv", "Sp;k", "Rlr;p") == ["OK", "OK", place])
            _ = bench.ask("Se")
        }
    }

    @Test("E5: a ribbon that ends in a panel is told, and the panel is not counted")
    func ribbonEnd() {
        #expect(bench.ask("Pneab;E", "Pr;ymckok", "Si", "Ss") == ["OK", "OK", "OK", "OK"])
        #expect(bench.download("k", Bytes(repeating: 0, count: Bench.blackBytes)) == ["OK"])
        bench.mechanism.nextFault = .ribbonEnd
        #expect(bench.ask("Sp;k", "Rco;p") == ["ERR RIB END", "40"])
        bench.mechanism.ribbonCardsLeft = 0
        #expect(bench.ask("Rcr", "Rrt;count") == ["ERR RIB END", "0"])
    }

    @Test("No automatic retry: a panel that failed is laid again only when the host asks")
    func noRetry() {
        #expect(bench.ask("Pem;18", "Pneab;E", "Pr;ymckok", "Si", "Ss").allSatisfy { $0 == "OK" })
        #expect(bench.download("k", Bytes(repeating: 0, count: Bench.blackBytes)) == ["OK"])
        bench.mechanism.nextFault = .ribbonEnd
        #expect(bench.ask("Sp;k") == ["ERR RIB END"])
        #expect(!bench.mechanism.log.contains("lay k"))
        #expect(bench.ask("Sp;k") == ["OK"])
        #expect(bench.mechanism.log.filter { $0 == "lay k" }.count == 1)
    }

    @Test("F6: half a bitmap keeps the machine waiting; SOFT_RESET drops it and moves nothing")
    func softReset() {
        #expect(bench.ask("Si", "Ss") == ["OK", "OK"])
        let moves = bench.mechanism.log
        #expect(bench.machine.receive(Bytes("\u{1B}Db;y;128;".utf8) + Bytes(repeating: 9, count: 1000)).isEmpty)
        #expect(bench.machine.receive(Bytes("\u{1B}Rtp\r".utf8)).isEmpty)
        bench.machine.softReset()
        #expect(bench.ask("Rtp", "Rlr;p") == ["KC200B", "CARD"])
        #expect(bench.mechanism.log == moves)
    }

    @Test("P8: whose card was taken out by hand is no sequence any more")
    func takenOut() {
        #expect(bench.ask("Si", "Ss", "Wcb;a") == ["OK", "OK", "ERR PARAMETERS"])
        bench.mechanism.position = .empty
        #expect(bench.ask("Wcb;a") == ["OK"])
    }

    @Test("P9, M8: power-off forgets bitmaps, eject policy and the print that was begun; counters stay")
    func powerOff() {
        #expect(bench.ask("Pneab;E", "Pr;ymckok", "Si", "Ss") == ["OK", "OK", "OK", "OK"])
        #expect(bench.download("k", Bytes(repeating: 0, count: Bench.blackBytes)) == ["OK"])
        bench.machine.powerOn()
        #expect(bench.ask("Sp;k", "Rco;c", "Rco;p") == ["ERR PARAMETERS", "8", "40"])
    }

    @Test("S3: a stray OK may stand in the place of the ribbon count, once")
    func stray() {
        bench.mechanism.strayAnswers = 1
        #expect(bench.ask("Rrt;count", "Rrt;count") == ["OK", "10"])
    }

    @Test("Noise on the line never stops the machine for good: after SOFT_RESET it answers (seeds 1 to 200)")
    func noise() {
        for seed in 1...200 {
            var state = UInt64(seed)
            let bytes = (0..<400).map { _ -> UInt8 in
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                let letters = Bytes("\u{1B}\r;DbSpRlryk2;128".utf8)
                return letters[Int(state >> 33) % letters.count]
            }
            _ = bench.machine.receive(bytes)
            bench.machine.softReset()
            #expect(bench.ask("Rtp") == ["KC200B"], "seed \(seed)")
        }
    }
}
