public import Ground
public import Stations
public import USBTransport

/// The printer over USB (firmware-spec g-printec-xid, T1 to T8).
public final class XIDUSBLink: XIDLink {
    private let transport: BulkOnlyTransport
    private let failures: XIDFailures
    private let timeoutMS: Int

    public init(_ device: any BulkDevice, source: String, timeoutMS: Int) {
        transport = BulkOnlyTransport(device: device, source: source)
        failures = XIDFailures(source: source)
        self.timeoutMS = timeoutMS
    }

    public var connection: String { transport.connection }
    public func close() { transport.close() }
    public func resynchronise() throws(SakkError) { try transport.reset() }

    /// Good, or the sense that the printer gives for its refusal (T6).
    private func end(_ reply: BulkOnlyTransport.Reply) throws(SakkError) -> XIDSense {
        guard !reply.isGood else { return .good }
        let asked = try transport.execute(.sense, timeoutMS: timeoutMS)
        guard asked.isGood, let sense = XIDReplies.sense(asked.data), sense != .good else {
            throw failures.unreadable("sense")
        }
        return sense
    }

    private func page<Value>(
        _ command: XIDCommand, _ what: String, _ read: (Bytes) -> Value?
    ) throws(SakkError) -> Value {
        let reply = try transport.execute(command, timeoutMS: timeoutMS)
        let sense = try end(reply)
        guard sense == .good else { throw failures.refused(sense, .notDone) }
        guard let value = read(reply.data) else { throw failures.unreadable(what) }
        return value
    }

    public func identity() throws(SakkError) -> (model: String, firmware: String, serial: String) {
        try page(.inquiry, "inquiry", XIDReplies.inquiry)
    }

    public func ready() throws(SakkError) -> XIDSense {
        try end(transport.execute(.ready, timeoutMS: timeoutMS))
    }

    public func position() throws(SakkError) -> CardPosition {
        try page(.position, "position", XIDReplies.position)
    }

    public func health() throws(SakkError) -> XIDSense { try page(.statusPage, "status page", XIDReplies.status) }
    public func counters() throws(SakkError) -> XIDCounters { try page(.counters, "counters", XIDReplies.counters) }
    public func ink() throws(SakkError) -> XIDInk { try page(.ink, "ink page", XIDReplies.ink) }
    public func plane() throws(SakkError) -> (width: Int, height: Int) {
        try page(.geometry, "geometry page", XIDReplies.plane)
    }

    public func forbidRetries() throws(SakkError) -> Bool {
        let sense = try end(transport.execute(.setRetries(0), timeoutMS: timeoutMS))
        guard sense == .good else { throw failures.refused(sense, .notDone) }
        return try page(.readRetries, "setting of retries") { XIDReplies.retries($0.dropFirst(4)) } == 0
    }

    public func act(_ act: XIDAct, timeoutMS: Int) throws(SakkError) -> XIDSense {
        let command: XIDCommand =
            switch act {
            case .load(let place): .load(to: place)
            case .move(let place, let turned): .move(to: place, turned: turned)
            case .station(let act): .station(act)
            case .print(let planes, let buffer): .print(planes, buffer: buffer)
            case .transfer(let then): .transfer(then)
            case .initialise: .initialise
            }
        return try end(transport.execute(command, timeoutMS: timeoutMS))
    }

    public func download(
        _ plane: XIDPlane, buffer: UInt8, _ dots: Bytes, timeoutMS: Int
    ) throws(SakkError) {
        let reply = try transport.execute(.write(plane, buffer: buffer, dots), timeoutMS: timeoutMS)
        let sense = try end(reply)
        guard sense == .good else { throw failures.refused(sense, .notDone) }
        // a plane of which a part is missing has the rest of the plane before
        guard reply.residue == 0 else {
            throw SakkError(
                "printer.download", source: failures.source, outcome: .notDone,
                text: "The printer took a part of a panel only: \(reply.residue) bytes are missing.",
                remedy: "Check cable and hub; nothing is printed of it.")
        }
    }
}
