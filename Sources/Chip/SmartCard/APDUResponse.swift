public import Ground

/// A response APDU: data and status word. It never describes its data.
public struct APDUResponse: Sendable, Hashable {
    public var data: Bytes
    public var status: StatusWord

    public init(data: Bytes = [], status: StatusWord) {
        self.data = data
        self.status = status
    }

    /// Nil when there are fewer than two bytes.
    public init?(encoded bytes: Bytes) {
        guard bytes.count >= 2 else { return nil }
        let end = bytes.count - 2
        let status = UInt16(bytes[end]) << 8 | UInt16(bytes[end + 1])
        self.init(data: Bytes(bytes[..<end]), status: StatusWord(rawValue: status))
    }

    public var encoded: Bytes { data + BigEndian.bytes(status.rawValue) }
}

extension APDUResponse: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { "\(data.count) bytes, \(status)" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: []) }
}
