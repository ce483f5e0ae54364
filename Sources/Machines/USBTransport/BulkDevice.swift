public import Ground

/// A printer on a cable as its driver sees it: bytes out, bytes in. Used by one thread at a time.
///
/// Every error says its outcome: a timeout or a lost device in mid transfer is `unknown`, never `not_done`.
public protocol BulkDevice: AnyObject {
    /// Changes with each enumeration of the device (power cycle, replug): bus and address.
    var connection: String { get }
    /// IEEE 1284 device id; nil when the device refuses to tell (some stall the request).
    func deviceID() throws(SakkError) -> String?
    /// Class request SOFT_RESET of printers: drops half a command and its data, moves nothing.
    func softReset() throws(SakkError)
    /// Class request of bulk-only devices (Bulk-Only Transport 1.0, 3.1), then both endpoints cleared; moves nothing.
    func massStorageReset() throws(SakkError)
    /// Sends all bytes; a part that was taken is never sent again.
    func send(_ bytes: Bytes, timeoutMS: Int) throws(SakkError)
    /// One transfer of at most `count` bytes; empty when nothing came within the time.
    func receive(upTo count: Int, timeoutMS: Int) throws(SakkError) -> Bytes
    /// Class request GET_PORT_STATUS of printers: 08 no error, 10 selected, 20 paper empty; nil when the device refuses to
    /// tell. Some devices always tell the same: only a model's file says whether it means anything.
    func portStatus() throws(SakkError) -> UInt8?
    func close()
}

extension BulkDevice {
    public func portStatus() throws(SakkError) -> UInt8? { nil }
}
