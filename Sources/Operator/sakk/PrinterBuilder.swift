import Catalog
import Ground
import Printers
import Stations
import USBTransport

/// Makes the driver of a cell's printer from its model's file: the one place that knows all families.
enum PrinterBuilder {
    /// Refuses a product that the model cannot print. Moves nothing and opens nothing.
    static func printer(
        of cell: LineProfile.Cell, for product: ProductProfile
    ) throws(SakkError) -> any ServicePrinter {
        let model = try PrinterModel(path: cell.printerModel)
        let ribbon = cell.ribbon ?? product.ribbon
        try model.check(ribbon: ribbon, format: product.format, product: product.product)
        switch model.family {
        case .evolis:
            guard cell.printerAddress == nil else { throw noNetwork(model) }
            var evolis = EvolisConfiguration(
                vendorID: model.vendorID, serial: cell.printerSerial, model: model.model,
                knownFirmware: model.knownFirmware, refusesUnknownFirmware: model.refusesUnknownFirmware,
                rasterWidth: model.rasterWidth, rasterHeight: model.rasterHeight, ribbon: ribbon,
                commandTimeoutMS: model.commandTimeoutMS, moveTimeoutMS: model.moveTimeoutMS,
                panelTimeoutMS: model.panelTimeoutMS, chunkBytes: model.chunkBytes, straysOK: model.straysOK)
            evolis.quirks = quirks(model)
            evolis.statusCommand = model.statusCommand
            return EvolisPrinter(evolis)
        case .xid:
            var xid = XIDConfiguration(
                place: try place(cell, model), serial: cell.printerSerial, model: model.model,
                knownFirmware: model.knownFirmware, refusesUnknownFirmware: model.refusesUnknownFirmware,
                planeWidth: model.rasterWidth, planeHeight: model.rasterHeight, imageWidth: model.imageWidth,
                imageHeight: model.imageHeight, ribbon: ribbon, inkType: UInt8(model.inkTypes[ribbon] ?? 0),
                commandTimeoutMS: model.commandTimeoutMS, moveTimeoutMS: model.moveTimeoutMS,
                panelTimeoutMS: model.panelTimeoutMS, readyTimeoutMS: model.readyTimeoutMS,
                cleaningAfterCards: model.cleaningAfterCards)
            xid.quirks = quirks(model)
            return XIDPrinter(xid)
        case .magicard:
            guard cell.printerAddress == nil else { throw noNetwork(model) }
            var magicard = MagicardConfiguration(
                vendorID: model.vendorID, productID: model.productID, serial: cell.printerSerial,
                model: model.model, knownFirmware: model.knownFirmware,
                refusesUnknownFirmware: model.refusesUnknownFirmware, rasterWidth: model.rasterWidth,
                rasterHeight: model.rasterHeight, imageWidth: model.imageWidth, imageHeight: model.imageHeight,
                ribbon: ribbon, chipStation: model.chipStation == "contact" ? .contact : .contactless,
                commandTimeoutMS: model.commandTimeoutMS, moveTimeoutMS: model.moveTimeoutMS,
                panelTimeoutMS: model.panelTimeoutMS, chunkBytes: model.chunkBytes,
                trustsPortStatus: model.trustsPortStatus)
            magicard.quirks = quirks(model)
            return MagicardPrinter(magicard)
        case .ixla: return try booklets(cell, model)
        }
    }

    private static func quirks(_ model: PrinterModel) -> USBQuirks {
        USBQuirks(
            chunkBytes: model.chunkBytes, zeroLengthPacket: model.usbSide.zeroLengthPacket,
            noReattach: model.usbSide.noReattach, keepsSetting: model.usbSide.keepsSetting,
            closeDelayMS: model.usbSide.closeDelayMS)
    }

    /// The booklet laser; its camera is the reader of booklets.
    private static func booklets(_ cell: LineProfile.Cell, _ model: PrinterModel) throws(SakkError) -> IXLAPrinter {
        guard let address = cell.printerAddress, let laser = model.laser else {
            throw SakkError(
                "config.value", source: model.path, subject: "\(cell.id)",
                text: "The family \(model.family.rawValue) is met on the network only.",
                remedy: "Write `cell.printer.address` into the line's file.")
        }
        let (host, port) = try network(address, cell, model)
        return IXLAPrinter(
            IXLAConfiguration(
                host: host, port: port, serial: cell.printerSerial, model: model.model,
                knownFirmware: model.knownFirmware, refusesUnknownFirmware: model.refusesUnknownFirmware,
                imageWidth: model.imageWidth, imageHeight: model.imageHeight, dpi: laser.dpi, stacker: laser.stacker,
                laser: laser.laser, reject: laser.reject, leastPercent: laser.leastCorrelationPercent,
                mostOffset: laser.mostOffset, commandTimeoutMS: model.commandTimeoutMS,
                moveTimeoutMS: model.moveTimeoutMS, markTimeoutMS: model.panelTimeoutMS,
                readyTimeoutMS: model.readyTimeoutMS, decimalComma: laser.decimalComma))
    }

    private static func place(
        _ cell: LineProfile.Cell, _ model: PrinterModel
    ) throws(SakkError) -> XIDConfiguration.Place {
        guard let address = cell.printerAddress else {
            return .usb(
                manufacturer: model.manufacturer ?? "", product: model.product ?? "", chunkBytes: model.chunkBytes)
        }
        let (host, port) = try network(address, cell, model)
        return .network(host: host, port: port)
    }

    private static func network(
        _ address: String, _ cell: LineProfile.Cell, _ model: PrinterModel
    ) throws(SakkError) -> (host: String, port: UInt16) {
        let parts = address.split(separator: ":")
        guard parts.count == 2, let port = UInt16(parts[1]) else {
            throw SakkError(
                "config.value", source: model.path, subject: "\(cell.id)",
                text: "`cell.printer.address` must be ADDRESS:PORT.", remedy: "Correct the line's file.")
        }
        return (String(parts[0]), port)
    }

    private static func noNetwork(_ model: PrinterModel) -> SakkError {
        SakkError(
            "config.value", source: model.path, text: "The family \(model.family.rawValue) is met on the USB only.",
            remedy: "Take `cell.printer.address` out of the line's file.")
    }
}
