import Cameras
import Foundation
import Ground
import PlantCamera
import Stations
import Testing

/// Aravis against a camera of the plant on a loopback address, with a network between them that fails on order.
@Suite(.serialized) struct GigECameraTests {
    private static let (width, height) = (320, 240)

    /// An address that no other test, and no other run of these, has: 127/8 is all this machine's.
    private static let address: String = {
        let own = UInt32(ProcessInfo.processInfo.processIdentifier)
        return "127.\(100 + own >> 16 & 63).\(own >> 8 & 255).\(1 + own % 250)"
    }()

    private func camera(exposure: Double? = nil, gain: Double? = nil) -> AravisCamera {
        AravisCamera(
            AravisConfiguration(
                address: Self.address, format: .mono8, width: Self.width, height: Self.height, packetBytes: 1400,
                socketBufferBytes: 4 << 20, frameTimeoutMS: 4000, attempts: 3, exposureMicroseconds: exposure,
                gainDB: gain))
    }

    /// Frames of level 100 with the number of the trigger in the first and the last byte.
    private func plant(_ network: GigECamera.Network = .init()) throws(SakkError) -> GigECamera {
        let count = Self.width * Self.height
        return try GigECamera(
            address: Self.address, serial: "TEST", width: Self.width, height: Self.height, network: network
        ) { shot in
            var frame = Bytes(repeating: 100, count: count)
            (frame[0], frame[count - 1]) = (UInt8(shot.number & 255), UInt8(shot.number & 255))
            return frame
        }
    }

    @Test func `One packet of a hundred lost, doubled or late: each trigger brings its own whole frame`() async throws {
        var network = GigECamera.Network()
        (network.lost, network.doubled, network.late, network.seed) = (10, 10, 10, 20_261_122)
        let plant = try plant(network)
        defer { plant.close() }
        let camera = camera()
        try await camera.connect()
        var last: UInt8?
        for number in 0..<60 {
            let before = plant.counters.triggers
            let frame = try await camera.capture(.front, for: AttemptID("P-\(number)"))
            #expect(
                frame.pixels.count == Self.width * Self.height && frame.pixels[1...].dropLast().allSatisfy { $0 == 100 }
            )
            #expect(frame.pixels.first == frame.pixels.last && frame.pixels.first != last)
            // the frame of this trigger, not of one before
            #expect(Int(frame.pixels[0]) > before & 255 || before > 250)
            last = frame.pixels.first
        }
        await camera.disconnect()
        let health = try #require(await camera.health)
        #expect(plant.counters.lost > 10 && plant.counters.resent > 0)
        #expect(health.packetsResent > 0 && health.frames >= 60)
    }

    @Test func `The picture follows exposure and gain, which are read back`() async throws {
        let plant = try plant()
        defer { plant.close() }
        for (exposure, gain, level) in [(10_000.0, 0.0, 100), (5000, 0, 50), (10_000, 6, 200), (40_000, 0, 255)] {
            let camera = camera(exposure: exposure, gain: gain)
            try await camera.connect()
            let frame = try await camera.capture(.front, for: AttemptID("P-1"))
            #expect(abs(Int(frame.pixels[1000]) - level) <= 1, "\(exposure) us, \(gain) dB: \(frame.pixels[1000])")
            await camera.disconnect()
        }
    }

    @Test func `A camera without its cable gives no frame, and gives its own again when it is back`() async throws {
        let plant = try plant()
        defer { plant.close() }
        let camera = AravisCamera(
            AravisConfiguration(
                address: Self.address, format: .mono8, width: Self.width, height: Self.height, packetBytes: 1400,
                socketBufferBytes: 4 << 20, frameTimeoutMS: 500, attempts: 1, exposureMicroseconds: nil, gainDB: nil))
        try await camera.connect()
        _ = try await camera.capture(.front, for: AttemptID("P-1"))
        plant.unplug()
        let seen = Task { try await camera.capture(.back, for: AttemptID("P-1")) }
        // it looks for the camera for half a minute; the cable is back before
        while plant.counters.unheard < 3 { try await Task.sleep(for: .milliseconds(20)) }
        plant.plug()
        let frame = try await seen.value
        #expect(Int(frame.pixels[0]) == plant.counters.triggers & 255)
        await camera.disconnect()
    }
}
