import Ground
import Printers
import Stations
import Testing

extension ScriptedDevice: ByteStream {}

/// The driver against conversations whose bytes were put together apart from it, from the published facts.
@Suite struct IXLAPrinterTests {
    enum Act: Sendable {
        case connectOnly, status, details, reset, read, feed, move, present, print, readThenPrint
        case eject(CardExit)
    }

    typealias Case = ConversationCase<Act>

    static let cases: [Case] = [
        Case("connect", .connectOnly), Case("connect-small", .connectOnly), Case("connect-moving", .connectOnly),
        Case("connect-error", .connectOnly), Case("connect-cut", .connectOnly),
        Case("connect-serial-other", .connectOnly, "printer.serial", .notDone),
        Case("connect-no-page", .connectOnly, "printer.serial", .notDone),
        Case("connect-firmware-unknown", .connectOnly, "printer.firmware", .notDone),
        Case("connect-mark-not-kept", .connectOnly, "printer.laser", .notDone),
        Case("connect-mark-refused", .connectOnly, "printer.laser", .notDone),
        Case("connect-silent", .connectOnly, "printer.timeout", .unknown),
        Case("connect-broken", .connectOnly, "printer.answer.unknown", .unknown),
        Case("connect-html", .connectOnly, "printer.answer.unknown", .unknown),
        Case("connect-turn", .connectOnly, "printer.desynchronised", .unknown),
        Case("status-empty", .status), Case("status-booklet", .status), Case("status-point", .status),
        Case("status-other-page", .status), Case("status-faint", .status), Case("status-stacker-empty", .status),
        Case("status-door-open", .status), Case("status-door2-open", .status), Case("status-hot", .status),
        Case("status-hot-all", .status), Case("status-driver", .status), Case("status-jam", .status),
        Case("status-laser-fault", .status), Case("status-warm-up", .status), Case("status-marking", .status),
        Case("status-interface-error", .status), Case("status-interface-fault", .status),
        Case("status-word-unlisted", .status),
        Case("status-interlock-missing", .status, "printer.answer.unknown", .notDone),
        Case("status-interlock-unlisted", .status, "printer.answer.unknown", .notDone),
        Case("status-module-missing", .status, "printer.answer.unknown", .notDone),
        Case("status-offset-strange", .status, "printer.answer.unknown", .notDone),
        Case("status-stray", .status, "printer.desynchronised", .notDone),
        Case("status-reset", .status, "printer.reset", .unknown),
        Case("status-other-document", .status, "printer.reset", .unknown),
        Case("details", .details),
        Case("read-booklet", .read), Case("read-diplomatic", .read), Case("read-absent", .read),
        Case("read-unreadable", .read), Case("read-upside-down", .read), Case("read-two", .read),
        Case("read-two-pages", .read),
        Case("reset", .reset), Case("reset-error", .reset),
        Case("reset-occupied", .reset, "printer.occupied", .notDone),
        Case("reset-stuck", .reset, "printer.occupied", .notDone),
        Case("reset-failed", .reset, "printer.reset.undone", .unknown),
        Case("reset-refused", .reset, "printer.reset.undone", .notDone),
        Case("reset-undone", .reset, "printer.reset.undone", .unknown),
        Case("reset-booklet", .reset, "printer.reset.card", .unknown),
        Case("feed", .feed),
        Case("feed-occupied", .feed, "printer.occupied", .notDone),
        Case("feed-empty", .feed, "printer.feeder.empty", .notDone),
        Case("feed-door-open", .feed, "printer.cover.open", .notDone),
        Case("feed-hot", .feed, "printer.head.hot", .notDone),
        Case("feed-laser-fault", .feed, "printer.laser", .notDone),
        Case("feed-warm-up", .feed, "printer.busy", .notDone),
        Case("feed-unlisted", .feed, "printer.sense.unknown", .notDone),
        Case("feed-refused", .feed, "printer.feed", .notDone),
        Case("feed-jam", .feed, "printer.feed", .unknown),
        Case("feed-air", .feed, "printer.feed", .unknown),
        Case("feed-silent", .feed, "printer.timeout", .unknown),
        Case("feed-gone", .feed, "usb.device.gone", .unknown),
        Case("feed-other-end", .feed, "printer.desynchronised", .unknown),
        Case("feed-reset", .feed, "printer.reset", .unknown),
        Case("move", .move),
        Case("move-nothing", .move, "printer.empty", .notDone),
        Case("move-jam", .move, "printer.jam", .notDone),
        Case("present", .present),
        Case("eject-good", .eject(.good)), Case("eject-reject", .eject(.reject)),
        Case("eject-error-reject", .eject(.reject)),
        Case("eject-nothing", .eject(.good), "printer.empty", .notDone),
        Case("eject-refused", .eject(.good), "printer.eject", .notDone),
        Case("eject-jam", .eject(.good), "printer.eject", .unknown),
        Case("eject-still", .eject(.good), "printer.exit", .unknown),
        Case("eject-reset", .eject(.good), "printer.reset", .unknown),
        Case("eject-silent", .eject(.good), "printer.timeout", .unknown),
        Case("eject-error-good", .eject(.good), "printer.laser", .notDone),
        Case("print", .print), Case("print-clear-refused", .print),
        Case("print-nothing", .print, "printer.empty", .notDone),
        Case("print-page", .print, "printer.booklet.page", .notDone),
        Case("print-unreadable", .print, "printer.booklet.page", .notDone),
        Case("print-far", .print, "printer.booklet.offset", .notDone),
        Case("print-door", .print, "printer.cover.open", .notDone),
        Case("print-document-failed", .print, "printer.laser", .notDone),
        Case("print-document-refused", .print, "printer.laser", .notDone),
        Case("print-document-other", .print, "printer.document", .notDone),
        Case("print-document-silent", .print, "printer.timeout", .notDone),
        Case("print-swapped", .print, "printer.booklet.other", .notDone),
        Case("print-taken", .print, "printer.empty", .notDone),
        Case("print-refused", .print, "printer.laser", .notDone),
        Case("print-failed", .print, "printer.laser", .unknown),
        Case("print-laser-off", .print, "printer.laser", .unknown),
        Case("print-silent", .print, "printer.timeout", .unknown),
        Case("print-gone", .print, "usb.device.gone", .unknown),
        Case("print-moved-out", .print, "printer.empty", .unknown),
        Case("read-then-other", .readThenPrint, "printer.booklet.other", .notDone),
    ]

    @Test(arguments: cases)
    func theConversationGoesAsWrittenAndTheErrorSaysItsOutcome(_ test: Case) async throws {
        let transcript = try Transcript(test.transcript, family: "ixla-xml")
        let conversation = Conversation(transcript) { transcript, device in
            var configuration = Self.configuration(transcript)
            if test.code == "printer.firmware" { configuration.knownFirmware = ["1.0"] }
            return IXLAPrinter(configuration, open: { device })
        }
        try await conversation.play(test, Self.carryOut)
    }

    @Test func everyTranscriptIsPlayed() throws {
        let files = try TranscriptFolder.names("ixla-xml")
        #expect(Set(Self.cases.map(\.transcript)) == files)
        #expect(files.count >= 40)
    }

    static let words: [(String, CardPosition, Set<PrinterStateReason>)] = [
        ("status-empty", CardPosition.none, Set<PrinterStateReason>()), ("status-booklet", .at(.print), []),
        ("status-point", .at(.print), []), ("status-other-page", .at(.print), []),
        ("status-faint", .at(.print), []), ("status-stacker-empty", CardPosition.none, [.mediaEmpty]),
        ("status-door-open", CardPosition.none, [.coverOpen]), ("status-door2-open", CardPosition.none, [.coverOpen]),
        ("status-hot", CardPosition.none, [.fuserOverTemperature]),
        ("status-hot-all", CardPosition.none, [.fuserOverTemperature]),
        ("status-driver", CardPosition.none, [.hardwareFault]),
        ("status-jam", .somewhere, [.mediaJam, .hardwareFault]),
        ("status-laser-fault", CardPosition.none, [.hardwareFault]),
        ("status-warm-up", CardPosition.none, [.fuserUnderTemperature]),
        ("status-interface-error", CardPosition.none, [.hardwareFault]),
        ("status-interface-fault", CardPosition.none, [.hardwareFault]),
        ("status-marking", CardPosition.none, [.other]),
        ("status-word-unlisted", CardPosition.none, [.other, .hardwareFault]),
    ]

    @Test(arguments: words)
    func statusSpeaksTheWordsOfIPP(name: String, place: CardPosition, reasons: Set<PrinterStateReason>) async throws {
        let status = try await Self.conversation(name).status()
        #expect(status.position == place)
        #expect(status.reasons == reasons)
    }

    static let readings: [(String, BookletReading)] = [
        ("read-absent", .absent),
        ("read-booklet", .booklet(BookletIdentity(number: "B00000001", category: "regular", page: .data))),
        ("read-diplomatic", .booklet(BookletIdentity(number: "B00000001", category: "diplomatic", page: .data))),
        ("read-unreadable", .booklet(BookletIdentity(number: nil, category: "regular", page: .data))),
        ("read-upside-down", .booklet(BookletIdentity(number: nil, category: nil, page: .other))),
        ("read-two", .booklet(BookletIdentity(number: "B1", category: nil, page: .other))),
        ("read-two-pages", .booklet(BookletIdentity(number: "B1", category: nil, page: .other))),
    ]

    @Test(arguments: readings)
    func theReaderSaysWhatTheCameraSees(name: String, reading: BookletReading) async throws {
        let printer = try Self.conversation(name).printer
        _ = try await printer.connect()
        #expect(try await IXLABookletReader(printer).read() == reading)
    }

    @Test func anEngravingInDoubtIsCountedNeitherAsDoneNorAsNotBegun() async throws {
        func marks(_ name: String) async throws -> (before: Int, after: Int) {
            let printer = try Self.conversation(name).printer
            _ = try await printer.connect()
            let before = try await printer.details().counters[1].value
            try? await printer.print(Self.page)
            return (before, try await printer.details().counters[1].value)
        }
        #expect(try await marks("print") == (0, 1))
        #expect(try await marks("print-refused") == (0, 0))
        #expect(try await marks("print-failed") == (0, 2))
        #expect(try await marks("print-taken") == (0, 0))
    }

    @Test func whatTheMachineCannotDoIsRefusedBeforeAnyByte() async throws {
        let transcript = try Transcript("connect-small", family: "ixla-xml")
        let device = ScriptedDevice(transcript)
        let printer = IXLAPrinter(Self.configuration(transcript), open: { device })
        _ = try await printer.connect()
        let contacts = await failure { try await printer.feed(to: .contact) }
        #expect(contacts?.code == "printer.station")
        let back = await failure { try await printer.present(.back) }
        #expect(back?.code == "printer.side")
        func job(_ name: String, _ ribbon: String, _ panel: Panel, _ width: Int) -> PrintJob {
            let raster = PanelRaster(
                side: .front, panel: panel, width: width, height: 3, pixels: Bytes(repeating: 1, count: width * 3))
            return PrintJob(attempt: AttemptID(name), ribbon: ribbon, panels: [raster])
        }
        for (wrong, code) in [
            (job("A-1", "ymckok", .black, 5), SakkError.Code("printer.ribbon.other")),
            (job("A-1", "laser", .black, 6), "printer.raster"), (job("A-1", "laser", .cyan, 5), "printer.raster"),
            (job("A;1", "laser", .black, 5), "printer.attempt"), (job("sakk", "laser", .black, 5), "printer.attempt"),
            (job("A\"/>", "laser", .black, 5), "printer.attempt"),
        ] {
            let error = await failure { try await printer.print(wrong) }
            #expect(error?.code == code)
            #expect(error?.outcome == .notDone)
        }
        let clean = await failure { try await printer.clean() }
        #expect(clean?.code == "printer.clean.display")
        #expect(device.surprises == [])
    }

    // MARK: acts

    private static func conversation(_ name: String) throws -> Conversation<IXLAPrinter> {
        Conversation(try Transcript(name, family: "ixla-xml")) { transcript, device in
            IXLAPrinter(configuration(transcript), open: { device })
        }
    }

    static func configuration(_ transcript: Transcript) -> IXLAConfiguration {
        let isSmall = transcript.raster.width == 5
        return IXLAConfiguration(
            host: "127.0.0.1", port: 3000, serial: "SAKK-IX-0001", model: "XP24", knownFirmware: ["not told"],
            refusesUnknownFirmware: true, imageWidth: isSmall ? 5 : 1478, imageHeight: isSmall ? 3 : 1040, dpi: 300,
            stacker: "stacker", laser: "laser", reject: "reject", leastPercent: 80, mostOffset: 2500,
            commandTimeoutMS: transcript.patience, moveTimeoutMS: transcript.patience,
            markTimeoutMS: transcript.patience, readyTimeoutMS: 1000, decimalComma: true)
    }

    private static var page: PrintJob {
        let pixels: Bytes = [255, 0, 128, 1, 254, 0, 0, 0, 0, 0, 7, 77, 177, 200, 255]
        return PrintJob(
            attempt: AttemptID("A-1"), ribbon: "laser",
            panels: [PanelRaster(side: .front, panel: .black, width: 5, height: 3, pixels: pixels)])
    }

    private static func carryOut(_ act: Act, _ printer: IXLAPrinter) async throws {
        switch act {
        case .connectOnly: break
        case .status: _ = try await printer.status()
        case .details:
            let details = try await printer.details()
            #expect(details.counters.map(\.value) == [0, 0])
            #expect(!details.tellsLife)
        case .reset: #expect(try await printer.reset().serial == "SAKK-IX-0001")
        case .read: _ = try await IXLABookletReader(printer).read()
        case .feed: try await printer.feed(to: .contactless)
        case .move: try await printer.move(to: .print)
        case .present: try await printer.present(.front)
        case .print: try await printer.print(page)
        case .readThenPrint:
            _ = try await IXLABookletReader(printer).read()
            try await printer.print(page)
        case .eject(let exit): try await printer.eject(exit)
        }
    }
}
