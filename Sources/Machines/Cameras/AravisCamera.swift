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
        session = try openUntilItSees(wasThere: false)
    }

    /// Longer and longer waits for a frame, in frame times: a camera or a machine with much to do is slow, not broken.
    private static let patience = [1, 4, 16]

    /// Opens the camera until a whole frame has come through. The first frame of an acquisition may be lost, and a camera
    /// whose last controller died may still send to that one until its acquisition is stopped and started anew.
    private func openUntilItSees(wasThere: Bool) throws(SakkError) -> AravisSession {
        for patience in AravisCamera.patience {
            let session = try openPatiently(wasThere: wasThere)
            for _ in 0..<2 {
                if try session.trigger(patience: patience) != nil { return session }
                if session.isLate { break }
            }
        }
        throw failure(
            "camera.frame.incomplete", "The camera takes its triggers and delivers no whole frame.",
            "Check cable, switch and receive buffer (net.core.rmem_max).")
    }

    /// A controller that died holds the camera until its heartbeat runs out (GigE Vision, 3 s as a rule): so long a
    /// camera that is there and refuses is asked again; so is one that has just been there and is silent.
    private func openPatiently(wasThere: Bool) throws(SakkError) -> AravisSession {
        let deadline = SystemTime().boot().microseconds + (wasThere ? 30_000_000 : 8_000_000)
        while true {
            do throws(SakkError) {
                return try AravisSession(configuration)
            } catch {
                guard wasThere || error.code != "camera.missing", SystemTime().boot().microseconds < deadline else {
                    throw error
                }
                usleep(250_000)
            }
        }
    }

    public func capture(_ side: CardSide, for attempt: AttemptID) async throws(SakkError) -> Frame {
        guard let session else {
            throw failure("camera.disconnected", "The camera is not connected.", "Connect the cell first.")
        }
        for _ in 0..<configuration.attempts {
            if let taken = try session.trigger() { return frame(taken, side, attempt) }
            if session.isLate { break }
        }
        // once more over an acquisition of its own: what is late comes to nobody
        self.session = nil
        let fresh = try openUntilItSees(wasThere: true)
        self.session = fresh
        if let taken = try fresh.trigger(patience: AravisCamera.patience.last ?? 1) {
            return frame(taken, side, attempt)
        }
        throw failure(
            "camera.frame.incomplete", "The camera delivered no whole frame in \(configuration.attempts) attempts.",
            "Check cable, switch and receive buffer (net.core.rmem_max); the card cannot be judged.")
    }

    private func frame(
        _ taken: (number: UInt64, pixels: Bytes), _ side: CardSide, _ attempt: AttemptID
    ) -> Frame {
        Frame(
            attempt: attempt, side: side, number: taken.number, width: configuration.width,
            height: configuration.height, format: configuration.format, pixels: taken.pixels)
    }

    public func disconnect() async { session = nil }

    private func failure(_ code: SakkError.Code, _ text: String, _ remedy: String) -> SakkError {
        SakkError(code, source: "camera \(configuration.address)", text: text, remedy: remedy)
    }
}
