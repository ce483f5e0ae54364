public import Ground

/// What is printed on a machine's type plate.
public struct MachinePlate: Sendable {
    public let model: String
    public let serial: String
    public let firmware: String
    public init(model: String, serial: String, firmware: String) {
        self.model = model
        self.serial = serial
        self.firmware = firmware
    }
}

/// The firmware of a machine on a cable: bytes in, transfers out.
public protocol PrinterFirmware: AnyObject {
    var plate: MachinePlate { get }
    /// IEEE 1284 device id; nil when the machine stalls the question.
    var deviceID: String? { get }
    /// Answer to GET_PORT_STATUS of the printer class.
    var portStatus: UInt8 { get }
    /// Keeps bytes without acting on them.
    func accept(_ bytes: Bytes)
    /// Carries out the next command that is whole; the transfers of its answer, nil when none is whole.
    func respond() -> [Bytes]?
    /// Class request of printers: half a command and its data are dropped.
    func softReset()
    /// Class request of bulk-only devices: half a command is dropped, what came of its data stays where it came.
    func massStorageReset()
    /// Power came back: volatile settings are gone.
    func powerOn()
    /// Whether it leaves the bus now and comes back, as after an order to reset; asking uses it up.
    func takeRestart() -> Bool
}

extension PrinterFirmware {
    /// Always healthy, as many machines say whatever goes on.
    public var portStatus: UInt8 { 0x18 }
    public func takeRestart() -> Bool { false }
}
