public import Ground
public import SmartCard

/// One secure channel protocol with its session keys, counters and MAC chain: pure, knows no channel.
public protocol SecureSession: AnyObject {
    /// Security level in force; responses may have a higher one within an R-MAC session.
    var level: SecurityLevel { get }
    /// Data bytes that one short APDU can carry at the current level.
    var maximumDataLength: Int { get }
    /// The same where a command's data, protected, may have `limit` bytes.
    func maximumDataLength(within limit: Int) -> Int
    /// Block length of sensitive data (keys in PUT KEY, encrypted DGIs): 8 for DES, 16 for AES.
    var sensitiveBlock: Int { get }

    func cardCryptogram() throws(SakkError) -> Bytes
    /// The first command of the MAC chain; never encrypted.
    func externalAuthenticate(_ level: SecurityLevel) throws(SakkError) -> APDUCommand
    func wrap(_ command: APDUCommand) throws(SakkError) -> APDUCommand
    /// The answer to the command wrapped last.
    func unwrap(_ response: APDUResponse) throws(SakkError) -> APDUResponse
    /// Whole blocks under the data encryption key.
    func sealSensitive(_ plain: Bytes) throws(SakkError) -> Bytes
    /// From the next command on responses are protected at this level (BEGIN R-MAC SESSION was answered), or no longer (END).
    func beginResponseSecurity(_ level: SecurityLevel) throws(SakkError)
    func endResponseSecurity()
}

extension SecureSession {
    public var maximumDataLength: Int { maximumDataLength(within: 255) }
}

extension SakkError {
    /// A response whose MAC is not right: `chip.response.forged`.
    static func forgedResponse() -> SakkError {
        SakkError(
            "chip.response.forged", source: "chip", outcome: .unknown,
            text: "The chip's answer does not carry the right MAC.",
            remedy: "Close the session and find out by its identity what reached the chip.")
    }

    /// More data than one protected command carries: `chip.command.long`.
    static func commandTooLong(_ command: APDUCommand, limit: Int) -> SakkError {
        SakkError(
            "chip.command.long", source: "chip",
            text: "\(command.header) has \(command.data.count) bytes; \(limit) fit at this level.",
            remedy: "Lower the block size of the chip profile.")
    }
}
