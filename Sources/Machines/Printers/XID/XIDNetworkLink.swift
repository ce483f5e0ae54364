public import Ground
public import Stations

/// The printer over its network twin (firmware-spec g-printec-xid, N1 to N13). Answers are matched by their sequence number:
/// one that comes late, after its question was given up, is dropped.
public final class XIDNetworkLink: XIDLink {
    private let stream: any ByteStream
    private let failures: XIDFailures
    private let timeoutMS: Int
    private let isFine: Bool
    private var sequence: UInt32 = 0x9999_9999
    private var inbox = Bytes()
    private var greeting: XIDNetworkMessage?

    /// - Parameter isFine: 600 dpi.
    public init(_ stream: any ByteStream, source: String, timeoutMS: Int, isFine: Bool) throws(SakkError) {
        self.stream = stream
        self.timeoutMS = timeoutMS
        self.isFine = isFine
        failures = XIDFailures(source: source)
    }

    public var connection: String { stream.connection }
    public func close() { stream.close() }

    /// N2, N3: once for each connection; later doubts are settled by the sequence numbers.
    public func resynchronise() throws(SakkError) {
        guard greeting == nil else { return }
        guard let hello = try next(timeoutMS), hello.type == 0xF300_0200, hello.data.count >= 56 else {
            throw failures.desynchronised
        }
        greeting = hello
        _ = try ask(0xF200_0300, status: isFine ? 2 : 0, XIDNetworkMessage.jobName, timeoutMS)
    }

    private func ask(
        _ type: UInt32, status: UInt32 = 0, _ data: Bytes, _ timeoutMS: Int
    ) throws(SakkError) -> XIDNetworkMessage {
        let number = sequence
        sequence = sequence == 0x9999_9999 ? 0 : sequence &+ 1
        try stream.send(
            XIDNetworkMessage(type: type, status: status, sequence: number, data: data).encoded,
            timeoutMS: timeoutMS)
        while let answer = try next(timeoutMS) {
            guard answer.sequence == number else { continue }
            guard answer.type == type &+ 0x0100_0000 else { throw failures.desynchronised }
            return answer
        }
        throw failures.timeout
    }

    /// The next message; nil when none is whole within the time.
    private func next(_ timeoutMS: Int) throws(SakkError) -> XIDNetworkMessage? {
        let deadline = SystemTime().boot().microseconds + Int64(timeoutMS) * 1000
        while true {
            if let (message, length) = try XIDNetworkMessage.first(of: inbox, failures) {
                inbox.removeFirst(length)
                return message
            }
            let left = (deadline - SystemTime().boot().microseconds) / 1000
            let bytes = try stream.receive(upTo: 65536, timeoutMS: Int(max(1, min(left, 1000))))
            guard !bytes.isEmpty || left > 0 else { return nil }
            inbox += bytes
        }
    }

    private func command(_ word: UInt32, _ timeoutMS: Int) throws(SakkError) -> XIDNetworkMessage {
        try ask(0xF000_0100, BigEndian.bytes(word), timeoutMS)
    }

    private func page<Value>(
        _ command: XIDCommand, _ what: String, _ read: (Bytes) -> Value?
    ) throws(SakkError) -> Value {
        let padded = command.bytes + Bytes(repeating: 0, count: 12 - command.bytes.count)
        let answer = try ask(0xF000_0600, padded, timeoutMS)
        guard answer.sense == .good else { throw failures.refused(answer.sense, .notDone) }
        guard let value = read(answer.data) else { throw failures.unreadable(what) }
        return value
    }

    public func identity() throws(SakkError) -> (model: String, firmware: String, serial: String) {
        let page = try page(.inquiry, "inquiry", XIDReplies.inquiry)
        // the greeting and the page must speak of one machine (N2)
        guard let greeting, let serial = XIDReplies.text(greeting.data[14..<26]),
            greeting.data.count >= 56, let model = XIDReplies.text(greeting.data[40..<56]), serial == page.serial,
            model == page.model
        else { throw failures.unreadable("greeting") }
        return page
    }

    public func ready() throws(SakkError) -> XIDSense { try command(0x0102_0000, timeoutMS).sense }

    public func position() throws(SakkError) -> CardPosition {
        let answer = try command(0x0202_0000, timeoutMS)
        guard answer.sense == .good || answer.sense.meaning.passes || answer.sense == .noCards else {
            throw failures.refused(answer.sense, .notDone)
        }
        guard let position = XIDReplies.networkPosition(answer.data) else { throw failures.unreadable("position") }
        return position
    }

    public func health() throws(SakkError) -> XIDSense { try page(.statusPage, "status page", XIDReplies.status) }
    public func counters() throws(SakkError) -> XIDCounters { try page(.counters, "counters", XIDReplies.counters) }
    public func ink() throws(SakkError) -> XIDInk { try page(.ink, "ink page", XIDReplies.ink) }
    public func plane() throws(SakkError) -> (width: Int, height: Int) {
        try page(.geometry, "geometry page", XIDReplies.plane)
    }

    public func forbidRetries() throws(SakkError) -> Bool {
        let set = try ask(0xF000_0800, [0x28, 0x02, 0x01, 0x00], timeoutMS)
        guard set.sense == .good else { throw failures.refused(set.sense, .notDone) }
        let read = try ask(0xF000_0400, [0x28, 0x00, 0x00, 0x00], timeoutMS)
        guard read.sense == .good else { throw failures.refused(read.sense, .notDone) }
        guard let retries = XIDReplies.retries(read.data.prefix(4)) else {
            throw failures.unreadable("setting of retries")
        }
        return retries == 0
    }

    /// N4, N13: an answer that says "wait" means that the movement is under way.
    public func act(_ act: XIDAct, timeoutMS: Int) throws(SakkError) -> XIDSense {
        let deadline = SystemTime().boot().microseconds + Int64(timeoutMS) * 1000
        var sense = try command(XIDNetworkMessage.word(act), timeoutMS).sense
        while sense != .good, sense.meaning.passes {
            let left = (deadline - SystemTime().boot().microseconds) / 1000
            guard left > 0 else { throw failures.timeout }
            Reopening.rest(milliseconds: 20)
            sense = try command(0x0102_0000, Int(left)).sense
        }
        return sense
    }

    /// N6. The twin has one buffer.
    public func download(
        _ plane: XIDPlane, buffer: UInt8, _ dots: Bytes, timeoutMS: Int
    ) throws(SakkError) {
        let count = UInt32(dots.count)
        let head: Bytes = [plane.networkBit, 0, 0, 0] + BigEndian.bytes(count + 4) + BigEndian.bytes(count)
        let answer = try ask(0xF000_0200, head + dots, timeoutMS)
        guard answer.sense == .good else { throw failures.refused(answer.sense, .notDone) }
    }
}

/// A message of the network twin (N1).
public struct XIDNetworkMessage: Sendable, Equatable {
    public let type: UInt32
    public let status: UInt32
    public let sequence: UInt32
    public let data: Bytes

    public init(type: UInt32, status: UInt32, sequence: UInt32, data: Bytes) {
        self.type = type
        self.status = status
        self.sequence = sequence
        self.data = data
    }

    /// Filled up to whole words.
    public var encoded: Bytes {
        let padded = data + Bytes(repeating: 0, count: (4 - data.count % 4) % 4)
        return BigEndian.bytes(type) + BigEndian.bytes(UInt32(2 + padded.count / 4)) + BigEndian.bytes(status)
            + BigEndian.bytes(sequence) + padded
    }

    /// N7.
    public var sense: XIDSense {
        XIDSense(key: UInt8(truncatingIfNeeded: status >> 16), code: UInt8(truncatingIfNeeded: status >> 8))
    }

    /// The first whole message and its length; nil when more bytes are needed. Throws when it is longer than any answer.
    static func first(
        of bytes: Bytes, _ failures: XIDFailures
    ) throws(SakkError) -> (message: XIDNetworkMessage, length: Int)? {
        func word(_ index: Int) -> UInt32 {
            bytes[(4 * index)..<(4 * index + 4)].reduce(0) { $0 << 8 | UInt32($1) }
        }
        guard bytes.count >= 8 else { return nil }
        let words = Int(word(1))
        guard (2...4096).contains(words) else { throw failures.desynchronised }
        let length = 8 + 4 * words
        guard bytes.count >= length else { return nil }
        return (
            XIDNetworkMessage(type: word(0), status: word(2), sequence: word(3), data: Bytes(bytes[16..<length])),
            length
        )
    }

    /// N4.
    public static func word(_ act: XIDAct) -> UInt32 {
        switch act {
        case .load(let place): return 0x0402_8000 | UInt32(place.rawValue)
        case .move(let place, let turned): return 0x0502_0000 | (turned ? 0x1000 : 0) | UInt32(place.rawValue)
        case .station(.engageContact): return 0x0A02_4000
        case .station(.engageContactless): return 0x0A02_1000
        case .station: return 0x0A02_5000
        case .print(let planes, _): return 0x0602_0000 | UInt32(planes.reduce(0) { $0 | $1.networkBit })
        case .transfer(.thenEject): return 0x0702_0000 | UInt32(XIDPlace.good.rawValue)
        case .transfer(.thenTurn): return 0x0702_1000
        case .transfer(.thenReturn): return 0x0702_0000
        case .initialise: return 0x0302_0000
        }
    }

    /// N3.
    static let jobName: Bytes = {
        var bytes = Bytes(repeating: 0, count: 124)
        for (place, text) in [(12, "sakk"), (44, "xid.document")] {
            for (index, unit) in text.utf8.enumerated() { bytes[place + 2 * index] = unit }
        }
        return bytes
    }()
}
