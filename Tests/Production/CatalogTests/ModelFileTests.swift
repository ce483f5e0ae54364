import Catalog
import Foundation
import Ground
import Stations
import Testing

/// A folder that is gone after the test.
final class Scratch {
    let path = FileManager.default.temporaryDirectory.appending(path: "catalog-\(UUID().uuidString)").path
    init() throws { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }
    deinit { try? FileManager.default.removeItem(atPath: path) }

    @discardableResult func write(_ text: String, _ name: String) throws -> String {
        let file = URL(fileURLWithPath: path).appending(path: name)
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try text.write(to: file, atomically: true, encoding: .utf8)
        return file.path
    }
}

/// The repository's own files, wherever it lies.
enum Repository {
    static let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "../../..")
        .standardizedFileURL.path
}

@Suite struct ModelFileTests {
    private let printer = """
        sakk: 1
        family: evolis-esc
        model: X1
        usb:
          vendor_id: 0x0F49
          chunk_bytes: 4096
        firmware:
          known: ["1.0", "1.1"]
        raster:
          width_px: 648
          height_px: 1016
        ribbons: [ymckok, kok]
        timeouts:
          command_ms: 5000
          move_ms: 30000
          panel_ms: 60000
        """
    private let camera = """
        sakk: 1
        family: gige-camera
        pixel_format: mono8
        width_px: 2448
        height_px: 2048
        packet_bytes: 1500
        socket_buffer_bytes: 65536
        frame_timeout_ms: 400
        attempts: 3
        """

    @Test func aModelSaysWhereItsUSBSideDepartsFromTheBook() throws {
        let scratch = try Scratch()
        let plain = try PrinterModel(path: scratch.write(printer, "x2.yaml")).usbSide
        #expect(!plain.zeroLengthPacket && !plain.noReattach && !plain.keepsSetting)
        #expect(plain.closeDelayMS == 0)
        let path = Repository.path + "/devices/magicard/virtual-enduro.yaml"
        let text =
            try String(contentsOfFile: path, encoding: .utf8)
            + "  zero_length_packet: true\n  no_reattach: true\n  keep_setting: true\n  close_delay_ms: 250\n"
        let side = try PrinterModel(path: scratch.write(text, "x3.yaml")).usbSide
        #expect(side.zeroLengthPacket && side.noReattach && side.keepsSetting)
        #expect(side.closeDelayMS == 250)
    }

    @Test func aBookletLaserIsReadWithItsPlacesAndHasNoUSBSide() throws {
        let model = try PrinterModel(path: Repository.path + "/devices/ixla-xml/virtual-xp24.yaml")
        #expect(model.laser?.mostOffset == 2500)
        #expect(model.laser?.decimalComma == true)
        #expect(model.imageWidth == 1478 && model.imageHeight == 1040)
        try model.check(ribbon: "laser", format: "TD3", product: "iq-passport-regular")
        let card = #expect(throws: SakkError.self) {
            try model.check(ribbon: "laser", format: "TD1", product: "iq-national-id")
        }
        #expect(card?.code == "printer.format")
    }

    @Test func aPrinterModelIsReadWithItsSafeDefaults() throws {
        let scratch = try Scratch()
        let model = try PrinterModel(path: scratch.write(printer, "x1.yaml"))
        #expect(model.model == "X1")
        #expect(model.vendorID == 3913)
        #expect(model.chunkBytes == 4096)
        #expect(model.knownFirmware == ["1.0", "1.1"])
        #expect(model.refusesUnknownFirmware, "a firmware that was not tried is refused unless the file says otherwise")
        #expect(model.rasterWidth == 648)
        #expect(model.rasterHeight == 1016)
        #expect(model.ribbons == ["ymckok", "kok"])
        #expect(model.commandTimeoutMS == 5000)
        #expect(model.moveTimeoutMS == 30000)
        #expect(model.panelTimeoutMS == 60000)
        #expect(!model.straysOK)
    }

    @Test(arguments: [
        ("family: evolis-esc", "family: lino", "family", "config.value"),
        ("0x0F49", "0x1FFFF", "usb.vendor_id", "config.value"),
        ("0x0F49", "0", "usb.vendor_id", "config.value"),
        ("chunk_bytes: 4096", "chunk_bytes: 4k", "usb.chunk_bytes", "config.value"),
        ("  width_px: 648\n", "", "raster.width_px", "config.missing"),
        ("move_ms: 30000", "move_ms: 30000\n  eject_ms: 5", "timeouts.eject_ms", "config.unknown"),
        ("ribbons: [ymckok, kok]", "ribbons: ymckok", "ribbons", "config.value"),
        ("ribbons: [ymckok, kok]\n", "", "ribbons", "config.missing"),
        ("ribbons: [ymckok, kok]", "ribbons: []", "ribbons", "config.value"),
        ("model: X1", "model: X1\ncolour: red", "colour", "config.unknown"),
        ("model: X1", "model: \" \"", "model", "config.value"),
        ("known: [\"1.0\", \"1.1\"]", "known: []", "firmware.known", "config.value"),
        ("model: X1", "model: X1\nstatus_words:\n  command: \"\"", "status_words.command", "config.value"),
        ("known: [\"1.0\", \"1.1\"]", "known: []\n  refuse_unknown: often", "firmware.refuse_unknown", "config.value"),
    ])
    func aWrongPrinterModelIsRefusedByItsKey(part: String, other: String, key: String, code: String) throws {
        let scratch = try Scratch()
        #expect(printer.contains(part))
        let path = try scratch.write(printer.replacing(part, with: other), "x1.yaml")
        let error = #expect(throws: SakkError.self) { try PrinterModel(path: path) }
        #expect(error?.code.rawValue == code)
        #expect(error?.subject == key)
        #expect(error?.source.hasPrefix(path + ":") == true)
    }

    @Test func aModelInTheFolderOfAnotherFamilyIsToldSoAndNotWhichKeysItLacks() throws {
        let scratch = try Scratch()
        let error = try #require(
            throws: SakkError.self,
            performing: { _ = try PrinterModel(path: scratch.write(printer, "magicard/x.yaml")) })
        #expect(error.subject == "family")
        #expect(error.source.hasSuffix("magicard/x.yaml:2"))
        #expect(throws: Never.self) { try PrinterModel(path: scratch.write(printer, "evolis-esc/x.yaml")) }
    }

    @Test func theCommandOfTheStatusWordsIsTheModels() throws {
        let scratch = try Scratch()
        #expect(try PrinterModel(path: scratch.write(printer, "x.yaml")).statusCommand == nil)
        let known = try PrinterModel(path: scratch.write(printer + "\nstatus_words:\n  command: Rsw", "y.yaml"))
        #expect(known.statusCommand == "Rsw")
    }

    @Test func aCameraModelLeavesExposureAndGainAloneUnlessTheyAreNamed() throws {
        let scratch = try Scratch()
        let plain = try CameraModel(path: scratch.write(camera, "c.yaml"))
        #expect(plain.format == .mono8)
        #expect(plain.width == 2448)
        #expect(plain.height == 2048)
        #expect(plain.packetBytes == 1500)
        #expect(plain.socketBufferBytes == 65536)
        #expect(plain.frameTimeoutMS == 400)
        #expect(plain.attempts == 3)
        #expect(plain.exposureMicroseconds == nil)
        #expect(plain.gainDB == nil)
        let set = try CameraModel(path: scratch.write(camera + "\nexposure_us: 1500.5\ngain_db: 3", "d.yaml"))
        #expect(set.exposureMicroseconds == 1500.5)
        #expect(set.gainDB == 3)
    }

    @Test(arguments: [
        ("pixel_format: mono8", "pixel_format: yuv", "pixel_format", "config.value"),
        ("attempts: 3", "attempts: 0", "attempts", "config.value"),
        ("attempts: 3", "attempts: 3\ngain_db: loud", "gain_db", "config.value"),
        ("attempts: 3", "attempts: 3\nlens: 8", "lens", "config.unknown"),
        ("width_px: 2448\n", "", "width_px", "config.missing"),
    ])
    func aWrongCameraModelIsRefusedByItsKey(part: String, other: String, key: String, code: String) throws {
        let scratch = try Scratch()
        #expect(camera.contains(part))
        let path = try scratch.write(camera.replacing(part, with: other), "c.yaml")
        let error = #expect(throws: SakkError.self) { try CameraModel(path: path) }
        #expect(error?.code.rawValue == code)
        #expect(error?.subject == key)
    }

    @Test func aFileThatIsNotThereIsSaidToBeMissing() {
        let error = #expect(throws: SakkError.self) { try PrinterModel(path: "/nowhere/x.yaml") }
        #expect(error?.code == "config.file.missing")
        #expect(error?.source == "/nowhere/x.yaml")
    }

    @Test func theFilesOfThisRepositoryAreRight() throws {
        let printer = try PrinterModel(path: Repository.path + "/devices/evolis-esc/virtual-kc200b.yaml")
        #expect(printer.model == "KC200B")
        #expect(printer.ribbons.contains("ymckok"))
        let camera = try CameraModel(path: Repository.path + "/devices/gige-camera/virtual-loopback.yaml")
        #expect(camera.format == .bayerRG8)
        let product = try ProductProfile(folder: Repository.path + "/profiles/iq-national-id")
        #expect(printer.ribbons.contains(product.ribbon))
        for file in [product.artworkFront, product.artworkBack, product.chipProfile, product.inspectionPlan] {
            #expect(FileManager.default.fileExists(atPath: file), "\(file)")
        }
        let line = try LineProfile(path: Repository.path + "/seeds/demo/line.yaml")
        #expect(line.mode == .training)
        #expect(try PrinterModel(path: line.cell.printerModel).model == "KC200B")
        #expect(try CameraModel(path: line.cell.cameraModel).width == 2448)
    }
}
