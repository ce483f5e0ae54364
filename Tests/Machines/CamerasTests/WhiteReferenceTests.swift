import Cameras
import Ground
import Stations
import Testing

/// A station that shows everything through its own light: a slope across, and colours of the sensor.
private actor SlopedCamera: CardCamera {
    static let (width, height) = (96, 80)
    private let scene: UInt8
    private let format: PixelFormat

    init(scene: UInt8, format: PixelFormat) { (self.scene, self.format) = (scene, format) }

    func connect() async throws(SakkError) {}
    func disconnect() async {}

    func capture(_ side: CardSide, for attempt: AttemptID) async throws(SakkError) -> Frame {
        var pixels = Bytes()
        let colours = [1.0, 0.9, 0.9, 0.8]
        for y in 0..<Self.height {
            for x in 0..<Self.width {
                let light = 0.6 + 0.4 * Double(x) / Double(Self.width - 1)
                let channels = format == .bayerRG8 ? [(y & 1) * 2 + (x & 1)] : format == .rgb8 ? [0, 1, 3] : [0]
                for channel in channels { pixels.append(UInt8((Double(scene) * light * colours[channel]).rounded())) }
            }
        }
        return Frame(
            attempt: attempt, side: side, number: 1, width: Self.width, height: Self.height, format: format,
            pixels: pixels)
    }
}

@Suite struct WhiteReferenceTests {
    private func frame(_ level: UInt8, _ format: PixelFormat) async throws -> Frame {
        try await SlopedCamera(scene: level, format: format).capture(.front, for: AttemptID("P-1"))
    }

    @Test(arguments: [PixelFormat.mono8, .rgb8, .bayerRG8])
    func `What is grey under an uneven lamp is one grey when it was evened out`(format: PixelFormat) async throws {
        let taken = try WhiteReference([try await frame(230, format)])
        let reference = try #require(WhiteReference(taken.json))
        #expect(reference == taken)
        let camera = EvenCamera(SlopedCamera(scene: 120, format: format), by: reference)
        try await camera.connect()
        let raw = try await frame(120, format).pixels
        let even = try await camera.capture(.front, for: AttemptID("P-1")).pixels
        #expect(Int(raw.max() ?? 0) - Int(raw.min() ?? 0) > 45)
        // half a cell at the edges is beyond the last middle of a cell
        #expect(Int(even.max() ?? 0) - Int(even.min() ?? 0) <= 4, "\(even.min() ?? 0) to \(even.max() ?? 0)")
    }

    @Test func `A target that is too bright, too dark or of another camera is refused`() async throws {
        for (level, format) in [(255, PixelFormat.mono8), (40, .mono8)] as [(UInt8, PixelFormat)] {
            #expect(throws: SakkError.self) {
                try WhiteReference([
                    Frame(
                        attempt: AttemptID("P-1"), side: .front, number: 1, width: 96, height: 80, format: format,
                        pixels: Bytes(repeating: level == 40 ? 30 : 255, count: 96 * 80))
                ])
            }
        }
        let reference = try WhiteReference([try await frame(230, .mono8)])
        let other = EvenCamera(SlopedCamera(scene: 100, format: .rgb8), by: reference)
        do {
            _ = try await other.capture(.front, for: AttemptID("P-1"))
            Issue.record("evened out by another camera's reference")
        } catch { #expect(error.code == "camera.white") }
    }
}
