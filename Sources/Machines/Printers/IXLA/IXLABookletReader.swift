public import Ground
public import Stations

/// The machine's own camera as the reader of what lies in it. It shares the printer's connection.
public struct IXLABookletReader: BookletReader {
    private let printer: IXLAPrinter

    public init(_ printer: IXLAPrinter) { self.printer = printer }

    /// Nothing of its own: the printer is connected by whoever owns it.
    public func connect() async throws(SakkError) {}

    public func read() async throws(SakkError) -> BookletReading { try await printer.read() }

    public func disconnect() async {}
}
