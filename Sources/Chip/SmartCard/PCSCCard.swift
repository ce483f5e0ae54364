import CPCSC
import Ground

/// A connected card inside one transaction.
final class PCSCCard: CardChannel {
    private let reader: String
    private var handle: SCARDHANDLE = 0
    private var activeProtocol: DWORD = 0
    private var isReleased = false
    private var response = Bytes(repeating: 0, count: 0x1_0000 + 2)

    init(context: SCARDCONTEXT, reader: String, exclusive: Bool) throws(SakkError) {
        self.reader = reader
        let sharing = DWORD(exclusive ? SCARD_SHARE_EXCLUSIVE : SCARD_SHARE_SHARED)
        // T=1 where the card offers both: it carries extended length, and answers in one piece
        var protocols = DWORD(SCARD_PROTOCOL_T1)
        var connected = PCSCError(SCardConnect(context, reader, sharing, protocols, &handle, &activeProtocol))
        if connected == .protocolMismatch {
            protocols = DWORD(SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1)
            connected = PCSCError(SCardConnect(context, reader, sharing, protocols, &handle, &activeProtocol))
        }
        guard connected == .success else {
            isReleased = true
            throw connected.error(reader: reader, during: "connecting to the card")
        }
        var begun = PCSCError(SCardBeginTransaction(handle))
        if begun == .resetCard {
            begun = PCSCError(SCardReconnect(handle, sharing, protocols, DWORD(SCARD_LEAVE_CARD), &activeProtocol))
            if begun == .success { begun = PCSCError(SCardBeginTransaction(handle)) }
        }
        guard begun == .success else {
            SCardDisconnect(handle, DWORD(SCARD_RESET_CARD))
            isReleased = true
            throw begun.error(reader: reader, during: "beginning a transaction")
        }
    }

    /// How the card takes commands.
    var transport: CompletingChannel.Transport { activeProtocol == DWORD(SCARD_PROTOCOL_T0) ? .t0 : .t1 }

    deinit { release(DWORD(SCARD_RESET_CARD)) }

    func release(_ disposition: DWORD) {
        guard !isReleased else { return }
        isReleased = true
        SCardEndTransaction(handle, disposition)
        SCardDisconnect(handle, disposition)
    }

    func transmit(_ command: APDUCommand) throws(SakkError) -> APDUResponse {
        var length = DWORD(response.count)
        let bytes = command.encoded
        if FaultInjection.fails(.pcscTransmit) {
            throw PCSCError.commError.error(reader: reader, during: "command \(command.header)", inFlight: true)
        }
        let sent = PCSCError(
            sakk_pcsc_transmit(handle, activeProtocol, bytes, DWORD(bytes.count), &response, &length))
        guard sent == .success else {
            throw sent.error(reader: reader, during: "command \(command.header)", inFlight: true)
        }
        guard let answer = APDUResponse(encoded: Bytes(response.prefix(Int(length)))) else {
            throw PCSCError.commError.error(reader: reader, during: "command \(command.header)", inFlight: true)
        }
        return answer
    }
}
