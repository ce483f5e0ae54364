import Ground
import Printers
import Stations
import Testing

/// The driver against conversations whose bytes were put together apart from it, from the published facts.
@Suite struct MagicardPrinterTests {
    enum Act: Sendable {
        case connectOnly, status, details, clean, reset, feed, feedPrint, move, present
        case feedThenPresentBack, printInside, feedSmartThenPrint, feedThenPrint, stallThenStatus, printPlaces,
            printHole
        case eject(CardExit)
    }

    typealias Case = ConversationCase<Act>

    static let cases: [Case] = [
        Case("connect", .connectOnly),
        Case("connect-small", .connectOnly),
        Case("connect-late-answers", .connectOnly),
        Case("connect-late-question", .connectOnly),
        Case("connect-answer-other", .connectOnly),
        Case("connect-serial-other", .connectOnly, "printer.serial", .notDone),
        Case("connect-model-other", .connectOnly, "printer.model", .notDone),
        Case("connect-firmware-unknown", .connectOnly, "printer.firmware", .notDone),
        Case("connect-silent", .connectOnly, "printer.desynchronised", .unknown),
        Case("connect-mark-not-kept", .connectOnly, "printer.mode", .notDone),
        Case("connect-answer-never", .connectOnly, "printer.answer.unknown", .unknown),
        Case("connect-number-broken", .connectOnly, "printer.answer.unknown", .unknown),
        Case("status-healthy", .status),
        Case("status-nothing-inside", .status),
        Case("status-hopper-empty", .status),
        Case("status-cover-open", .status),
        Case("status-no-ribbon", .status),
        Case("status-ribbon-end", .status),
        Case("status-jam", .status),
        Case("status-flip-jam", .status),
        Case("status-two-cards", .status),
        Case("status-head-hot", .status),
        Case("status-cleaning", .status),
        Case("status-fault", .status),
        Case("status-offline", .status),
        Case("status-port-unlisted", .status),
        Case("status-sensor-unlisted", .status),
        Case("status-value-unlisted", .status),
        Case("status-line-other", .status),
        Case("status-sensor-missing", .status, "printer.answer.unknown", .notDone),
        Case("status-sensor-twice", .status, "printer.answer.unknown", .notDone),
        Case("status-cleaning-unlisted", .status, "printer.answer.unknown", .notDone),
        Case("status-left-negative", .status, "printer.answer.unknown", .notDone),
        Case("status-reset", .status, "printer.reset", .unknown),
        Case("details", .details),
        Case("clean", .clean),
        Case("clean-no-card", .clean, "printer.cleaning", .unknown),
        Case("clean-occupied", .clean, "printer.occupied", .notDone),
        Case("reset", .reset, closings: 2),
        Case("reset-occupied", .reset, "printer.occupied", .notDone),
        Case("reset-jam-unseen", .reset, "printer.occupied", .notDone),
        Case("reset-undone", .reset, "printer.reset.undone", .unknown, closings: 2),
        Case("reset-card", .reset, "printer.reset.card", .unknown, closings: 2),
        Case("feed-contactless", .feed),
        Case("feed-print", .feedPrint),
        Case("feed-occupied", .feed, "printer.occupied", .notDone),
        Case("feed-empty", .feed, "printer.feeder.empty", .notDone),
        Case("feed-empty-late", .feed, "printer.feeder.empty", .notDone),
        Case("feed-empty-told", .feed, "printer.feeder.empty", .notDone),
        Case("feed-cover-open", .feed, "printer.cover.open", .notDone),
        Case("feed-cleaning", .feed, "printer.cleaning", .notDone),
        Case("feed-no-ribbon", .feed, "printer.ribbon.missing", .notDone),
        Case("feed-head-hot", .feed, "printer.head.hot", .notDone),
        Case("feed-fault", .feed, "printer.occupied", .notDone),
        Case("feed-unlisted", .feed, "printer.sense.unknown", .notDone),
        Case("feed-offline", .feed, "printer.offline", .notDone),
        Case("feed-jam", .feed, "printer.jam", .unknown),
        Case("feed-not-there", .feed, "printer.feed", .unknown),
        Case("feed-two", .feed, "printer.feed", .unknown),
        Case("feed-lost-answer", .feed, "printer.timeout", .unknown),
        Case("feed-gone", .feed, "usb.device.gone", .unknown),
        Case("feed-clear-stalled", .feed, "usb.timeout", .notDone),
        Case("move-print", .move),
        Case("move-there", .move),
        Case("move-nothing-inside", .move, "printer.empty", .notDone),
        Case("move-jam", .move, "printer.jam", .unknown),
        Case("move-not-there", .move, "printer.move", .unknown),
        Case("present-back", .feedThenPresentBack),
        Case("present-jam", .feedThenPresentBack, "printer.jam", .unknown),
        Case("print-card", .feedThenPrint),
        Case("print-no-card", .feedSmartThenPrint, "printer.position", .notDone),
        Case("print-side-unknown", .printInside, "printer.side", .notDone),
        Case("print-cover-open", .feedThenPrint, "printer.cover.open", .notDone),
        Case("print-ribbon-short", .feedThenPrint, "printer.ribbon.end", .notDone),
        Case("print-ribbon-end", .feedThenPrint, "printer.ribbon.end", .unknown),
        Case("print-nothing-laid", .feedThenPrint, "printer.fault", .unknown),
        Case("print-panel-missing", .feedThenPrint, "printer.panels", .unknown),
        Case("print-ejected", .feedThenPrint, "printer.position", .unknown),
        Case("print-flip-jam", .feedThenPrint, "printer.jam", .unknown),
        Case("print-stalled", .stallThenStatus),
        Case("print-stalled-back", .feedThenPrint, "usb.timeout", .unknown),
        Case("print-gone", .feedThenPrint, "usb.device.gone", .notDone),
        Case("print-gone-end", .feedThenPrint, "usb.device.gone", .unknown),
        Case("print-lost-counter", .feedThenPrint, "printer.timeout", .unknown),
        Case("print-places", .printPlaces),
        Case("print-hole", .printHole),
        Case("eject-good", .eject(.good)),
        Case("eject-reject", .eject(.reject)),
        Case("eject-nothing-inside", .eject(.good), "printer.empty", .notDone),
        Case("eject-full", .eject(.good), "printer.eject", .unknown),
        Case("eject-jam", .eject(.good), "printer.jam", .unknown),
        Case("eject-hidden-jam", .eject(.good), "printer.jam", .unknown),
        Case("eject-other-card", .eject(.good), "printer.exit", .unknown),
        Case("eject-other-ink", .eject(.good), "printer.exit", .unknown),
        Case("eject-cover-open", .eject(.good), "printer.exit", .unknown),
        Case("eject-unlisted", .eject(.good), "printer.exit", .unknown),
        Case("eject-reset", .eject(.reject), "printer.reset", .unknown),
        Case("eject-lost-answer", .eject(.good), "printer.timeout", .unknown),
        Case("eject-gone", .eject(.good), "usb.device.gone", .unknown),
    ]

    @Test(arguments: cases)
    func theConversationGoesAsWrittenAndTheErrorSaysItsOutcome(_ test: Case) async throws {
        try await Self.conversation(test.transcript).play(test, Self.carryOut)
    }

    @Test func everyTranscriptIsPlayed() throws {
        let files = try TranscriptFolder.names("magicard")
        #expect(Set(Self.cases.map(\.transcript)) == files)
        #expect(files.count >= 40)
    }

    static let words: [(String, CardPosition, Set<PrinterStateReason>)] = [
        ("status-nothing-inside", CardPosition.none, Set<PrinterStateReason>()),
        ("status-healthy", .at(.contactless), []), ("status-hopper-empty", CardPosition.none, [.mediaEmpty]),
        ("status-cover-open", CardPosition.none, [.coverOpen]),
        ("status-no-ribbon", CardPosition.none, [.markerSupplyMissing, .markerSupplyEmpty]),
        ("status-ribbon-end", CardPosition.none, [.markerSupplyEmpty]), ("status-jam", .somewhere, [.mediaJam]),
        ("status-flip-jam", .somewhere, [.mediaJam]), ("status-two-cards", .somewhere, [.mediaJam]),
        ("status-head-hot", CardPosition.none, [.fuserOverTemperature]),
        ("status-cleaning", CardPosition.none, [.cleaningRequired]),
        ("status-fault", .somewhere, [.mediaJam, .hardwareFault]), ("status-offline", CardPosition.none, [.other]),
        ("status-port-unlisted", CardPosition.none, [.other, .hardwareFault]),
        ("status-sensor-unlisted", CardPosition.none, [.other, .hardwareFault]),
        ("status-value-unlisted", CardPosition.none, [.other, .hardwareFault]),
    ]

    @Test(arguments: words)
    func statusSpeaksTheWordsOfIPP(name: String, place: CardPosition, reasons: Set<PrinterStateReason>) async throws {
        let status = try await Self.conversation(name).status()
        #expect(status.position == place)
        #expect(status.reasons == reasons)
        #expect(status.counters.cards == 200)
        #expect(status.counters.panels == 1200)
    }

    @Test func aPrinterWhosePortStatusMeansNothingIsNotAskedForIt() async throws {
        var transcript = try Transcript("status-healthy", family: "magicard")
        transcript.steps.removeAll {
            if case .port = $0 { return true }
            return false
        }
        let device = ScriptedDevice(transcript)
        var configuration = Self.configuration(transcript)
        configuration.trustsPortStatus = false
        let printer = MagicardPrinter(configuration, open: { device })
        _ = try await printer.connect()
        #expect(try await printer.status().reasons == [])
        #expect(device.surprises == [])
    }

    @Test func whatThePrinterCannotDoIsRefusedBeforeAnyByte() async throws {
        let transcript = try Transcript("connect", family: "magicard")
        let device = ScriptedDevice(transcript)
        let printer = MagicardPrinter(Self.configuration(transcript), open: { device })
        _ = try await printer.connect()
        let station = await failure { try await printer.feed(to: .contact) }
        #expect(station?.code == "printer.station")
        let ribbon = await failure {
            try await printer.print(PrintJob(attempt: AttemptID("P-1"), ribbon: "ymcko", panels: []))
        }
        #expect(ribbon?.code == "printer.ribbon.other")
        // without its magenta the front would be printed with what lies in memory
        var panels = Self.card.panels
        panels.removeAll { $0.panel == .magenta }
        let part = PrintJob(attempt: AttemptID("P-1"), ribbon: "ymckok", panels: panels)
        let missing = await failure { try await printer.print(part) }
        #expect(missing?.code == "printer.raster")
        #expect(missing?.outcome == .notDone)
        let side = await failure { try await printer.present(.back) }
        #expect(side?.code == "printer.side")
        #expect(device.surprises == [])
    }

    // MARK: acts

    private static func conversation(_ name: String) throws -> Conversation<MagicardPrinter> {
        Conversation(try Transcript(name, family: "magicard")) { transcript, device in
            MagicardPrinter(configuration(transcript), open: { device })
        }
    }

    static func configuration(_ transcript: Transcript) -> MagicardConfiguration {
        let isSmall = transcript.image != nil
        return MagicardConfiguration(
            vendorID: 0x0C1F, productID: 0x880A, serial: "SAKK-MC-0001", model: "Enduro+", knownFirmware: ["3.01v"],
            refusesUnknownFirmware: true, rasterWidth: isSmall ? transcript.raster.width : 672,
            rasterHeight: isSmall ? transcript.raster.height : 1016, imageWidth: transcript.image?.width ?? 1016,
            imageHeight: transcript.image?.height ?? 648, ribbon: "ymckok", chipStation: .contactless,
            commandTimeoutMS: transcript.patience, moveTimeoutMS: transcript.patience,
            panelTimeoutMS: transcript.patience, chunkBytes: 65536, trustsPortStatus: true)
    }

    private static func carryOut(_ act: Act, _ printer: MagicardPrinter) async throws {
        switch act {
        case .connectOnly: break
        case .status: _ = try await printer.status()
        case .details:
            let details = try await printer.details()
            #expect(details.ribbonCards == 200)
            #expect(details.cleaningCards == 1000)
            #expect(details.forecast == 200)
        case .clean: try await printer.clean()
        case .reset: #expect(try await printer.reset().serial == "SAKK-MC-0001")
        case .feed: try await printer.feed(to: .contactless)
        case .feedPrint: try await printer.feed(to: .print)
        case .move: try await printer.move(to: .print)
        case .present: try await printer.present(.back)
        case .feedThenPresentBack:
            try await printer.feed(to: .print)
            try await printer.present(.back)
        case .printInside: try await printer.print(card)
        case .feedSmartThenPrint:
            try await printer.feed(to: .contactless)
            try await printer.print(card)
        case .feedThenPrint:
            try await printer.feed(to: .print)
            try await printer.print(card)
        case .stallThenStatus:
            try await printer.feed(to: .print)
            let stalled = await failure { try await printer.print(card) }
            #expect(stalled?.code == "usb.timeout")
            #expect(stalled?.outcome == .notDone, "its last byte was never sent")
            #expect(try await printer.status().counters.panels == 1200)
        case .printPlaces:
            try await printer.feed(to: .print)
            try await printer.print(places)
        case .printHole:
            try await printer.feed(to: .print)
            try await printer.print(hole)
        case .eject(let exit): try await printer.eject(exit)
        }
    }

    private static func raster(
        _ side: CardSide, _ panel: Panel, _ width: Int, _ height: Int, _ level: UInt8, _ dots: [(Int, Int, UInt8)] = []
    ) -> PanelRaster {
        var pixels = Bytes(repeating: level, count: width * height)
        for (x, y, dot) in dots { pixels[y * width + x] = dot }
        return PanelRaster(side: side, panel: panel, width: width, height: height, pixels: pixels)
    }

    private static func job(_ panels: [PanelRaster]) -> PrintJob {
        PrintJob(attempt: AttemptID("P-1"), ribbon: "ymckok", panels: panels)
    }

    private static var card: PrintJob {
        func full(_ side: CardSide, _ panel: Panel, _ level: UInt8) -> PanelRaster {
            raster(side, panel, 1016, 648, level)
        }
        return job([
            full(.front, .yellow, 255), full(.front, .magenta, 0), full(.front, .cyan, 255), full(.front, .black, 0),
            full(.front, .overlay, 255), full(.back, .black, 255),
        ])
    }

    private static var places: PrintJob {
        // black whose bytes are 03 1C and 01: what frames are made of
        let frame: [(Int, Int, UInt8)] = [7, 6, 2, 1, 0].map { (1, $0, 255) } + [(0, 11, 255), (2, 6, 128)]
        return job([
            raster(.front, .yellow, 8, 12, 0, [(0, 0, 255)]), raster(.front, .magenta, 8, 12, 0, [(7, 11, 128)]),
            raster(.front, .cyan, 8, 12, 0, [(4, 4, 1)]), raster(.front, .black, 8, 12, 0, frame),
            raster(.front, .overlay, 8, 12, 255), raster(.back, .black, 8, 12, 0, [(0, 0, 255), (1, 1, 127)]),
        ])
    }

    private static var hole: PrintJob {
        let empty = (3..<7).flatMap { y in (2..<5).map { x in (x, y, UInt8(0)) } }
        return job(
            [Panel.yellow, .magenta, .cyan, .black].map { raster(.front, $0, 8, 12, 0) }
                + [raster(.front, .overlay, 8, 12, 255, empty)])
    }
}
