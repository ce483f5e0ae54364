public import Ground

/// A card that knows one conversation by heart: for tests and for replaying a recorded session. Any other command is
/// the error `script.command.unexpected` that shows both; command data stays hidden unless `showsData`.
public final class ScriptedChannel: CardChannel {
    public struct Exchange: Sendable {
        let command: Bytes
        let response: Bytes
        public init(command: Bytes, response: Bytes) {
            self.command = command
            self.response = response
        }
    }

    private let exchanges: [Exchange]
    private let showsData: Bool
    /// How many exchanges were played.
    public private(set) var played = 0

    public init(_ exchanges: [Exchange], showsData: Bool = false) {
        self.exchanges = exchanges
        self.showsData = showsData
    }

    /// Pairs of hexadecimal command and response (with status word).
    public convenience init(hex pairs: [(String, String)], showsData: Bool = false) {
        self.init(
            pairs.map { command, response in
                guard let command = Bytes(hex: command), let response = Bytes(hex: response) else {
                    preconditionFailure("a script is written in hexadecimal")
                }
                return Exchange(command: command, response: response)
            }, showsData: showsData)
    }

    public var isFinished: Bool { played == exchanges.count }

    public func transmit(_ command: APDUCommand) throws(SakkError) -> APDUResponse {
        let expected = played < exchanges.count ? exchanges[played] : nil
        guard let expected, expected.command == command.encoded,
            let response = APDUResponse(encoded: expected.response)
        else {
            let wanted = expected.map { show($0.command) } ?? "nothing more"
            throw SakkError(
                "script.command.unexpected", source: "script exchange \(played + 1)",
                text: "The script wants \(wanted) and got \(show(command.encoded)).",
                remedy: "Compare the program with the recorded session.")
        }
        played += 1
        return response
    }

    private func show(_ bytes: Bytes) -> String {
        showsData ? bytes.hex : "\(Bytes(bytes.prefix(4)).hex) and \(max(0, bytes.count - 4)) bytes"
    }
}
