public import Ground
public import Stations

/// How light, lens and sensor of a station show a white target: by it frames are evened out and balanced (flat field). A target
/// is photographed when the station is set up, and again after a lamp, a lens or a camera was touched.
public struct WhiteReference: Sendable, Equatable {
    public static let columns = 24
    public static let rows = 20

    public let width: Int
    public let height: Int
    public let format: PixelFormat
    /// Mean levels of the target in tenths, cell by cell from the top left, channel after channel: one (mono), three (RGB), four
    /// (Bayer: red, green, green, blue).
    public let levels: [[Int64]]

    /// From frames of the target. Errors: `camera.white` when they are of different cameras, dark, full, or the light differs over
    /// the field by more than a station of use does.
    public init(_ frames: [Frame]) throws(SakkError) {
        guard let first = frames.first,
            frames.allSatisfy({ $0.width == first.width && $0.height == first.height && $0.format == first.format }),
            first.width >= 2 * Self.columns, first.height >= 2 * Self.rows
        else { throw Self.failure("The frames are not of one camera.") }
        (width, height, format) = (first.width, first.height, first.format)
        var sums = [[Int64]](
            repeating: [Int64](repeating: 0, count: Self.columns * Self.rows), count: Self.channels(format))
        var counts = sums
        var full = 0
        for frame in frames {
            guard frame.pixels.count == Self.bytes(frame) else { throw Self.failure("A frame is not whole.") }
            for y in 0..<height {
                let row = y * Self.rows / height * Self.columns
                for x in 0..<width {
                    let cell = row + x * Self.columns / width
                    for channel in Self.channels(at: x, y, format) {
                        let level = frame.pixels[Self.index(x, y, channel, width, format)]
                        sums[channel][cell] += Int64(level)
                        counts[channel][cell] += 1
                        if level >= 250 { full += 1 }
                    }
                }
            }
        }
        levels = zip(sums, counts).map { sums, counts in zip(sums, counts).map { $1 > 0 ? $0 * 10 / $1 : 0 } }
        guard full * 500 < frames.count * first.pixels.count else {
            throw Self.failure("The target is brighter than the sensor can show: less light or exposure.")
        }
        for channel in levels {
            guard let least = channel.min(), let most = channel.max(), least >= 400 else {
                throw Self.failure("The target is too dark: more light or exposure, and it must fill the field.")
            }
            guard most <= 3 * least else {
                throw Self.failure("The light is too uneven, or the target does not fill the field.")
            }
        }
    }

    public init?(_ value: JSONValue) {
        guard value["schema"]?.string == "sakk.white-reference/1", let width = value["width"]?.integer,
            let height = value["height"]?.integer, (48...20_000).contains(width), (40...20_000).contains(height),
            let format = value["format"]?.string.flatMap(PixelFormat.init(rawValue:)),
            case .array(let channels)? = value["levels_tenths"], channels.count == Self.channels(format)
        else { return nil }
        var levels: [[Int64]] = []
        for case .array(let channel) in channels {
            let cells = channel.compactMap(\.integer).filter { (400...2550).contains($0) }
            guard cells.count == Self.columns * Self.rows else { return nil }
            levels.append(cells)
        }
        guard levels.count == channels.count else { return nil }
        (self.width, self.height, self.format, self.levels) = (Int(width), Int(height), format, levels)
    }

    public var json: JSONValue {
        [
            "schema": "sakk.white-reference/1", "width": .integer(Int64(width)), "height": .integer(Int64(height)),
            "format": .string(format.rawValue),
            "levels_tenths": .array(levels.map { .array($0.map(JSONValue.integer)) }),
        ]
    }

    /// Of the field's darkest cell to its brightest, in thousandths; of each channel to the brightest one, in thousandths.
    public var evenness: (field: Int64, channels: [Int64]) {
        let means = levels.map { $0.reduce(0, +) / Int64($0.count) }
        let field = levels.map { ($0.min() ?? 0) * 1000 / max($0.max() ?? 1, 1) }.min() ?? 0
        return (field, means.map { $0 * 1000 / max(means.max() ?? 1, 1) })
    }

    /// What a frame's pixels are multiplied with, in 256ths, pixel by pixel: made once for a camera.
    func gains() -> [UInt16] {
        // everything comes to the level that the brightest channel has on the whole
        let target = Double(levels.map { $0.reduce(0, +) / Int64($0.count) }.max() ?? 1)
        var gains = [UInt16](repeating: 256, count: width * height * (format == .rgb8 ? 3 : 1))
        for y in 0..<height {
            let (top, down) = Self.between(y, height, Self.rows)
            for x in 0..<width {
                let (left, across) = Self.between(x, width, Self.columns)
                for channel in Self.channels(at: x, y, format) {
                    let cells = levels[channel]
                    func level(_ row: Int, _ column: Int) -> Double { Double(cells[row * Self.columns + column]) }
                    let (next, below) = (min(left + 1, Self.columns - 1), min(top + 1, Self.rows - 1))
                    let upper = level(top, left) * (1 - across) + level(top, next) * across
                    let lower = level(below, left) * (1 - across) + level(below, next) * across
                    let gain = target / (upper * (1 - down) + lower * down)
                    gains[Self.index(x, y, channel, width, format)] = UInt16(min(max(gain * 256, 64), 1024).rounded())
                }
            }
        }
        return gains
    }

    static func apply(_ gains: [UInt16], to pixels: Bytes) -> Bytes {
        Bytes(unsafeUninitializedCapacity: pixels.count) { target, count in
            pixels.withUnsafeBufferPointer { pixels in
                gains.withUnsafeBufferPointer { gains in
                    for index in 0..<pixels.count {
                        let level = (UInt32(pixels[index]) * UInt32(gains[index]) + 128) >> 8
                        target[index] = UInt8(truncatingIfNeeded: min(level, 255))
                    }
                }
            }
            count = pixels.count
        }
    }

    func fits(_ frame: Frame) -> Bool {
        frame.width == width && frame.height == height && frame.format == format
            && frame.pixels.count == Self.bytes(frame)
    }

    private static func bytes(_ frame: Frame) -> Int { frame.width * frame.height * (frame.format == .rgb8 ? 3 : 1) }

    private static func channels(_ format: PixelFormat) -> Int {
        switch format {
        case .mono8: 1
        case .rgb8: 3
        case .bayerRG8: 4
        }
    }

    /// Channels that a place of the sensor has.
    private static func channels(at x: Int, _ y: Int, _ format: PixelFormat) -> Range<Int> {
        switch format {
        case .mono8: 0..<1
        case .rgb8: 0..<3
        case .bayerRG8: (y & 1) * 2 + (x & 1)..<(y & 1) * 2 + (x & 1) + 1
        }
    }

    private static func index(_ x: Int, _ y: Int, _ channel: Int, _ width: Int, _ format: PixelFormat) -> Int {
        format == .rgb8 ? (y * width + x) * 3 + channel : y * width + x
    }

    /// The cell whose middle lies before a pixel, and how far it lies behind it.
    private static func between(_ place: Int, _ size: Int, _ cells: Int) -> (cell: Int, share: Double) {
        let position = (Double(place) + 0.5) * Double(cells) / Double(size) - 0.5
        let cell = min(max(Int(position.rounded(.down)), 0), cells - 1)
        return (cell, min(max(position - Double(cell), 0), 1))
    }

    private static func failure(_ text: String) -> SakkError {
        SakkError(
            "camera.white", source: "white reference", text: text,
            remedy: "Lay the white target where cards lie, and take the reference again.")
    }
}

/// A camera whose frames are evened out by its white reference.
public actor EvenCamera: CardCamera {
    private let camera: any CardCamera
    private let reference: WhiteReference
    private var gains: [UInt16] = []

    public init(_ camera: any CardCamera, by reference: WhiteReference) {
        self.camera = camera
        self.reference = reference
    }

    public func connect() async throws(SakkError) {
        if gains.isEmpty { gains = reference.gains() }
        try await camera.connect()
    }

    /// Errors: those of the camera, and `camera.white` for a frame that is not of the reference's camera.
    public func capture(_ side: CardSide, for attempt: AttemptID) async throws(SakkError) -> Frame {
        let frame = try await camera.capture(side, for: attempt)
        guard reference.fits(frame) else {
            throw SakkError(
                "camera.white", source: "camera",
                text: "The white reference is of another camera or another frame size.",
                remedy: "Take the white reference of this camera.")
        }
        if gains.isEmpty { gains = reference.gains() }
        return Frame(
            attempt: frame.attempt, side: frame.side, number: frame.number, width: frame.width, height: frame.height,
            format: frame.format, pixels: WhiteReference.apply(gains, to: frame.pixels))
    }

    /// The reference is of white light: frames by another one are as they come.
    public func capture(
        _ side: CardSide, under light: CardLight, for attempt: AttemptID
    ) async throws(SakkError) -> Frame {
        guard light == .white else { return try await camera.capture(side, under: light, for: attempt) }
        return try await capture(side, for: attempt)
    }

    public var health: CameraHealth? { get async { await camera.health } }

    public func disconnect() async { await camera.disconnect() }
}
