import CAravis
import Glibc
public import Ground
public import Stations

/// A GigE Vision camera through Aravis, software-triggered: one trigger, one frame. Only a frame that was complete and
/// came after its trigger is delivered.
public actor AravisCamera: CardCamera {
    private let thread: DeviceThread
    private let configuration: AravisConfiguration
    private var session: AravisSession?

    public nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    public init(_ configuration: AravisConfiguration) {
        self.configuration = configuration
        thread = DeviceThread(label: "camera \(configuration.address)")
    }

    deinit { thread.stop() }

    public func connect() async throws(SakkError) {
        session = nil
        let session = try openPatiently()
        // the first frame of an acquisition may be lost: it is taken and thrown away, whatever became of it
        _ = try session.trigger()
        self.session = session
    }

    /// A controller that died holds the camera until its heartbeat runs out (GigE Vision, 3 s as a rule): so long a
    /// camera that is there and refuses is asked again.
    private func openPatiently() throws(SakkError) -> AravisSession {
        let deadline = SystemTime().boot().microseconds + 8_000_000
        while true {
            do throws(SakkError) {
                return try AravisSession(configuration)
            } catch {
                guard error.code != "camera.missing", SystemTime().boot().microseconds < deadline else { throw error }
                usleep(250_000)
            }
        }
    }

    public func capture(_ side: CardSide, for attempt: AttemptID) async throws(SakkError) -> Frame {
        guard let session else {
            throw failure("camera.disconnected", "The camera is not connected.", "Connect the cell first.")
        }
        for _ in 0..<configuration.attempts {
            guard let taken = try session.trigger() else { continue }
            return Frame(
                attempt: attempt, side: side, number: taken.number, width: configuration.width,
                height: configuration.height, format: configuration.format, pixels: taken.pixels)
        }
        throw failure(
            "camera.frame.incomplete", "The camera delivered no whole frame in \(configuration.attempts) attempts.",
            "Check cable, switch and receive buffer (net.core.rmem_max); the card cannot be judged.")
    }

    public func disconnect() async { session = nil }

    private func failure(_ code: SakkError.Code, _ text: String, _ remedy: String) -> SakkError {
        SakkError(code, source: "camera \(configuration.address)", text: text, remedy: remedy)
    }
}
