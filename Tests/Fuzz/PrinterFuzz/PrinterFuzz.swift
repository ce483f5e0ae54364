import FuzzDoor
import Ground
import Stations

@testable import Printers
@testable import USBTransport

/// What a machine can say, at each parser of the four families.
private enum Doors {
    static func open(_ door: UInt8, _ bytes: Bytes) {
        switch door {
        case 0: evolis(bytes)
        case 1: pages(bytes)
        case 2: _ = BulkOnlyTransport.status(bytes, tag: 0x0102_0304)
        case 3: _ = try? XIDNetworkMessage.first(of: bytes, XIDFailures(source: "fuzz"))?.message.sense.meaning
        case 4: magicard(bytes)
        case 5: sensors(bytes)
        case 6: elements(bytes, piece: Int.max)
        case 7: elements(Bytes(bytes.dropFirst()), piece: Int(bytes.first ?? 0) % 16 + 1)
        case 8: conversation(bytes)
        case 9:
            _ = USBDeviceID.text(bytes).map { text in
                (USBDeviceID.serial(in: text), ["MFG", "MDL"].map { USBDeviceID.value($0, in: text) })
            }
        case 10: network(bytes)
        default:
            guard bytes.count > 2 else { return }
            _ = XIDSense(key: bytes[0], code: bytes[1]).meaning.reasons
        }
        #if PLANTED_BUG
            believing(bytes)
        #endif
    }

    private static func evolis(_ bytes: Bytes) {
        guard let answer = EvolisCodec.answer(bytes) else { return }
        _ = EvolisCodec.position(answer)
        _ = EvolisCodec.volts(String(decoding: bytes, as: UTF8.self))
        _ = EvolisStatusWords(String(decoding: bytes, as: UTF8.self))?.reasons
    }

    private static func pages(_ bytes: Bytes) {
        _ = XIDReplies.inquiry(bytes)
        _ = XIDReplies.sense(bytes)?.meaning
        _ = XIDReplies.position(bytes)
        _ = XIDReplies.networkPosition(bytes)
        _ = XIDReplies.status(bytes)?.meaning
        _ = XIDReplies.counters(bytes)
        _ = XIDReplies.ink(bytes)
        _ = XIDReplies.plane(bytes)
        _ = XIDReplies.retries(bytes)
    }

    private static func magicard(_ bytes: Bytes) {
        for key in MagicardKey.allCases { _ = MagicardCodec.value(bytes, of: key).flatMap { Int($0) } }
        _ = MagicardCodec.line(bytes)
    }

    private static func sensors(_ bytes: Bytes) {
        let lines = bytes.dropFirst(2).split(separator: 0x0A).compactMap { MagicardCodec.line(Bytes($0)) }
        guard
            let state = MagicardState(
                lines: lines, port: bytes.first, panelsLeft: Int(bytes.dropFirst().first ?? 0), cleaningIsDue: false)
        else { return }
        _ = (state.position(chip: .contactless), state.reasons, state.stop(.feed), state.stop(.print))
    }

    private static func judge(_ element: IXLAElement) {
        _ = IXLACodec.answer(element)
        _ = IXLACodec.sight(element)
        for name in ["Patterns", "texts", "images"] { _ = IXLACodec.list(element, name) }
        guard let open = IXLAState.interlocks(element) else { return }
        let state = IXLAState(
            transport: element["a"] ?? "Ready", laser: element["b"] ?? "Ready", interface: element["c"] ?? "Ready",
            open: open, stackerIsEmpty: false)
        _ = (state.reasons, state.stop(.feed), state.stop(.move), state.isWorking)
    }

    private static func elements(_ bytes: Bytes, piece: Int) {
        var scanner = IXLAScanner()
        var rest = bytes[...]
        while !rest.isEmpty {
            let part = rest.prefix(min(piece, rest.count))
            rest = rest.dropFirst(part.count)
            scanner.append(Bytes(part))
            do {
                while let element = try scanner.next() { judge(element) }
            } catch { return }
        }
    }

    /// A machine that answers each question with what the input has next, split at each line's end.
    private final class Liar: ByteStream {
        let connection = "fuzz"
        private var answers: [Bytes]
        init(_ bytes: Bytes) {
            answers = bytes.split(separator: 0x0A, omittingEmptySubsequences: false).map { Bytes($0) }
        }
        func send(_ bytes: Bytes, timeoutMS: Int) throws(SakkError) {}
        func receive(upTo count: Int, timeoutMS: Int) throws(SakkError) -> Bytes {
            guard !answers.isEmpty else {
                throw SakkError("printer.network.lost", source: "fuzz", text: "end", remedy: "none")
            }
            return answers.removeFirst()
        }
        func close() {}
    }

    private static let configuration = IXLAConfiguration(
        host: "", port: 0, serial: "S", model: "M", knownFirmware: [], refusesUnknownFirmware: false, imageWidth: 1,
        imageHeight: 1, dpi: 300, stacker: "a", laser: "b", reject: "c", leastPercent: 80, mostOffset: 100,
        commandTimeoutMS: 1, moveTimeoutMS: 1, markTimeoutMS: 1, readyTimeoutMS: 1, decimalComma: true)

    private static func conversation(_ bytes: Bytes) {
        let session = IXLASession(Liar(bytes), configuration)
        for _ in 0..<4 {
            _ = try? session.ask(.entities)
            _ = try? session.order(.eject, timeoutMS: 1)
        }
    }

    private static func network(_ bytes: Bytes) {
        guard let link = try? XIDNetworkLink(Liar(bytes), source: "fuzz", timeoutMS: 1, isFine: true) else { return }
        guard (try? link.resynchronise()) != nil else { return }
        _ = try? link.identity()
        _ = try? link.position()
    }

    #if PLANTED_BUG
        /// Takes a count from the answer for true, as a careless reader of a frame would.
        private static func believing(_ bytes: Bytes) {
            guard bytes.count > 3, bytes[0] == 0x01, bytes[1] == UInt8(ascii: "S") else { return }
            precondition(bytes[Int(bytes[2])] >= 0)
        }
    #endif
}

/// The package manager gives every program a main of its own name.
@_cdecl("PrinterFuzz_main")
public func fuzzMain(_ count: CInt, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?) -> CInt {
    FuzzDoor.run(count, arguments, doors: 12, open: Doors.open)
}
