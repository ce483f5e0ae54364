public import Ground

/// One exchange as a log may see it: header, lengths, status and duration; data only where it was asked for.
public struct APDUTrace: Sendable {
    public let header: String
    public let commandLength: Int
    public let responseLength: Int
    /// Nil when no answer came.
    public let status: StatusWord?
    public let microseconds: Int64
    /// Command and response in full, only with `revealingData`: keys and personal data are in it.
    public let revealed: (command: Bytes, response: Bytes)?

    public typealias Sink = @Sendable (APDUTrace) -> Void
}

extension APDUTrace: CustomStringConvertible, CustomReflectable {
    public var description: String {
        "\(header) Lc \(commandLength) -> \(responseLength) bytes, "
            + (status?.description ?? "no answer") + ", \(microseconds) us"
    }
    public var customMirror: Mirror { Mirror(self, children: []) }
}

/// Reports each exchange to a sink.
public final class TracingChannel: CardChannel {
    private let channel: any CardChannel
    private let revealingData: Bool
    private let sink: APDUTrace.Sink
    private let time = ContinuousClock()

    public init(over channel: any CardChannel, revealingData: Bool = false, sink: @escaping APDUTrace.Sink) {
        self.channel = channel
        self.revealingData = revealingData
        self.sink = sink
    }

    public func transmit(_ command: APDUCommand) throws(SakkError) -> APDUResponse {
        let start = time.now
        do {
            let response = try channel.transmit(command)
            report(command, response, since: start)
            return response
        } catch {
            report(command, nil, since: start)
            throw error
        }
    }

    private func report(_ command: APDUCommand, _ response: APDUResponse?, since start: ContinuousClock.Instant) {
        let duration = (time.now - start).components
        sink(
            APDUTrace(
                header: command.header, commandLength: command.data.count, responseLength: response?.data.count ?? 0,
                status: response?.status,
                microseconds: duration.seconds * 1_000_000 + duration.attoseconds / 1_000_000_000_000,
                revealed: revealingData ? (command.encoded, response?.encoded ?? []) : nil))
    }
}
