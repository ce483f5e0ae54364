import Ground
import Printers
import Stations
import Testing

/// The driver against conversations that were written by hand from the published facts.
@Suite struct EvolisPrinterTests {
    /// What a caller asks of the printer once it is connected.
    enum Act: Sendable, CustomTestStringConvertible {
        case connectOnly
        case feed, move, status, whereabouts, presentBack, presentBackThenFront, reset
        case eject(CardExit)
        /// Front y m c k o and back k; y, c, o and the back full, m and the front's k empty.
        case printCard
        /// One dot on each side, and ESC and CR in the data.
        case printDots
        case printEmptyBlack
        case feedThenStatus
        /// The dots, then out by the reject exit; then perhaps the next card.
        case printDotsThenReject, printDotsThenRejectThenFeed

        var testDescription: String { "\(self)" }
    }

    typealias Case = ConversationCase<Act>

    static let cases: [Case] = [
        Case("connect", .connectOnly),
        Case("connect-late-answers", .connectOnly),
        Case("connect-ribbon-other", .connectOnly, "printer.ribbon.other", .notDone),
        Case("connect-ribbon-missing", .connectOnly, "printer.ribbon.missing", .notDone),
        Case("connect-mode-refused", .connectOnly, "printer.parameters", .notDone),
        Case("connect-mode-not-kept", .connectOnly, "printer.mode", .notDone),
        Case("connect-model-other", .connectOnly, "printer.model", .notDone),
        Case("connect-serial-other", .connectOnly, "printer.serial", .notDone),
        Case("connect-firmware-unknown", .connectOnly, "printer.firmware", .notDone),
        Case("connect-sequence-open", .connectOnly),
        Case("feed-memory-cleared", .feed),
        Case("feed-memory-kept", .feed, "printer.memory", .notDone),
        Case("print-eject", .printDotsThenReject),
        Case("print-eject-memory-kept", .printDotsThenRejectThenFeed),
        Case("feed-contactless", .feed),
        Case("feed-empty", .feed, "printer.feeder.empty", .notDone),
        Case("feed-jam", .feed, "printer.jam", .unknown),
        Case("feed-cover", .feed, "printer.cover.open", .notDone),
        Case("feed-occupied", .feed, "printer.occupied", .notDone),
        Case("feed-not-there", .feed, "printer.feed", .unknown),
        Case("feed-lost-answer", .feed, "printer.timeout", .unknown),
        Case("feed-lost-position", .feed, "printer.timeout", .unknown),
        Case("recover-after-silence", .feedThenStatus),
        Case("move-print", .move),
        Case("move-nothing-inside", .move, "printer.empty", .notDone),
        Case("move-jam", .move, "printer.jam", .unknown),
        Case("print-card", .printCard),
        Case("print-ribbon-end", .printCard, "printer.ribbon.end", .unknown),
        Case("print-cover", .printCard, "printer.cover.open", .notDone),
        Case("print-no-card", .printCard, "printer.position", .notDone),
        Case("print-small", .printDots),
        Case("print-late-ink", .printEmptyBlack),
        Case("print-panel-missing", .printEmptyBlack, "printer.panels", .unknown),
        Case("print-lost-counter", .printEmptyBlack, "printer.timeout", .unknown),
        Case("print-gone", .printEmptyBlack, "usb.device.gone", .unknown),
        Case("eject-good", .eject(.good)),
        Case("eject-reject", .eject(.reject)),
        Case("eject-full", .eject(.good), "printer.output.full", .notDone),
        Case("eject-reject-full", .eject(.reject), "printer.reject.full", .notDone),
        Case("eject-switched-off", .eject(.good), "printer.exit", .unknown),
        Case("eject-other-card", .eject(.good), "printer.exit", .unknown),
        Case("eject-still-inside", .eject(.good), "printer.eject", .unknown),
        Case("eject-lost-position", .eject(.good), "printer.timeout", .unknown),
        Case("eject-unknown-answer", .eject(.good), "printer.answer.unknown", .unknown),
        Case("eject-nothing-inside", .eject(.good), "printer.empty", .notDone),
        Case("present-back", .presentBack),
        Case("present-no-card", .presentBack, "printer.card", .notDone),
        Case("extra-answer", .presentBackThenFront, "printer.card", .notDone),
        Case("status-healthy", .status),
        Case("whereabouts", .whereabouts),
        Case("status-everything-wrong", .status),
        Case("status-stray-ok", .status),
        Case("status-words", .status),
        Case("status-words-unlisted", .status),
        Case("status-words-broken", .status, "printer.answer.unknown", .unknown),
        Case("reset", .reset, closings: 2),
        Case("reset-occupied", .reset, "printer.occupied", .notDone),
        Case("reset-undone", .reset, "printer.reset.undone", .unknown, closings: 2),
        Case("reset-card", .reset, "printer.reset.card", .unknown, closings: 2),
        Case("status-only-stray-ok", .status, "printer.answer.unknown", .unknown),
    ]

    @Test(arguments: cases)
    func theConversationGoesAsWrittenAndTheErrorSaysItsOutcome(_ test: Case) async throws {
        try await Self.conversation(test.transcript).play(test, Self.carryOut)
    }

    @Test func everyTranscriptIsPlayed() throws {
        let files = try TranscriptFolder.names()
        #expect(Set(Self.cases.map(\.transcript)) == files)
    }

    @Test func identityAndConnectionComeFromTheMachine() async throws {
        let transcript = try Transcript("connect")
        let printer = EvolisPrinter(Self.configuration(transcript), open: { ScriptedDevice(transcript) })
        let identity = try await printer.connect()
        #expect(
            identity
                == PrinterIdentity(
                    family: "evolis-esc", model: "KC200B", serial: "SAKK-PR-0001", firmware: "1.0-virtual",
                    connection: "usb:1-2"))
    }

    @Test func statusSpeaksTheWordsOfIPP() async throws {
        let healthy = try await Self.conversation("status-healthy").status()
        #expect(healthy.position == .at(.contactless))
        #expect(healthy.reasons == [])
        #expect(healthy.counters == PrinterCounters(cards: 201, panels: 1200, ribbonRemaining: 77))
        let asked = try await Self.conversation("whereabouts")
        _ = try await asked.printer.connect()
        let place = try await asked.printer.whereabouts()
        #expect(place.position == healthy.position && place.counters.cards == 201 && place.counters.panels == 1200)
        #expect(place.connection == healthy.connection && place.reasons == [] && place.counters.ribbonRemaining == nil)
        let wrong = try await Self.conversation("status-everything-wrong").status()
        #expect(wrong.position == .somewhere)
        #expect(
            wrong.reasons == [
                .mediaJam, .mediaEmpty, .coverOpen, .outputAreaFull, .rejectAreaFull, .markerSupplyMissing,
                .cleaningRequired,
            ])
        #expect(wrong.counters == PrinterCounters(cards: 7, panels: 42, ribbonRemaining: nil))
        let stray = try await Self.conversation("status-stray-ok").status()
        #expect(stray.counters.ribbonRemaining == 77)
    }

    @Test func statusWordsAreReadWhereTheModelKnowsTheirCommand() async throws {
        let words = try await Self.conversation("status-words").status()
        #expect(words.reasons == [.markerSupplyLow, .coverOpen, .fuserOverTemperature])
        let unlisted = try await Self.conversation("status-words-unlisted").status()
        #expect(unlisted.reasons == [.other, .hardwareFault])
    }

    @Test func aJobForAnotherRibbonOrOfAnotherSizeIsRefusedBeforeAnyByte() async throws {
        let transcript = try Transcript("connect")
        let device = ScriptedDevice(transcript)
        let printer = EvolisPrinter(Self.configuration(transcript), open: { device })
        _ = try await printer.connect()
        let attempt = AttemptID("P-1")
        let ribbon = await failure { try await printer.print(PrintJob(attempt: attempt, ribbon: "kok", panels: [])) }
        #expect(ribbon?.code == "printer.ribbon.other")
        let small = PanelRaster(
            side: .front, panel: .black, width: 8, height: 16, pixels: Bytes(repeating: 0, count: 128))
        let raster = await failure {
            try await printer.print(PrintJob(attempt: attempt, ribbon: "ymckok", panels: [small]))
        }
        #expect(raster?.code == "printer.raster")
        #expect(device.surprises == [])
    }

    @Test func nothingIsAskedOfAPrinterThatIsNotConnected() async throws {
        let device = ScriptedDevice(try Transcript("connect"))
        let printer = EvolisPrinter(Self.configuration(try Transcript("connect")), open: { device })
        let error = await failure { try await printer.feed(to: .contactless) }
        #expect(error?.code == "printer.disconnected")
        #expect(error?.outcome == .notDone)
    }

    // MARK: acts

    private static func conversation(_ name: String) throws -> Conversation<EvolisPrinter> {
        Conversation(try Transcript(name)) { transcript, device in
            EvolisPrinter(configuration(transcript), open: { device })
        }
    }

    static func configuration(_ transcript: Transcript) -> EvolisConfiguration {
        var configuration = EvolisConfiguration(
            vendorID: 0x0F49, serial: "SAKK-PR-0001", model: "KC200B", knownFirmware: ["1.0-virtual"],
            refusesUnknownFirmware: true, rasterWidth: transcript.raster.width,
            rasterHeight: transcript.raster.height, ribbon: "ymckok", commandTimeoutMS: transcript.patience,
            moveTimeoutMS: transcript.patience,
            panelTimeoutMS: transcript.patience, chunkBytes: 65536, straysOK: true)
        let command = EvolisCodec.command("Rsw")
        if transcript.steps.contains(.sent(command)) { configuration.statusCommand = "Rsw" }
        return configuration
    }

    private static func carryOut(_ act: Act, _ printer: EvolisPrinter) async throws {
        switch act {
        case .connectOnly: break
        case .feed: try await printer.feed(to: .contactless)
        case .move: try await printer.move(to: .print)
        case .status: _ = try await printer.status()
        case .reset: #expect(try await printer.reset().serial == "SAKK-PR-0001")
        case .whereabouts: _ = try await printer.whereabouts()
        case .presentBack: try await printer.present(.back)
        case .presentBackThenFront:
            try await printer.present(.back)
            try await printer.present(.front)
        case .eject(let exit): try await printer.eject(exit)
        case .printCard: try await printer.print(card)
        case .printDots: try await printer.print(dots)
        case .printEmptyBlack:
            try await printer.print(emptyBlack)
        case .printDotsThenReject:
            try await printer.print(dots)
            try await printer.eject(.reject)
        case .printDotsThenRejectThenFeed:
            try await printer.print(dots)
            try await printer.eject(.reject)
            try await printer.feed(to: .contactless)
        case .feedThenStatus:
            let lost = await failure { try await printer.feed(to: .contactless) }
            #expect(lost?.code == "printer.timeout")
            #expect(lost?.outcome == .unknown)
            _ = try await printer.status()
        }
    }

    private static func job(_ panels: [PanelRaster]) -> PrintJob {
        PrintJob(attempt: AttemptID("P-1"), ribbon: "ymckok", panels: panels)
    }

    /// `width` along the long edge.
    private static func raster(_ side: CardSide, _ panel: Panel, _ width: Int, _ height: Int, _ pixels: Bytes)
        -> PanelRaster
    { PanelRaster(side: side, panel: panel, width: width, height: height, pixels: pixels) }

    static var emptyBlack: PrintJob { job([raster(.front, .black, 8, 16, Bytes(repeating: 0, count: 128))]) }

    static var card: PrintJob {
        func full(_ side: CardSide, _ panel: Panel, _ level: UInt8) -> PanelRaster {
            raster(side, panel, 1016, 648, Bytes(repeating: level, count: 1016 * 648))
        }
        return job([
            full(.front, .yellow, 255), full(.front, .magenta, 0), full(.front, .cyan, 255), full(.front, .black, 0),
            full(.front, .overlay, 255), full(.back, .black, 255),
        ])
    }

    private static var dots: PrintJob {
        var front = Bytes(repeating: 0, count: 8 * 16)
        // top left as held
        front[0] = 255
        var back = Bytes(repeating: 0, count: 8 * 16)
        // bottom left: column 0, row 15
        back[15 * 8] = 255
        // lines 1 and 2 of the bitmap are columns 1 and 2 from the bottom up: 1B0D and 0D1B
        for (column, rows) in [(1, [12, 11, 9, 8, 3, 2, 0]), (2, [11, 10, 8, 4, 3, 1, 0])] {
            for row in rows { back[row * 8 + column] = 255 }
        }
        return job([raster(.front, .black, 8, 16, front), raster(.back, .black, 8, 16, back)])
    }
}
