import Ground
import Printers
import Stations
import Testing

/// The language of `firmware-specs/ixla-xml` with bytes as the published pages show them.
@Suite struct IXLACodecTests {
    @Test(arguments: [
        (IXLACommand.machineStatus, "<command name=\"machinestatus\" />"),
        (.interlocks, "<command name=\"getinterlock\" />"),
        (.stacker, "<command name=\"stacker\" />"), (.patterns, "<command name=\"getpatterns\" />"),
        (.entities, "<command name=\"getentities\" />"), (.eject, "<command name=\"eject\" />"),
        (.seek(pattern: "P&1"), "<command name=\"autoposition\" PatternName=\"P&amp;1\" />"),
        (.barcode("N"), "<command name=\"barcode\" BarcodeName=\"N\" />"),
        (.move(from: "a", to: "b"), "<command name=\"movepassport\" source=\"a\" destination=\"b\" />"),
        (
            .mark(layout: "L", x: -1250, y: 7),
            "<command name=\"marklayout\" layout=\"L\" XOffset=\"-1,250\" YOffset=\"0,007\" />"
        ),
    ])
    func aCommandIsAnElementAsPublished(command: IXLACommand, text: String) {
        #expect(IXLACodec.bytes(command, decimalComma: true) == Bytes((text + "\r\n").utf8))
    }

    @Test func decimalsFollowTheMachinesCountry() {
        let mark = IXLACodec.bytes(.mark(layout: "L", x: 1250, y: 0), decimalComma: false)
        #expect(String(decoding: mark, as: UTF8.self).contains("XOffset=\"1.250\" YOffset=\"0.000\""))
    }

    private static func scan(_ text: String) throws -> [IXLAElement] {
        var scanner = IXLAScanner()
        scanner.append(Bytes(text.utf8))
        var elements: [IXLAElement] = []
        while let element = try scanner.next() { elements.append(element) }
        return elements
    }

    @Test(arguments: [
        (
            "<command valid=\"true\" />",
            IXLAAnswer.valid(IXLAElement(name: "command", attributes: [.init("valid", "true")]))
        ),
        ("<command valid=\"false\" error=\"Transport module not ready\" />", .refused("Transport module not ready")),
        ("<command name=\"MarkLayout\" executed=\"true\" >", .executed("marklayout")),
        ("<command name=\"eject\" executed=\"false\"  >", .failed("eject", "")),
        ("<stacker empty=\"true\" />", .stacker(isEmpty: true)),
    ])
    func answersAreReadAsPublished(text: String, answer: IXLAAnswer) throws {
        #expect(try Self.scan(text).map { IXLACodec.answer($0) } == [answer])
    }

    @Test(arguments: [
        "OK", "<command", "<command valid=true/>x", "<command valid='true' valid='false' />", "<1 a='b'>",
        "<command valid=\"&x;\" />",
        "<command valid=\"<\" />", "</comm=and>", "<command valid=\"true\"b=\"c\" />", "<a b='\u{1}'/>",
    ])
    func whatIsNoElementIsRefusedOrWaitedFor(text: String) {
        let elements = try? Self.scan(text)
        #expect(elements == nil || elements == [])
    }

    @Test(arguments: [
        IXLAElement(name: "command", attributes: []), IXLAElement(name: "reply", attributes: [.init("valid", "true")]),
        IXLAElement(name: "command", attributes: [.init("valid", "yes")]),
        IXLAElement(name: "command", attributes: [.init("executed", "true")]),
        IXLAElement(
            name: "command", attributes: [.init("valid", "true"), .init("name", "eject"), .init("executed", "true")]),
        IXLAElement(name: "stacker", attributes: []),
        IXLAElement(name: "stacker", attributes: [.init("empty", "true"), .init("full", "true")]),
    ])
    func anUnpublishedAnswerIsNone(element: IXLAElement) {
        #expect(IXLACodec.answer(element) == nil)
    }

    @Test func anElementMayComeByteByByte() throws {
        var scanner = IXLAScanner()
        var elements: [IXLAElement] = []
        for byte in Bytes(
            "\r\n<command valid=\"true\" Barcode=\"a>b &lt;\" >\r\n</command>\r\n<stacker empty=\"false\"/>".utf8)
        {
            scanner.append([byte])
            while let element = try scanner.next() { elements.append(element) }
        }
        #expect(elements.count == 2)
        #expect(elements.first?["Barcode"] == "a>b <")
        #expect(scanner.isEmpty)
    }

    @Test func anEndlessElementIsGivenUp() {
        var scanner = IXLAScanner()
        scanner.append(Bytes("<command error=\"".utf8) + Bytes(repeating: 0x41, count: IXLAScanner.longest))
        #expect(throws: IXLAScanner.Malformed.self) { try scanner.next() }
    }

    @Test func aPanelIsABitmapFromBelowWithBlackAsNought() {
        let raster = PanelRaster(side: .front, panel: .black, width: 2, height: 2, pixels: [0, 255, 1, 128])
        let file = IXLABitmap.file(raster, dpi: 300)
        #expect(file.count == 1078 + 8)
        #expect(Array(file.suffix(8)) == [254, 127, 0, 0, 255, 0, 0, 0])
        #expect(file.prefix(14).elementsEqual([0x42, 0x4D, 0x3E, 0x04, 0, 0, 0, 0, 0, 0, 0x36, 0x04, 0, 0]))
        #expect(file[38..<42].elementsEqual([0x23, 0x2E, 0, 0]), "11811 dots a metre")
    }

    @Test func theDocumentIsPublishedBase64() {
        // RFC 4648, 10
        for (text, base64) in [
            ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("foobar", "Zm9vYmFy"),
        ] {
            let bytes = IXLACodec.bytes(.createImage(name: "N", file: Bytes(text.utf8)), decimalComma: true)
            let said = String(decoding: bytes, as: UTF8.self)
            #expect(said.contains("<entity Type=\"Image\" Name=\"N\" Image=\"\(base64)\" XPos=\"0\" YPos=\"0\" />"))
        }
    }
}
