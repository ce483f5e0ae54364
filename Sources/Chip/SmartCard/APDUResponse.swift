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
        guard let status = BigEndian.unsigned(bytes.suffix(2)), bytes.count >= 2 else { return nil }
        self.init(data: bytes.dropLast(2), status: StatusWord(rawValue: UInt16(status)))
    }

    public var encoded: Bytes { data + BigEndian.bytes(status.rawValue) }
}

extension APDUResponse: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { "\(data.count) bytes, \(status)" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: []) }
}
