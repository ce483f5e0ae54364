import Foundation
import Ground
import Printers
import Stations
import Testing
import USBTransport

/// Rules of the transport as they show at the driver: one owner, nothing sent twice, no reset in mid job.
@Suite struct ReconnectTests {
    private final class Opened: @unchecked Sendable {
        let lock = NSLock()
        var devices: [ScriptedDevice] = []
    }

    @Test func eachConnectOpensTheDeviceAnewAndGivesTheOldOneBack() async throws {
        let transcript = try Transcript("connect")
        let opened = Opened()
        let printer = EvolisPrinter(
            EvolisPrinterTests.configuration(transcript),
            open: {
                let device = ScriptedDevice(transcript)
                opened.lock.withLock { opened.devices.append(device) }
                return device
            })
        _ = try await printer.connect()
        _ = try await printer.connect()
        #expect(opened.devices.map(\.closed) == [1, 0])
        #expect(opened.devices.flatMap(\.surprises) == [])
    }

    @Test func aDeviceThatCannotBeOpenedIsReportedAsItIs() async throws {
        let transcript = try Transcript("connect")
        let printer = EvolisPrinter(
            EvolisPrinterTests.configuration(transcript),
            open: { () throws(SakkError) in
                throw SakkError("usb.device.busy", source: "usb", text: "busy", remedy: "wait")
            })
        let error = await failure { _ = try await printer.connect() }
        #expect(error?.code == "usb.device.busy")
        #expect(error?.outcome == .notDone)
        let after = await failure { _ = try await printer.status() }
        #expect(after?.code == "printer.disconnected")
    }

    @Test func aPrinterThatNeverStopsTalkingIsADesynchronisedOne() async throws {
        let printer = EvolisPrinter(
            EvolisPrinterTests.configuration(try Transcript("connect")), open: { Babbler() })
        let error = await failure { _ = try await printer.connect() }
        #expect(error?.code == "printer.desynchronised")
        #expect(error?.outcome == .unknown)
    }

    private final class Babbler: BulkDevice {
        let connection = "usb:1-9"
        func deviceID() throws(SakkError) -> String? { nil }
        func softReset() throws(SakkError) {}
        func massStorageReset() throws(SakkError) {}
        func send(_ bytes: Bytes, timeoutMS: Int) throws(SakkError) {}
        func receive(upTo count: Int, timeoutMS: Int) throws(SakkError) -> Bytes { Bytes("OK\0".utf8) }
        func close() {}
    }
}
