import Glibc
import Ground
import Pixels
import Stations

@testable import Inspection

/// Pictures as an enemy would send them: decoded, and what decodes is looked at as the worker looks at it.
private enum Doors {
    /// What the doors with an inspection behind them judge against: grey, with a portrait and a zone.
    private static let artwork: Picture = {
        var rgb = Bytes(repeating: 220, count: 1016 * 648 * 3)
        for y in 100..<400 { for x in 60..<320 { rgb[(y * 1016 + x) * 3] = UInt8((x + y) & 255) } }
        for y in stride(from: 450, to: 600, by: 3) { for x in 60..<900 { rgb[(y * 1016 + x) * 3 + 1] = 20 } }
        return Picture(width: 1016, height: 648, rgb: rgb)
    }()

    /// The one door of this run; nil: the first byte of each input says it. Frames have three.
    static let only: UInt8? = getenv("SAKK_FUZZ_DOOR").flatMap { UInt8(String(cString: $0)) }.flatMap {
        $0 < 4 ? $0 : nil
    }

    static func open(_ door: UInt8, _ bytes: Bytes) {
        switch door % 6 {
        case 0: whole(try? PNG.decode(bytes, maxPixels: 4_000_000))
        case 1: whole(try? JPEG.decode(bytes, maxPixels: 4_000_000))
        case 2: whole(try? JPEG2000.decode(bytes, maxPixels: 4_000_000))
        case 3: compare(bytes)
        case 4: frame(bytes, of: .bayerRG8)
        default: frame(bytes, of: [.mono8, .rgb8][Int(door / 6 & 1)])
        }
        #if PLANTED_BUG
            trusting(bytes)
        #endif
    }

    private static func whole(_ image: RGBImage?) {
        guard let image else { return }
        precondition(image.rgb.count == image.width * image.height * 3 && image.width > 0 && image.height > 0)
    }

    /// The image of a chip against a portrait that was seen.
    private static func compare(_ bytes: Bytes) {
        let seen = Picture(width: 60, height: 80, rgb: Bytes((0..<60 * 80 * 3).map { UInt8($0 * 7 & 255) }))
        let request = PortraitRequest(attempt: AttemptID("F-1"), side: .front, seen: seen, chip: bytes)
        guard let result = try? PortraitMatch(plan: .standard).result(request) else { return }
        precondition(result.verdict != .pass || bytes.count > 100)
    }

    /// A frame whose size and pixels do not fit each other, or show anything.
    private static func frame(_ bytes: Bytes, of format: PixelFormat) {
        guard bytes.count >= 4 else { return }
        let (width, height) = (400 + Int(bytes[0]) * 2, 240 + Int(bytes[1]) * 2)
        let wanted = width * height * (format == .rgb8 ? 3 : 1)
        var pixels = Bytes()
        pixels.reserveCapacity(wanted)
        // the input again and again, each time a little brighter: patterns, edges, plain grey
        while pixels.count < wanted { pixels += bytes.dropFirst(2).map { $0 &+ UInt8(pixels.count >> 12 & 255) } }
        let count = bytes[2] & 7 == 0 ? wanted - Int(bytes[3]) : wanted
        let frame = Frame(
            attempt: AttemptID("F-1"), side: .front, number: 1, width: width, height: height, format: format,
            pixels: Bytes(pixels.prefix(count)))
        guard let handle = try? FramePixels.open(frame) else { return }
        _ = try? CardView.open(handle, raster: .td1)
        let field = FieldPlace(
            name: "portrait", kind: .portrait, side: .front, rect: RectMM(x: 5, y: 8, width: 22, height: 25), text: "")
        let rendered = RenderedDocument(
            sides: [RenderedSide(side: .front, picture: artwork)], panels: [], fields: [field], ribbon: "k", dpi: 300)
        let request = InspectionRequest(
            attempt: AttemptID("F-1"), rendered: rendered, mrz: [], portrait: artwork, frames: [frame])
        var side = SideInspection(SideSubject(rendered.sides[0], raster: .td1, request: request), plan: .standard)
        try? side.run(frame)
        precondition(side.doubt != nil || !side.findings.isEmpty, "passed")
    }

    #if PLANTED_BUG
        /// Believes the size that a PNG says of itself, as a careless decoder would.
        static func trusting(_ bytes: Bytes) {
            guard bytes.count > 24, bytes.starts(with: [0x89, 0x50, 0x4E, 0x47]) else { return }
            precondition(bytes[16] == 0 && bytes[20] == 0)
        }
    #endif
}

/// The door for libFuzzer.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    guard count > 1 else { return 0 }
    Doors.open(Doors.only ?? start[0], Bytes(UnsafeBufferPointer(start: start + 1, count: count - 1)))
    return 0
}

@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
    _ count: UnsafeMutablePointer<CInt>,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?>,
    _ door: @convention(c) (UnsafePointer<UInt8>, Int) -> CInt
) -> CInt

@_cdecl("PictureFuzz_main")
public func fuzzMain(_ count: CInt, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?) -> CInt {
    var count = count
    var arguments = arguments
    return runDriver(&count, &arguments, fuzzOneInput)
}
