import CUSB
public import Ground

/// Rules 1 and 2 of the transport, apart from the library: what was taken counts even when the call failed, nothing is sent twice,
/// a halt is cleared once on its own endpoint.
public struct BulkSender: Sendable {
    public let chunkBytes: Int
    /// Bytes of a packet of this endpoint.
    public let packetBytes: Int
    /// A send that ends on a whole packet is ended by an empty one.
    public let endsWithEmptyPacket: Bool

    public init(chunkBytes: Int, packetBytes: Int, endsWithEmptyPacket: Bool) {
        self.chunkBytes = chunkBytes
        self.packetBytes = packetBytes
        self.endsWithEmptyPacket = endsWithEmptyPacket
    }

    /// How far it came: `code` is libusb's, 0 when all bytes were taken.
    public struct Result: Sendable, Equatable {
        public let code: Int32
        public let sent: Int
        public init(code: Int32, sent: Int) {
            self.code = code
            self.sent = sent
        }
    }

    /// `transfer` sends at most all of its bytes and says what was taken; `clearHalt` clears this endpoint and no other.
    public func send(
        _ bytes: Bytes, transfer: (ArraySlice<UInt8>) -> (code: Int32, taken: Int), clearHalt: () -> Void
    ) -> Result {
        var offset = 0
        var cleared = false
        let wantsEmpty = endsWithEmptyPacket && !bytes.isEmpty && bytes.count % packetBytes == 0
        var emptySent = false
        while offset < bytes.count || (wantsEmpty && !emptySent) {
            let count = min(chunkBytes, bytes.count - offset)
            let (code, taken) = transfer(bytes[offset..<(offset + count)])
            offset += taken
            switch code {
            case 0: emptySent = emptySent || count == 0
            case LIBUSB_ERROR_TIMEOUT.rawValue where taken > 0: continue
            case LIBUSB_ERROR_PIPE.rawValue where !cleared:
                cleared = true
                clearHalt()
            default: return Result(code: code, sent: offset)
            }
        }
        return Result(code: 0, sent: offset)
    }
}
