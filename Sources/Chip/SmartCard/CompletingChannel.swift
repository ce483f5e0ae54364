public import Ground

/// Makes one answer of what a T=0 card gives in parts (ISO/IEC 7816-3 clause 10.3.3, 7816-4 clause 5.3.4): fetches after
/// 61xx by GET RESPONSE, repeats after 6Cxx with the right Le, and chains data that does not fit one short APDU.
public final class CompletingChannel: RefusingChannel {
    /// The transmission protocol, which says what a command may look like.
    public enum Transport: Sendable {
        /// Characters: no extended length (data over 255 bytes is chained), and no Le beside data (the card says 61xx).
        case t0
        /// Blocks, and contactless: commands go as they are.
        case t1
    }

    private let raw: any CardChannel
    private let transport: Transport
    private let chains: Bool
    private let responseLimit: Int
    private var refusal: SakkError?

    /// - Parameters:
    ///   - chains: split data over 255 bytes by command chaining (CLA bit 5) instead of an extended APDU, also under T=1.
    ///   - responseLimit: bytes of one response before a card that never ends is refused.
    public init(
        over raw: any CardChannel, transport: Transport = .t1, chains: Bool = false, responseLimit: Int = 0x1_0000
    ) {
        self.raw = raw
        self.transport = transport
        self.chains = chains || transport == .t0
        self.responseLimit = responseLimit
    }

    public func refuse(_ error: SakkError) { refusal = refusal ?? error }

    public func transmit(_ command: APDUCommand) throws(SakkError) -> APDUResponse {
        if let refusal { throw refusal }
        guard chains, command.data.count > 255 else { return try complete(command) }
        let parts = CommandChaining.parts(of: command)
        for part in parts.dropLast() {
            let response = try complete(part)
            guard response.status.isSuccess else { return response }
        }
        return try complete(parts[parts.count - 1])
    }

    private func complete(_ command: APDUCommand) throws(SakkError) -> APDUResponse {
        var command = command
        if transport == .t0 {
            // case 4 is sent as case 3, and no answer has more than 256 bytes at once
            command.le = command.data.isEmpty ? command.le.map { min($0, 256) } : nil
        }
        var response = try raw.transmit(command)
        if let le = response.status.correctLe {
            var corrected = command
            corrected.le = le
            response = try raw.transmit(corrected)
        }
        var data = response.data
        while let waiting = response.status.bytesAvailable {
            // logical channel kept, secure messaging and chaining bits not: GET RESPONSE belongs to the transport
            response = try raw.transmit(APDUCommand(command.cla & 0x03, 0xC0, 0, 0, le: waiting))
            guard data.count + response.data.count <= responseLimit,
                !response.data.isEmpty || response.status.bytesAvailable == nil
            else {
                throw SakkError(
                    "chip.response.endless", source: "chip", outcome: .unknown,
                    text: "The chip offers more response bytes than \(responseLimit) to \(command.header).",
                    remedy: "Take the card out: it is faulty or not of this stock.")
            }
            data += response.data
        }
        return APDUResponse(data: data, status: response.status)
    }
}

/// Command chaining, ISO/IEC 7816-4 clause 5.3.3: bit 5 of CLA in every part but the last; Le only in the last.
public enum CommandChaining {
    public static func count(of command: APDUCommand, limit: Int = 255) -> Int {
        max(1, (command.data.count + limit - 1) / limit)
    }

    public static func parts(of command: APDUCommand, limit: Int = 255) -> [APDUCommand] {
        let count = count(of: command, limit: limit)
        return (0..<count).map { index in
            var part = command
            part.data = Bytes(command.data.dropFirst(index * limit).prefix(limit))
            if index < count - 1 {
                part.cla |= 0x10
                part.le = nil
            }
            return part
        }
    }
}
