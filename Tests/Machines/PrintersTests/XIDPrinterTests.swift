import Ground
import Printers
import Stations
import Testing

/// The driver against conversations whose bytes were put together apart from it, from the published facts.
@Suite struct XIDPrinterTests {
    enum Act: Sendable {
        case connectOnly, status, reset, feed, feedThenPrint, feedPrint, move, present, printPlaces
        case eject(CardExit)
    }

    typealias Case = ConversationCase<Act>

    static let cases: [Case] = [
        Case("connect", .connectOnly),
        Case("connect-not-reset", .connectOnly),
        Case("connect-hopper-empty", .connectOnly),
        Case("connect-warming-up", .connectOnly),
        Case("connect-sense-unlisted", .connectOnly),
        Case("connect-small", .connectOnly),
        Case("connect-model-other", .connectOnly, "printer.model", .notDone),
        Case("connect-serial-other", .connectOnly, "printer.serial", .notDone),
        Case("connect-firmware-unknown", .connectOnly, "printer.firmware", .notDone),
        Case("connect-plane-other", .connectOnly, "printer.raster", .notDone),
        Case("connect-retries-refused", .connectOnly, "printer.parameters", .notDone),
        Case("connect-retries-kept", .connectOnly, "printer.mode", .notDone),
        Case("connect-ribbon-other", .connectOnly, "printer.ribbon.other", .notDone),
        Case("connect-silent", .connectOnly, "printer.timeout", .unknown),
        Case("connect-wrong-tag", .connectOnly, "printer.desynchronised", .unknown),
        Case("connect-phase-error", .connectOnly, "printer.desynchronised", .unknown),
        Case("connect-short-inquiry", .connectOnly, "printer.answer.unknown", .unknown),
        Case("status-healthy", .status),
        Case("status-hopper-empty", .status),
        Case("status-door-open", .status),
        Case("status-preheating", .status),
        Case("status-jam", .status),
        Case("status-unlisted", .status),
        Case("status-page-broken", .status, "printer.answer.unknown", .notDone),
        Case("status-position-unknown", .status, "printer.answer.unknown", .notDone),
        Case("status-reset", .status, "printer.reset", .unknown),
        Case("reset", .reset),
        Case("reset-occupied", .reset, "printer.occupied", .notDone),
        Case("reset-refused", .reset, "printer.command", .notDone),
        Case("reset-card", .reset, "printer.reset.card", .unknown),
        Case("feed-contactless", .feed),
        Case("feed-busy", .feed),
        Case("feed-occupied", .feed, "printer.occupied", .notDone),
        Case("feed-empty", .feed, "printer.feeder.empty", .notDone),
        Case("feed-empty-late", .feed, "printer.feeder.empty", .notDone),
        Case("feed-door-open", .feed, "printer.cover.open", .notDone),
        Case("feed-jam", .feed, "printer.jam", .unknown),
        Case("feed-not-there", .feed, "printer.feed", .unknown),
        Case("feed-lost-status", .feed, "printer.timeout", .unknown),
        Case("feed-gone", .feed, "usb.device.gone", .unknown),
        Case("feed-reset", .feed, "printer.reset", .unknown),
        Case("feed-heater", .feed, "printer.heater", .notDone),
        Case("feed-clear-short", .feed, "printer.download", .notDone),
        Case("move-print", .move),
        Case("move-nothing-inside", .move, "printer.empty", .notDone),
        Case("move-jam", .move, "printer.jam", .unknown),
        Case("present-unknown", .present, "printer.side", .notDone),
        Case("eject-good", .eject(.good)),
        Case("eject-reject", .eject(.reject)),
        Case("eject-nothing-inside", .eject(.good), "printer.empty", .notDone),
        Case("eject-jam", .eject(.good), "printer.jam", .unknown),
        Case("eject-still-inside", .eject(.good), "printer.eject", .unknown),
        Case("eject-counter", .eject(.good), "printer.exit", .unknown),
        Case("eject-error-counter", .eject(.good), "printer.exit", .unknown),
        Case("eject-lost-position", .eject(.good), "printer.timeout", .unknown),
        Case("eject-reset", .eject(.good), "printer.reset", .unknown),
        Case("print-card", .feedPrint),
        Case("print-ribbon-short", .feedPrint, "printer.ribbon.end", .notDone),
        Case("print-download-short", .feedPrint, "printer.download", .notDone),
        Case("print-download-silent", .feedPrint, "printer.timeout", .notDone),
        Case("print-ribbon-end", .feedPrint, "printer.ribbon.end", .unknown),
        Case("print-film-end", .feedPrint, "printer.film.end", .unknown),
        Case("print-head-hot", .feedPrint, "printer.head.hot", .notDone),
        Case("print-transfer-jam", .feedPrint, "printer.jam", .unknown),
        Case("print-lost-status", .feedPrint, "printer.timeout", .unknown),
        Case("print-panel-missing", .feedPrint, "printer.panels", .unknown),
        Case("print-places", .printPlaces),
    ]

    @Test(arguments: cases)
    func theConversationGoesAsWrittenAndTheErrorSaysItsOutcome(_ test: Case) async throws {
        try await Self.conversation(test.transcript).play(test, Self.carryOut)
    }

    @Test func everyTranscriptIsPlayed() throws {
        let files = try TranscriptFolder.names("g-printec-xid")
        #expect(Set(Self.cases.map(\.transcript)) == files)
        #expect(files.count >= 40)
    }

    @Test func statusSpeaksTheWordsOfIPP() async throws {
        let healthy = try await Self.conversation("status-healthy").status()
        #expect(healthy.position == .at(.contactless))
        #expect(healthy.reasons == [])
        #expect(healthy.counters == PrinterCounters(cards: 200, panels: 1200, ribbonRemaining: 200))
        #expect(try await Self.conversation("status-hopper-empty").status().reasons == [.mediaEmpty])
        #expect(try await Self.conversation("status-door-open").status().reasons == [.coverOpen])
        #expect(try await Self.conversation("status-preheating").status().reasons == [.other])
        let jam = try await Self.conversation("status-jam").status()
        #expect(jam.reasons == [.mediaJam])
        #expect(jam.position == .somewhere)
        let unlisted = try await Self.conversation("status-unlisted").status()
        #expect(unlisted.reasons == [.other, .hardwareFault, .markerSupplyEmpty], "what nobody lists is a stop")
    }

    @Test func afterAResetNothingIsDoneBeforeItIsConnectedAnew() async throws {
        let transcript = try Transcript("status-reset", family: "g-printec-xid")
        let device = ScriptedDevice(transcript)
        let printer = Self.printer(transcript, device)
        _ = try await printer.connect()
        _ = await failure { _ = try await printer.status() }
        let error = await failure { try await printer.feed(to: .contactless) }
        #expect(error?.code == "printer.reset")
        #expect(device.surprises == [], "not a byte is sent")
    }

    @Test func aJobOfAnotherRibbonSizeOrPanelIsRefusedBeforeAnyByte() async throws {
        let transcript = try Transcript("connect", family: "g-printec-xid")
        let device = ScriptedDevice(transcript)
        let printer = Self.printer(transcript, device)
        _ = try await printer.connect()
        func refused(_ ribbon: String, _ panels: [PanelRaster]) async -> SakkError.Code? {
            await failure {
                try await printer.print(PrintJob(attempt: AttemptID("P-1"), ribbon: ribbon, panels: panels))
            }?.code
        }
        func panel(_ side: CardSide, _ panel: Panel, _ width: Int = 1016, _ height: Int = 648) -> PanelRaster {
            PanelRaster(
                side: side, panel: panel, width: width, height: height,
                pixels: Bytes(repeating: 0, count: width * height))
        }
        #expect(await refused("ymckok", [panel(.front, .black)]) == "printer.ribbon.other")
        #expect(await refused("ymckk", [panel(.front, .black, 1036, 664)]) == "printer.raster")
        #expect(await refused("ymckk", [panel(.front, .overlay)]) == "printer.raster")
        #expect(await refused("ymckk", [panel(.front, .cyan), panel(.front, .black)]) == "printer.raster")
        #expect(await refused("ymckk", [panel(.back, .black)]) == "printer.raster")
        #expect(await refused("ymckk", []) == "printer.raster")
        #expect(device.surprises == [])
    }

    // MARK: acts

    private static func conversation(_ name: String) throws -> Conversation<XIDPrinter> {
        Conversation(try Transcript(name, family: "g-printec-xid"), printer)
    }

    static func printer(_ transcript: Transcript, _ device: ScriptedDevice) -> XIDPrinter {
        XIDPrinter(
            configuration(transcript),
            open: { XIDUSBLink(device, source: "printer SAKK-XD-0001", timeoutMS: transcript.patience) })
    }

    static func configuration(_ transcript: Transcript) -> XIDConfiguration {
        let plane = transcript.image == nil ? (width: 1036, height: 664) : transcript.raster
        let image = transcript.image ?? (width: 1016, height: 648)
        return XIDConfiguration(
            place: .usb(manufacturer: "G-Printec, Inc.", product: "Card Printer", chunkBytes: 65536),
            serial: "SAKK-XD-0001", model: "XID580", knownFirmware: ["1.0v"], refusesUnknownFirmware: true,
            planeWidth: plane.width, planeHeight: plane.height, imageWidth: image.width, imageHeight: image.height,
            ribbon: "ymckk", inkType: 4, commandTimeoutMS: transcript.patience, moveTimeoutMS: transcript.patience,
            panelTimeoutMS: transcript.patience,
            readyTimeoutMS: 2000)
    }

    private static func carryOut(_ act: Act, _ printer: XIDPrinter) async throws {
        switch act {
        case .connectOnly: break
        case .status: _ = try await printer.status()
        case .reset: #expect(try await printer.reset().serial == "SAKK-XD-0001")
        case .feed: try await printer.feed(to: .contactless)
        case .move: try await printer.move(to: .print)
        case .present: try await printer.present(.back)
        case .eject(let exit): try await printer.eject(exit)
        case .feedPrint, .feedThenPrint:
            try await printer.feed(to: .print)
            try await printer.print(card)
        case .printPlaces:
            try await printer.feed(to: .print)
            try await printer.print(places)
        }
    }

    private static var card: PrintJob {
        let nothing = Bytes(repeating: 0, count: 1016 * 648)
        let front = [Panel.yellow, .magenta, .cyan, .black].map {
            PanelRaster(side: .front, panel: $0, width: 1016, height: 648, pixels: nothing)
        }
        let back = PanelRaster(side: .back, panel: .black, width: 1016, height: 648, pixels: nothing)
        return PrintJob(attempt: AttemptID("P-1"), ribbon: "ymckk", panels: front + [back])
    }

    /// 4 by 2 dots: rows 1 2 3 4 and 5 6 7 8 with an offset for each colour; black above and below half.
    private static var places: PrintJob {
        func panel(_ panel: Panel, _ dots: Bytes) -> PanelRaster {
            PanelRaster(side: .front, panel: panel, width: 4, height: 2, pixels: dots)
        }
        return PrintJob(
            attempt: AttemptID("P-1"), ribbon: "ymckk",
            panels: [
                panel(.yellow, [1, 2, 3, 4, 5, 6, 7, 8]),
                panel(.magenta, [0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x18]),
                panel(.cyan, [0x21, 0x22, 0x23, 0x24, 0x25, 0x26, 0x27, 0x28]),
                panel(.black, [200, 0x7F, 255, 0, 0, 127, 128, 255]),
            ])
    }
}
