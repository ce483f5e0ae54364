import Catalog
import Ground
import Printers
import Stations
import USBTransport

/// How fast panels get through the system's libusb to a printer: whole colour panels one after another, each answered. The
/// printer is not told to print, so nothing moves.
struct BenchPrintSending {
    let model: PrinterModel
    let cell: LineProfile.Cell

    /// Of a line's file. Throws `bench.printer` for a cell that has no printer of the ESC language on the USB.
    init(line: String, cell name: String?) throws(SakkError) {
        let profile = try LineProfile(path: line)
        for cell in profile.cells where name == nil || cell.id == CellID(name ?? "") {
            let model = try PrinterModel(path: cell.printerModel)
            guard model.family == .evolis else { continue }
            (self.model, self.cell) = (model, cell)
            return
        }
        throw SakkError(
            "bench.printer", source: line, text: "The line has no cell with an evolis-esc printer of this name.",
            remedy: "Name such a line, for example seeds/demo/line.yaml on the virtual plant.")
    }

    /// Bytes of one panel as it is sent, and the time of each until it was answered.
    func run(panels count: Int) throws(SakkError) -> (bytes: Int, times: [Duration]) {
        let device = try USBPrinterDevice(
            USBPrinterIdentity(vendorID: model.vendorID, serial: cell.printerSerial), chunkBytes: model.chunkBytes)
        defer { device.close() }
        try device.softReset()
        let panel = PanelRaster(
            side: .front, panel: .yellow, width: model.imageWidth, height: model.imageHeight,
            pixels: (0..<model.imageWidth * model.imageHeight).map { UInt8(truncatingIfNeeded: $0) })
        guard let data = EvolisRaster.pack(panel, width: model.rasterWidth, height: model.rasterHeight) else {
            throw SakkError(
                "printer.raster", source: model.path, text: "The model's raster takes no panel.",
                remedy: "Correct `raster` in the model's file.")
        }
        let command = EvolisCodec.download(.yellow, levels: EvolisRaster.levels(.yellow), data: data)
        var times: [Duration] = []
        // the first one wakes everything up
        for _ in 0...count {
            let begun = ContinuousClock.now
            try device.send(command, timeoutMS: model.commandTimeoutMS)
            guard !(try device.receive(upTo: 512, timeoutMS: model.commandTimeoutMS)).isEmpty else {
                throw SakkError(
                    "printer.timeout", source: "printer \(cell.printerSerial)", outcome: .unknown,
                    text: "The printer did not answer in time.", remedy: "Look at the printer.")
            }
            times.append(ContinuousClock.now - begun)
        }
        return (command.count, Array(times.dropFirst()))
    }
}
