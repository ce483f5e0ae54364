public import Ground

/// One card, powered and ours, on the reader's own thread. Synchronous: PC/SC blocks and a secure channel is a sequence.
public protocol CardChannel: AnyObject {
    /// Sends one command and waits for its answer. Any status word is an answer; it throws only when no answer came
    /// (`chip.removed`, `chip.reset`, `chip.mute`, `reader.*`) with outcome `unknown` once bytes may have left.
    func transmit(_ command: APDUCommand) throws(SakkError) -> APDUResponse
}

extension CardChannel {
    /// Sends and asks for success; another status word throws `chip.refused` with the word as native code and outcome
    /// `notDone` (the chip answered, so it did not do it), except 64xx/65xx which are `unknown`.
    public func expectSuccess(_ command: APDUCommand, step: String) throws(SakkError) -> Bytes {
        let response = try transmit(command)
        guard response.status.isSuccess else { throw .refused(response.status, step: step, header: command.header) }
        return response.data
    }
}

extension SakkError {
    /// A chip said no: `chip.refused`.
    public static func refused(_ status: StatusWord, step: String, header: String) -> SakkError {
        SakkError(
            "chip.refused", source: "chip", native: Native(kind: "SW", value: BigEndian.bytes(status.rawValue).hex),
            outcome: [0x64, 0x65].contains(status.sw1) ? .unknown : .notDone,
            text: "The chip refused \(step) (\(header)): \(status.text).",
            remedy: status == .memoryFailure
                ? "The chip's memory is worn or broken: take the card out and spoil it."
                : "Take the card out and keep it for examination with this status word.")
    }
}
