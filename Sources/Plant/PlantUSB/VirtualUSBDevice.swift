public import Ground

/// A device behind the virtual bus: control requests and two bulk endpoints. Called from the bus's threads; the device
/// locks for itself.
public protocol VirtualUSBDevice: AnyObject, Sendable {
    /// Device descriptor followed by the configuration descriptor with all that belongs to it.
    var descriptors: Bytes { get }
    var vendorID: UInt16 { get }
    var productID: UInt16 { get }
    /// A control request to the device; nil stalls. `data` is what came with an OUT request.
    func control(type: UInt8, request: UInt8, value: UInt16, index: UInt16, length: Int, data: Bytes) -> Bytes?
    /// Takes everything that came over bulk OUT.
    func receive(_ bytes: Bytes)
    /// What lies ready for bulk IN, at most `count` bytes; empty for nothing yet.
    func take(upTo count: Int) -> Bytes
    /// The bus asks to be told when `take` has something; nil to be told no more.
    func notify(_ ready: (@Sendable () -> Void)?)
    /// Somebody pulls the plug (`BusFault.pullOut`).
    func pulled()
}

extension VirtualUSBDevice {
    public func pulled() {}
}
