import Foundation
import Ground

/// `SAKK_BORDER_FAULT=N:FILE`, for scripts/fault-test: the N-th command to a chip in the life of this process fails (none
/// for 0), and after each answer FILE says how many there were.
struct FaultOrder: Sendable {
    private let injection: FaultInjection
    private let file: String

    /// Nil where nobody ordered one.
    init?() {
        guard let order = ProcessInfo.processInfo.environment["SAKK_BORDER_FAULT"] else { return nil }
        let parts = order.split(separator: ":", maxSplits: 1).map(String.init)
        guard parts.count == 2, let number = Int(parts[0]) else { return nil }
        injection = FaultInjection(number == 0 ? nil : .pcscTransmit, at: number)
        file = parts[1]
    }

    func run(_ answer: () async -> Bytes) async -> Bytes {
        let bytes = await injection.run { await answer() }
        try? Data("\(injection.counts[.pcscTransmit] ?? 0)".utf8).write(to: URL(filePath: file))
        return bytes
    }
}
