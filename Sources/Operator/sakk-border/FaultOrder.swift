import Glibc
import Ground

/// `SAKK_BORDER_FAULT=N:FILE`, for scripts/fault-test: the N-th command to a chip in the life of this process fails (none
/// for 0), and after each answer FILE says how many there were.
struct FaultOrder: Sendable {
    private let injection: FaultInjection
    /// Opened before the process gives up the writing of files.
    private let file: Int32

    /// Nil where nobody ordered one.
    init?() {
        guard let order = getenv("SAKK_BORDER_FAULT").map({ String(cString: $0) }) else { return nil }
        let parts = order.split(separator: ":", maxSplits: 1).map(String.init)
        guard parts.count == 2, let number = Int(parts[0]) else { return nil }
        file = open(parts[1], O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard file >= 0 else { return nil }
        injection = FaultInjection(number == 0 ? nil : .pcscTransmit, at: number)
    }

    func run(_ answer: () async -> Bytes) async -> Bytes {
        let bytes = await injection.run { await answer() }
        // a count that grows covers the one before it
        let count = Bytes("\(injection.counts[.pcscTransmit] ?? 0)".utf8)
        _ = pwrite(file, count, count.count, 0)
        return bytes
    }
}
