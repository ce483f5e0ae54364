import Foundation
import Ground
import USBTransport

/// A device that knows one conversation by heart. Whatever departs from it is kept in `surprises`.
final class ScriptedDevice: BulkDevice, @unchecked Sendable {
    // used by the printer's thread, read by the test afterwards
    private let lock = NSLock()
    private var steps: [Transcript.Step]
    private var pauses = 0
    private var found: [String] = []
    private var closings = 0

    let connection: String

    init(_ transcript: Transcript, connection: String = "usb:1-2") {
        steps = transcript.steps
        self.connection = connection
    }

    /// What was not as written: bytes that were not expected, and steps that never came.
    var surprises: [String] {
        lock.withLock { found + steps.map { "never came: \(ScriptedDevice.words($0))" } }
    }

    var closed: Int { lock.withLock { closings } }

    private static func words(_ step: Transcript.Step) -> String {
        switch step {
        case .sent(let bytes): "> " + show(bytes)
        case .answered(let bytes): "< " + show(bytes)
        default: "\(step)"
        }
    }

    static func show(_ bytes: Bytes) -> String {
        bytes.prefix(60).map { (0x20...0x7E).contains($0) ? String(UnicodeScalar($0)) : "<\([$0].hex)>" }.joined()
            + (bytes.count > 60 ? "... (\(bytes.count))" : "")
    }

    private func gone() -> SakkError {
        SakkError("usb.device.gone", source: "script", outcome: .unknown, text: "gone", remedy: "none")
    }

    func deviceID() throws(SakkError) -> String? { nil }

    func softReset() throws(SakkError) {
        lock.lock()
        defer { lock.unlock() }
        if steps.first == .silence { steps.removeFirst() }
        guard steps.first == .reset else {
            found.append("a reset instead of \(steps.first.map(ScriptedDevice.words) ?? "the end")")
            throw gone()
        }
        steps.removeFirst()
    }

    func portStatus() throws(SakkError) -> UInt8? {
        lock.lock()
        defer { lock.unlock() }
        guard case .port(let status) = steps.first else {
            found.append("port status instead of \(steps.first.map(ScriptedDevice.words) ?? "the end")")
            throw gone()
        }
        steps.removeFirst()
        return status
    }

    func massStorageReset() throws(SakkError) {
        lock.lock()
        defer { lock.unlock() }
        guard steps.first == .bulkReset else {
            found.append("a reset of the transport instead of \(steps.first.map(ScriptedDevice.words) ?? "the end")")
            throw gone()
        }
        steps.removeFirst()
    }

    func send(_ bytes: Bytes, timeoutMS: Int) throws(SakkError) {
        lock.lock()
        defer { lock.unlock() }
        if steps.first == .gone {
            steps.removeAll()
            throw gone()
        }
        if steps.first == .stall {
            steps.removeFirst()
            throw SakkError("usb.timeout", source: "script", outcome: .unknown, text: "a part", remedy: "none")
        }
        guard steps.first == .sent(bytes) else {
            let expected = steps.first.map(ScriptedDevice.words) ?? "the end"
            found.append("> \(ScriptedDevice.show(bytes)) instead of \(expected)")
            throw gone()
        }
        steps.removeFirst()
    }

    func receive(upTo count: Int, timeoutMS: Int) throws(SakkError) -> Bytes {
        lock.withLock {
            switch steps.first {
            case .pause:
                pauses += 1
                if pauses > 3 { steps.removeFirst() }
                return []
            case .answered(let bytes):
                steps.removeFirst()
                return bytes
            case .silence where steps.count == 1:
                // nothing is to follow: the last step came true
                steps.removeFirst()
                return []
            default: return []
            }
        }
    }

    func close() { lock.withLock { closings += 1 } }
}
