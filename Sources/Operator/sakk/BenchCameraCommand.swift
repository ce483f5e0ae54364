import ArgumentParser
import Cameras
import Catalog
import Foundation
import Ground
import Ledger
import Stations

/// `sakk bench camera`: one trigger after the other at a rate, and whether each brought its own frame.
struct BenchCameraCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "camera", abstract: "Triggers a camera many times and counts its frames.",
        discussion: """
            A trigger whose frame does not come whole is taken again, as a line does; a capture that fails all the same is \
            lost. With --stamped the camera writes the number of the trigger into the first and the last eight bytes of \
            each frame (`sakk-plant camera` does): a frame that is another trigger's is counted. Exit code 5 when \
            a frame was lost or another's.
            """)

    @Option(help: "Address of the camera.") var address: String
    @Option(help: "Its model's file.") var model = "devices/gige-camera/virtual-loopback.yaml"
    @Option(help: "Width and height of its frames, where they are not the model's: 640x480.") var size: FrameSize?
    @Option(help: "Triggers.") var triggers = 1500
    @Option(help: "Triggers a second.") var rate = 25.0
    @Option(help: "Frames are waited for so long.") var timeoutMs: Int?
    @Flag(help: "Frames bear the number of their trigger.") var stamped = false
    @Flag(help: "One JSON object (sakk.bench-camera/1).") var json = false

    func run() async throws {
        let model = try CameraModel(path: self.model)
        guard model.family == .gige else { throw ValidationError("Only a camera with a trigger is triggered.") }
        var configuration = model.network(at: address)
        if let size { (configuration.width, configuration.height) = (size.width, size.height) }
        if let timeoutMs { configuration.frameTimeoutMS = timeoutMs }
        let camera = AravisCamera(configuration)
        try await camera.connect()
        var (lost, others, last) = (0, 0, UInt64(0))
        var timings = Timings()
        var retaken = await camera.triggers
        let began = SystemTime().boot().microseconds
        for number in 0..<triggers {
            let due = began + Int64(Double(number) * 1_000_000 / rate)
            let now = SystemTime().boot().microseconds
            if due > now { try await Task.sleep(for: .microseconds(due - now)) }
            let started = SystemTime().boot().microseconds
            let taken: Result<Frame, SakkError>
            do throws(SakkError) {
                taken = .success(try await camera.capture(.front, for: AttemptID("BENCH-\(number)")))
            } catch {
                taken = .failure(error)
            }
            switch taken {
            case .success(let frame):
                timings.add(SystemTime().boot().microseconds - started)
                guard stamped else { continue }
                let triggered = await camera.triggers
                let stamp = Self.stamp(frame.pixels.prefix(8))
                // the number goes on by what was triggered since, and both ends of the frame say the same
                let isNext = last == 0 || stamp == last + UInt64(triggered - retaken)
                if stamp != Self.stamp(frame.pixels.suffix(8)) || !isNext { others += 1 }
                (last, retaken) = (stamp, triggered)
            case .failure(let error):
                lost += 1
                if lost <= 3 { Words.say("trigger \(number): \(error.text)") }
            }
        }
        let seconds = Double(SystemTime().boot().microseconds - began) / 1_000_000
        let health = await camera.health ?? CameraHealth()
        await camera.disconnect()
        report(health, timings.percentiles, lost: lost, others: others, seconds: seconds)
        if lost > 0 || others > 0 { throw Exit.breached }
    }

    private static func stamp(_ bytes: ArraySlice<UInt8>) -> UInt64 { BigEndian.unsigned(bytes) ?? 0 }

    private func report(_ health: CameraHealth, _ times: Percentiles, lost: Int, others: Int, seconds: Double) {
        let counts: [(String, Int)] = [
            ("triggers", triggers), ("frames_lost", lost), ("frames_of_another", others),
            ("taken_again", health.incomplete + health.late + health.repeated), ("late", health.late),
            ("reopened", health.reopened), ("packets_resent", health.packetsResent),
            ("packets_missing", health.packetsMissing),
        ]
        if json {
            var members = Dictionary(uniqueKeysWithValues: counts.map { ($0.0, JSONValue.integer(Int64($0.1))) })
            members["seconds"] = .integer(Int64(seconds.rounded()))
            members["p50_us"] = .integer(times.p50)
            members["p99_us"] = .integer(times.p99)
            members["longest_us"] = .integer(times.maximum)
            print(JSONValue.object(members).document(schema: "sakk.bench-camera/1"))
            return
        }
        print(
            "\(triggers) triggers in \(Int(seconds)) s (\(Int(Double(triggers) / max(seconds, 0.001) * 10 + 0.5) / 10) a second)"
        )
        for (name, count) in counts.dropFirst() {
            print("  \(name.replacingOccurrences(of: "_", with: " ")): \(count)")
        }
        print(
            "  trigger to frame: p50 \(times.p50 / 1000) ms, p99 \(times.p99 / 1000) ms, longest \(times.maximum / 1000) ms"
        )
    }
}

extension AravisCamera {
    fileprivate var triggers: Int { health?.triggers ?? 0 }
}

/// `640x480`.
struct FrameSize: ExpressibleByArgument {
    let width: Int
    let height: Int

    init?(argument: String) {
        let parts = argument.split(separator: "x").compactMap { Int($0) }
        guard parts.count == 2, parts.allSatisfy({ (64...16384).contains($0) }) else { return nil }
        (width, height) = (parts[0], parts[1])
    }
}
