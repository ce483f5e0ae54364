import Ground
import Printers
import Stations
import Testing

/// One transcript, what is asked of the driver meanwhile, and how it ends.
struct ConversationCase<Act: Sendable>: Sendable, CustomTestStringConvertible {
    let transcript: String
    let act: Act
    /// Nil when all goes well.
    let code: SakkError.Code?
    let outcome: SakkError.Outcome?
    /// How often the device is given back: once, and once more where it was opened anew.
    let closings: Int

    init(
        _ transcript: String, _ act: Act, _ code: SakkError.Code? = nil, _ outcome: SakkError.Outcome? = nil,
        closings: Int = 1
    ) {
        self.closings = closings
        self.transcript = transcript
        self.act = act
        self.code = code
        self.outcome = outcome
    }

    var testDescription: String { transcript }
}

/// A driver at the end of a cable on which somebody knows one conversation by heart.
struct Conversation<Printer: CardPrinter> {
    let device: ScriptedDevice
    let printer: Printer

    /// `make` builds the driver, not connected yet.
    init(
        _ transcript: Transcript, _ make: (Transcript, ScriptedDevice) -> Printer
    ) {
        device = ScriptedDevice(transcript)
        printer = make(transcript, device)
    }

    /// Connects, carries the act out, gives the device back: all as written, and the error says its outcome.
    func play<Act>(_ test: ConversationCase<Act>, _ carryOut: (Act, Printer) async throws -> Void) async throws {
        var error: SakkError?
        do {
            _ = try await printer.connect()
            try await carryOut(test.act, printer)
        } catch let caught as SakkError {
            error = caught
        }
        #expect(device.surprises == [])
        #expect(error?.code == test.code, "\(String(describing: error))")
        #expect(error?.outcome == test.outcome)
        await printer.disconnect()
        #expect(device.closed == test.closings, "the device is given back once, also after an error")
    }

    /// What the printer says of itself once it is connected.
    func status() async throws -> PrinterStatus {
        _ = try await printer.connect()
        return try await printer.status()
    }
}

/// The error that an act ends with; nil when it ends well.
func failure(_ act: () async throws -> Void) async -> SakkError? {
    do {
        try await act()
        return nil
    } catch {
        return error as? SakkError
    }
}
