import Cameras
import Foundation
import Ground
import Pixels
import Stations
import Testing

@Suite struct FolderCameraTests {
    @Test func `Pictures are given once, in the order of their names, by side; then there is no frame`() async throws {
        let folder = NSTemporaryDirectory() + "sakk-pictures-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        for (name, level) in [("front-2", 20), ("front-1", 10), ("back-1", 30)] as [(String, UInt8)] {
            let picture = RGBImage(width: 6, height: 4, filledWith: RGBColour(level, level, level))
            try Data(try PNG.encode(picture)).write(to: URL(filePath: "\(folder)/\(name).png"))
        }
        try Data("no picture".utf8).write(to: URL(filePath: folder + "/back-2.png"))
        let camera = FolderCamera(folder: folder)
        try await camera.connect()
        let attempt = AttemptID("P-1")
        var seen: [UInt8] = []
        for side in [CardSide.front, .back, .front] {
            let frame = try await camera.capture(side, for: attempt)
            #expect(frame.side == side && frame.pixels.count == 72)
            seen.append(frame.pixels[0])
        }
        #expect(seen == [10, 30, 20])
        await camera.disconnect()
        try await camera.connect()
        // one that is no picture, then none at all
        for _ in 0..<2 {
            do {
                _ = try await camera.capture(.back, for: attempt)
                Issue.record("a frame of nothing")
            } catch { #expect(error.code == "camera.frame.incomplete") }
        }
    }
}
