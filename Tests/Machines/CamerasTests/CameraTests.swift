import Cameras
import Ground
import Stations
import Testing

@Suite struct CameraTests {
    @Test func nothingIsCapturedWithoutAConnection() async {
        let camera = AravisCamera(
            AravisConfiguration(
                address: "127.0.0.1", format: .bayerRG8, width: 2448, height: 2048, packetBytes: 1500,
                socketBufferBytes: 65536, frameTimeoutMS: 100, attempts: 2, exposureMicroseconds: nil, gainDB: nil))
        var error: SakkError?
        do {
            _ = try await camera.capture(.front, for: AttemptID("P-1"))
        } catch let caught {
            error = caught
        }
        #expect(error?.code == "camera.disconnected")
        #expect(error?.outcome == .notDone)
    }
}
