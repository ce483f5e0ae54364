public import Ground
public import Stations

extension IXLAPrinter {
    public func print(_ job: PrintJob) async throws(SakkError) {
        let raster = try page(of: job)
        let name = job.attempt.rawValue
        try asked { session throws(SakkError) in
            try refuse(try examine(session), .mark)
            _ = try ready(session)
        }
        try FaultPoint.pass("printer.print.before")
        try asked { session throws(SakkError) in
            try download(raster, as: name, session)
        }
        try FaultPoint.pass("printer.panel.before")
        // looked at again, as short before the laser as can be: the machine engraves the air, or another booklet, without a word
        let sight = try asked { session throws(SakkError) in
            try refuse(try examine(session), .mark)
            return try ready(session)
        }
        // a mark that did not end well is counted as two: neither "nothing happened" nor "it is on the page"
        marks += 2
        let end = try acted { session throws(SakkError) in
            try session.order(
                .mark(layout: name, x: sight.x, y: sight.y), timeoutMS: configuration.markTimeoutMS)
        }
        switch end {
        case .executed: marks -= 1
        case .refused(let reason):
            marks -= 2
            throw told("printer.laser", "The machine refused to engrave", reason, .notDone)
        case .failed(let reason):
            document = nil
            throw told("printer.laser", "The engraving broke off", reason, .unknown)
        }
        try FaultPoint.pass("printer.panel.after")
        try acted { session throws(SakkError) in
            _ = try examine(session)
            _ = try ready(session)
        }
        try FaultPoint.pass("printer.print.after")
        // nobody's picture stays; if that fails the next feed does it or is refused
        try? asked { session throws(SakkError) in try clear(session) }
    }

    private static let letters = Set(
        "0123456789-_.ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8)

    /// The one panel, refused before any byte is sent.
    private func page(of job: PrintJob) throws(SakkError) -> PanelRaster {
        guard job.ribbon == "laser" else {
            throw failure(
                "printer.ribbon.other", "The job is separated for \(job.ribbon), and this machine is a laser.",
                "Use the artwork of this machine.")
        }
        guard job.panels.count == 1, let raster = job.panels.first, raster.side == .front, raster.panel == .black,
            raster.width == configuration.imageWidth, raster.height == configuration.imageHeight
        else {
            throw failure(
                "printer.raster", "The job is not one grey plane of this machine's size.",
                "Compare the raster in the model's file with the artwork.")
        }
        let name = job.attempt.rawValue
        guard !name.isEmpty, name.utf8.count <= 64, name != IXLACodec.idle,
            name.utf8.allSatisfy({ IXLAPrinter.letters.contains($0) })
        else {
            throw failure(
                "printer.attempt", "The attempt's name cannot be a document's name.",
                "Stop the line and call the engineer.")
        }
        return raster
    }

    /// Makes the one document and reads back that nothing else is there (E1, E8).
    private func download(_ raster: PanelRaster, as name: String, _ session: IXLASession) throws(SakkError) {
        let file = IXLABitmap.file(raster, dpi: configuration.dpi)
        document = nil
        switch try session.order(.createImage(name: name, file: file), timeoutMS: configuration.markTimeoutMS) {
        case .executed: break
        case .refused(let reason): throw told("printer.laser", "The machine takes no document", reason, .notDone)
        case .failed(let reason): throw told("printer.laser", "The document was not made", reason, .notDone)
        }
        guard try inMemory(session) == name else {
            throw failure(
                "printer.document", "The machine does not hold the document that was sent, or holds another one too.",
                "The booklet is untouched: the cell throws it out; report the machine's version.")
        }
        document = name
    }

    /// Writes the document that is nobody's over what is in memory, and reads it back (E1, E12).
    func clear(_ session: IXLASession) throws(SakkError) {
        document = nil
        guard case .executed = try session.order(.createIdle, timeoutMS: configuration.markTimeoutMS),
            try inMemory(session) == IXLACodec.idle
        else {
            throw failure(
                "printer.laser", "The machine's memory cannot be written over.",
                "With nothing inside, reset it (`sakk printer reset`); call the engineer when it comes again.")
        }
        document = IXLACodec.idle
    }
}
