import CAravis
import Glibc
public import Ground
public import Stations

/// A GigE Vision camera through Aravis, software-triggered: one trigger, one frame. Only a frame that was complete and
/// came after its trigger is delivered.
public actor AravisCamera: CardCamera {
    private let thread: DeviceThread
    private let configuration: AravisConfiguration
    private var session: AravisSession? {
        willSet { if let session { past = past + session.health } }
    }
    private var past = CameraHealth()

    /// Since this object was made.
    public var health: CameraHealth? { session.map { past + $0.health } ?? past }

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
        try await capture(side, under: .white, for: attempt)
    }

    public func capture(
        _ side: CardSide, under light: CardLight, for attempt: AttemptID
    ) async throws(SakkError) -> Frame {
        if let frame = try triggered(side, light, attempt) { return frame }
        // once more over an acquisition of its own: what is late comes to nobody
        self.session = nil
        past.reopened += 1
        let fresh = try openUntilItSees(wasThere: true)
        self.session = fresh
        try fresh.light(light)
        if let taken = try fresh.trigger(patience: AravisCamera.patience.last ?? 1) {
            return frame(taken, side, light, attempt)
        }
        throw failure(
            "camera.frame.incomplete", "The camera delivered no whole frame in \(configuration.attempts) attempts.",
            "Check cable, switch and receive buffer (net.core.rmem_max); the card cannot be judged.")
    }

    /// Over the acquisition that is open; nil when it came to nothing. Nothing of that acquisition is held afterwards: as long
    /// as it is, the camera takes no other controller.
    private func triggered(
        _ side: CardSide, _ light: CardLight, _ attempt: AttemptID
    ) throws(SakkError) -> Frame? {
        guard let session else {
            throw failure("camera.disconnected", "The camera is not connected.", "Connect the cell first.")
        }
        for _ in 0..<configuration.attempts {
            do throws(SakkError) {
                try session.light(light)
                if let taken = try session.trigger() { return frame(taken, side, light, attempt) }
            } catch {
                // a lamp that does not burn is no matter of the network
                if error.code == "camera.light", configuration.lacks(light) { throw error }
                // it was off the network and is back: this session commands it no more (access denied)
                return nil
            }
            if session.isLate { return nil }
        }
        return nil
    }

    private func frame(
        _ taken: (number: UInt64, pixels: Bytes), _ side: CardSide, _ light: CardLight, _ attempt: AttemptID
    ) -> Frame {
        Frame(
            attempt: attempt, side: side, light: light, number: taken.number, width: configuration.width,
            height: configuration.height, format: configuration.format, pixels: taken.pixels)
    }

    public func disconnect() async { session = nil }

    private func failure(_ code: SakkError.Code, _ text: String, _ remedy: String) -> SakkError {
        SakkError(code, source: "camera \(configuration.address)", text: text, remedy: remedy)
    }
}
