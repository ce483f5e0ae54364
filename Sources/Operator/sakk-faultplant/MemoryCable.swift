import Ground
import PlantPrinter
import Printers
import USBTransport

/// The cable between driver and firmware, in memory, with what can go wrong on it. Nothing waits: what does not come is a
/// timeout at once.
final class MemoryCable: BulkDevice, ByteStream, @unchecked Sendable {
    enum Fault: String, CaseIterable {
        case unplugBeforeSend, unplugInSend, unplugBeforeAnswer, stallOut, stallIn, endlessNak, partialWrite, answerLost
        case answerLate, strayReply, doubledReply, garbageReply, cutReply, emptyReplies, controllerKilled
        /// Somewhere in the bytes, or right behind them.
        case cutAnywhere

        /// What a network has too.
        static func kinds(_ family: String) -> [Fault] {
            allCases.filter { family != "ixla-xml" || $0 != .stallOut && $0 != .stallIn }
        }
    }

    let connection: String
    private let firmware: any PrinterFirmware
    private let table: CardTable
    private var outbox: [Bytes] = []
    private var late: [Bytes] = []
    private var isGone = false
    private(set) var isKilled = false
    /// Calls until the fault; nil when none is ordered.
    var fault: (kind: Fault, after: Int)?
    /// What struck since it was last asked.
    var fired: String?
    /// Calls until the table's fault is armed.
    var tableFault: (kind: CardTable.Fault, after: Int)?
    /// Calls so far.
    private(set) var calls = 0

    init(_ firmware: any PrinterFirmware, _ table: CardTable, connection: String) {
        self.firmware = firmware
        self.table = table
        self.connection = connection
        table.powerFailed = { [weak self] in self?.isGone = true }
    }

    private func error(_ code: SakkError.Code, _ outcome: SakkError.Outcome = .unknown) -> SakkError {
        SakkError(code, source: "cable", outcome: outcome, text: "ordered", remedy: "none")
    }

    /// True when the ordered fault strikes at this call.
    private func strikes(_ kinds: Fault...) -> Fault? {
        guard let fault, fault.after <= 0, kinds.contains(fault.kind) else { return nil }
        self.fault = nil
        fired = fault.kind.rawValue
        return fault.kind
    }

    private func begin() throws(SakkError) {
        calls += 1
        fault?.after -= 1
        if let next = tableFault {
            if next.after <= 0 {
                table.armed = next.kind
                tableFault = nil
            } else {
                tableFault?.after -= 1
            }
        }
        table.handMeddles()
        if strikes(.controllerKilled) != nil { isKilled = true }
        if isKilled { throw error("controller.killed") }
        if isGone { throw error("usb.device.gone") }
    }

    func deviceID() throws(SakkError) -> String? { nil }

    func portStatus() throws(SakkError) -> UInt8? {
        try begin()
        return firmware.portStatus
    }

    func softReset() throws(SakkError) {
        try begin()
        firmware.softReset()
        outbox = late
        late = []
    }

    func massStorageReset() throws(SakkError) {
        try begin()
        firmware.massStorageReset()
        outbox = late
        late = []
    }

    private func work() {
        while let transfers = firmware.respond() { outbox += transfers }
        // nobody hears a machine that has no power any more
        if isGone { outbox = [] }
    }

    func send(_ bytes: Bytes, timeoutMS: Int) throws(SakkError) {
        try begin()
        switch strikes(
            .unplugBeforeSend, .unplugInSend, .unplugBeforeAnswer, .stallOut, .endlessNak, .partialWrite, .answerLost,
            .answerLate, .strayReply, .doubledReply, .garbageReply, .cutReply, .cutAnywhere)
        {
        case .unplugBeforeSend:
            isGone = true
            throw error("usb.device.gone")
        case .unplugInSend:
            firmware.accept(Bytes(bytes.prefix(bytes.count / 2)))
            isGone = true
            throw error("usb.device.gone")
        case .cutAnywhere:
            firmware.accept(Bytes(bytes.prefix(calls * 7919 % (bytes.count + 1))))
            work()
            isGone = true
            outbox = []
            throw error("usb.device.gone")
        case .unplugBeforeAnswer:
            firmware.accept(bytes)
            work()
            isGone = true
            outbox = []
        case .stallOut: throw error("usb.stall", .notDone)
        case .endlessNak: throw error("usb.timeout")
        case .partialWrite:
            firmware.accept(Bytes(bytes.prefix(bytes.count / 2)))
            work()
            throw error("usb.timeout")
        case .answerLost:
            firmware.accept(bytes)
            work()
            outbox = []
        case .answerLate:
            firmware.accept(bytes)
            work()
            late = outbox
            outbox = []
        case .strayReply:
            outbox = [Bytes("OK\0".utf8)]
            firmware.accept(bytes)
            work()
        case .doubledReply:
            firmware.accept(bytes)
            work()
            outbox += outbox
        case .garbageReply:
            firmware.accept(bytes)
            work()
            outbox = outbox.map { $0.map { $0 ^ 0x5A } }
        case .cutReply:
            firmware.accept(bytes)
            work()
            outbox = outbox.prefix(1).map { Bytes($0.prefix($0.count / 2)) }
        default:
            firmware.accept(bytes)
            work()
        }
    }

    func receive(upTo count: Int, timeoutMS: Int) throws(SakkError) -> Bytes {
        try begin()
        switch strikes(.stallIn, .emptyReplies) {
        case .stallIn: throw error("usb.stall")
        case .emptyReplies:
            late = outbox
            outbox = []
        default: break
        }
        guard !outbox.isEmpty else { return [] }
        let first = outbox.removeFirst()
        if first.count > count { outbox.insert(Bytes(first.dropFirst(count)), at: 0) }
        return Bytes(first.prefix(count))
    }

    func close() {}
}
