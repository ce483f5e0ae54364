import Foundation
import Ground
import Printers
import Stations
import Testing
import USBTransport

/// Rules 2, 5 and 6 of the transport (reference on printers, section 3) as they show at a driver. Rule 1 and the halts of rule 2 are
/// `BulkSenderTests`, rule 3 is `NoResetTests`, rule 4 the transcripts with late and stray answers.
@Suite struct TransportRuleTests {
    /// A bus on which a device can be unplugged and come back under another address.
    private final class Bus: @unchecked Sendable {
        let lock = NSLock()
        var openings = 0
        /// What each opening finds.
        var answers: [Result<ScriptedDevice, SakkError>] = []

        func open() throws(SakkError) -> any BulkDevice {
            let answer = lock.withLock { () -> Result<ScriptedDevice, SakkError> in
                openings += 1
                return answers.isEmpty
                    ? .failure(SakkError("usb.device.missing", source: "bus", text: "none", remedy: "none"))
                    : answers.removeFirst()
            }
            switch answer {
            case .success(let device): return device
            case .failure(let error): throw error
            }
        }
    }

    private static var missing: Result<ScriptedDevice, SakkError> {
        .failure(SakkError("usb.device.missing", source: "bus", text: "none", remedy: "none"))
    }

    private static func printer(_ bus: Bus) throws -> EvolisPrinter {
        EvolisPrinter(
            EvolisPrinterTests.configuration(try Transcript("connect")),
            open: { () throws(SakkError) in try bus.open() })
    }

    @Test func rule2ADeviceThatVanishedInMidActLeavesTheOutcomeUnknownAndIsNotTriedAgain() async throws {
        let bus = Bus()
        let transcript = try Transcript("print-gone")
        bus.answers = [.success(ScriptedDevice(transcript))]
        let printer = EvolisPrinter(
            EvolisPrinterTests.configuration(transcript), open: { () throws(SakkError) in try bus.open() })
        _ = try await printer.connect()
        let error = await failure { try await printer.print(EvolisPrinterTests.emptyBlack) }
        #expect(error?.code == "usb.device.gone")
        #expect(error?.outcome == .unknown)
        #expect(bus.openings == 1, "only the line, which looks for the card first, connects anew")
    }

    @Test func rule5ThePrinterIsOpenedOnceForAShiftNotOncePerJob() async throws {
        let bus = Bus()
        let device = ScriptedDevice(try Transcript("print-card"))
        bus.answers = [.success(device)]
        let printer = try Self.printer(bus)
        _ = try await printer.connect()
        try await printer.print(EvolisPrinterTests.card)
        #expect(bus.openings == 1)
        #expect(device.closed == 0, "it is held until the shift gives it back")
        await printer.disconnect()
        #expect(device.closed == 1)
    }

    @Test func rule5ASecondOwnerIsToldSoAtOnceAndTheFirstIsNotWaitedFor() async throws {
        let bus = Bus()
        bus.answers = [.failure(SakkError("usb.device.busy", source: "bus", text: "held", remedy: "wait"))]
        let error = await failure { _ = try await Self.printer(bus).connect() }
        #expect(error?.code == "usb.device.busy")
        #expect(bus.openings == 1, "it is not asked again until the first one lets go")
    }

    @Test func rule6APrinterThatComesBackIsLookedForBySerialAndAskedWhoItIsAndWhereItsCardIs() async throws {
        let bus = Bus()
        let back = ScriptedDevice(try Transcript("status-healthy"), connection: "usb:1-9")
        bus.answers = [
            .success(ScriptedDevice(try Transcript("connect"))), Self.missing, Self.missing, .success(back),
        ]
        let printer = try Self.printer(bus)
        let before = try await printer.connect()
        let after = try await printer.connect()
        #expect(bus.openings == 4)
        #expect(after.serial == before.serial)
        #expect(after.connection != before.connection, "the line sees that it is another enumeration")
        #expect(try await printer.status().connection == "usb:1-9")
        #expect(back.surprises == [], "identity first, then the position, as the transcript has it")
    }

    @Test func rule6AnotherMachineUnderThatSerialsPlaceIsRefused() async throws {
        let bus = Bus()
        bus.answers = [
            .success(ScriptedDevice(try Transcript("connect"))),
            .success(ScriptedDevice(try Transcript("connect-serial-other"), connection: "usb:1-9")),
        ]
        let printer = try Self.printer(bus)
        _ = try await printer.connect()
        let error = await failure { _ = try await printer.connect() }
        #expect(error?.code == "printer.serial")
    }

    @Test func rule6APrinterThatWasNeverThereIsReportedAtOnce() async throws {
        let bus = Bus()
        let error = await failure { _ = try await Self.printer(bus).connect() }
        #expect(error?.code == "usb.device.missing")
        #expect(bus.openings == 1)
    }
}
