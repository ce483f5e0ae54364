import Ground
import USBTransport

/// Commands over USB bulk-only transport (firmware-spec g-printec-xid, T3 to T6): block, data, status. After a status that
/// never came or does not fit, the transport is reset before the next command; that moves nothing.
final class BulkOnlyTransport {
    struct Reply {
        let data: Bytes
        /// Bytes that the device did not take or give.
        let residue: Int
        let isGood: Bool
    }

    private let device: any BulkDevice
    private let failures: XIDFailures
    private var tag: UInt32 = 0
    private(set) var isDoubtful = true

    init(device: any BulkDevice, source: String) {
        self.device = device
        failures = XIDFailures(source: source)
    }

    var connection: String { device.connection }
    func close() { device.close() }

    /// T5: class request and both endpoints; what the device had still to say is dropped.
    func reset() throws(SakkError) {
        try device.massStorageReset()
        for _ in 0..<64 {
            if try device.receive(upTo: 4096, timeoutMS: 20).isEmpty {
                isDoubtful = false
                return
            }
        }
        throw failures.desynchronised
    }

    func execute(_ command: XIDCommand, timeoutMS: Int) throws(SakkError) -> Reply {
        if isDoubtful { try reset() }
        tag &+= 1
        isDoubtful = true
        let expected: Int
        switch command.data {
        case .none: expected = 0
        case .receive(let count): expected = count
        case .send(let bytes): expected = bytes.count
        }
        let isIn = if case .receive = command.data { true } else { false }
        try device.send(
            BulkOnlyTransport.block(tag: tag, command: command.bytes, length: expected, isIn: isIn),
            timeoutMS: timeoutMS)
        if case .send(let bytes) = command.data { try device.send(bytes, timeoutMS: timeoutMS) }
        var data = Bytes()
        var status: (residue: Int, state: UInt8)?
        if isIn { (data, status) = try receive(expected, timeoutMS) }
        let end = if let status { status } else { try readStatus(timeoutMS) }
        guard end.state < 2 else { throw failures.desynchronised }
        isDoubtful = false
        return Reply(data: data, residue: end.residue, isGood: end.state == 0)
    }

    /// The data; a device that has none gives its status in their place.
    private func receive(_ count: Int, _ timeoutMS: Int) throws(SakkError) -> (Bytes, (residue: Int, state: UInt8)?) {
        var data = Bytes()
        while data.count < count {
            let part = try next(timeoutMS)
            if let status = BulkOnlyTransport.status(part, tag: tag) { return (data, status) }
            data += part
            // a short transfer ends the data
            if part.count % 64 != 0 { break }
        }
        guard data.count <= count else { throw failures.desynchronised }
        return (data, nil)
    }

    private func readStatus(_ timeoutMS: Int) throws(SakkError) -> (residue: Int, state: UInt8) {
        guard let status = BulkOnlyTransport.status(try next(timeoutMS), tag: tag) else {
            throw failures.desynchronised
        }
        return status
    }

    /// One transfer that is not empty.
    private func next(_ timeoutMS: Int) throws(SakkError) -> Bytes {
        let deadline = SystemTime().boot().microseconds + Int64(timeoutMS) * 1000
        while true {
            // an answer that is there is taken, however late this thread comes to look
            let left = (deadline - SystemTime().boot().microseconds) / 1000
            let bytes = try device.receive(upTo: 65536, timeoutMS: Int(max(1, min(left, 1000))))
            if !bytes.isEmpty { return bytes }
            guard left > 0 else { throw failures.timeout }
        }
    }

    /// T3.
    static func block(tag: UInt32, command: Bytes, length: Int, isIn: Bool) -> Bytes {
        func little(_ value: UInt32) -> Bytes { BigEndian.bytes(value).reversed() }
        return Bytes("USBC".utf8) + little(tag) + little(UInt32(length)) + [isIn ? 0x80 : 0, 0, UInt8(command.count)]
            + command + Bytes(repeating: 0, count: 16 - command.count)
    }

    /// T4; nil when the bytes are no status of this command.
    static func status(_ bytes: Bytes, tag: UInt32) -> (residue: Int, state: UInt8)? {
        guard bytes.count == 13, bytes.starts(with: Bytes("USBS".utf8)),
            BigEndian.unsigned(bytes[4..<8].reversed()) == UInt64(tag), bytes[12] <= 2,
            let residue = BigEndian.unsigned(bytes[8..<12].reversed())
        else { return nil }
        return (Int(residue), bytes[12])
    }
}
