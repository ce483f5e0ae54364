import Cameras
import Foundation
import Ground
import PlantCamera
import Stations
import Testing

/// Lamps on the outputs of a camera of the plant.
@Suite(.serialized) struct LampTests {
    private static let address: String = {
        let own = UInt32(ProcessInfo.processInfo.processIdentifier)
        return "127.\(170 + own >> 16 & 31).\(own >> 8 & 255).\(1 + own % 250)"
    }()

    private func camera(_ lamps: [CameraLamp]) -> AravisCamera {
        AravisCamera(
            AravisConfiguration(
                address: Self.address, format: .mono8, width: 320, height: 240, packetBytes: 1400,
                socketBufferBytes: 4 << 20, frameTimeoutMS: 4000, attempts: 3, exposureMicroseconds: 10_000, gainDB: 0,
                lamps: lamps))
    }

    /// Each pixel says which lines were on.
    private func plant() throws(SakkError) -> GigECamera {
        try GigECamera(address: Self.address, serial: "LAMPS", width: 320, height: 240) { shot in
            Bytes(repeating: 10 * shot.lines, count: 320 * 240)
        }
    }

    private static let lamps = [
        CameraLamp(light: .white, line: "Line1", output: "UserOutput3"),
        CameraLamp(light: .ultraviolet, line: "Line2", output: "UserOutput1", exposureMicroseconds: 20_000),
        CameraLamp(light: .infrared, line: "Line4", output: "UserOutput2", settleMS: 1),
    ]

    @Test func `Each frame is by its own lamp and no other, with that lamp's exposure`() async throws {
        let plant = try plant()
        defer { plant.close() }
        let camera = camera(Self.lamps)
        try await camera.connect()
        for (light, level) in [(CardLight.white, 10), (.ultraviolet, 40), (.infrared, 80), (.white, 10)] {
            let frame = try await camera.capture(.back, under: light, for: AttemptID("P-1"))
            #expect(frame.light == light && frame.side == .back)
            #expect(frame.pixels.allSatisfy { $0 == level }, "\(light): \(frame.pixels[0])")
        }
        #expect(try await camera.capture(.front, for: AttemptID("P-1")).light == .white)
        let health = try #require(await camera.health)
        #expect(health.temperatureTenths == 415 && health.frames >= 5)
        await camera.disconnect()
    }

    @Test func `A lamp that the station does not have gives no frame`() async throws {
        let plant = try plant()
        defer { plant.close() }
        for (lamps, light) in [([], CardLight.infrared), (Self.lamps, .raking)] {
            let camera = camera(lamps)
            try await camera.connect()
            let error = await #expect(throws: SakkError.self) {
                _ = try await camera.capture(.front, under: light, for: AttemptID("P-1"))
            }
            #expect(error?.code == "camera.light" && error?.outcome == .notDone)
            await camera.disconnect()
        }
    }

    @Test func `A line that the camera does not have is refused by its name`() async throws {
        let plant = try plant()
        defer { plant.close() }
        let camera = camera([CameraLamp(light: .white, line: "Line9", output: "UserOutput1")])
        try await camera.connect()
        let error = await #expect(throws: SakkError.self) {
            _ = try await camera.capture(.front, for: AttemptID("P-1"))
        }
        #expect(error?.code == "camera.light" && error?.text.contains("Line9") == true)
        await camera.disconnect()
    }
}
