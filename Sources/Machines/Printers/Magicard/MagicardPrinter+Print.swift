public import Ground
public import Stations

extension MagicardPrinter {
    public func print(_ job: PrintJob) async throws(SakkError) {
        let pages = try separate(job)
        let before = try asked { session throws(SakkError) in
            let state = try examine(session)
            guard position(state) == .at(.print) else { throw notAtPrint }
            guard side == .front else {
                throw failure(
                    "printer.side", "Which side of the card looks up is not known.",
                    "The cell throws the card out; read it at the desk.")
            }
            try refuse(state, .print)
            guard state.panelsLeft >= job.panels.count else {
                throw failure(
                    "printer.ribbon.end",
                    "The ribbon does not last for this card: \(state.panelsLeft) panels are left.",
                    "Load a \(configuration.ribbon) ribbon.")
            }
            return try session.number(.panels)
        }
        try FaultPoint.pass("printer.print.before")
        var laid = 0
        for (page, panels) in pages {
            try lay(page, first: laid == 0)
            laid += panels
            try prove(before + laid)
        }
        side = pages.count == 2 ? .back : .front
        try FaultPoint.pass("printer.print.after")
        // nobody's picture stays; if that fails the next feed does it or is refused
        try? asked { session throws(SakkError) in try clearMemory(session) }
    }

    /// Sends a page and then, as a piece of its own, the byte that prints it (P13): a job of which anything is missing is
    /// never ended, and dropped before the next byte.
    private func lay(_ page: MagicardPage, first: Bool) throws(SakkError) {
        guard let bytes = MagicardCodec.job(page) else { throw wrongRibbon(page.ribbon) }
        memoryIsUsed = true
        do throws(SakkError) {
            try asked { session throws(SakkError) in try session.download(bytes) }
        } catch {
            var error = error
            // ink of the front is not undone
            if !first { error.outcome = .unknown }
            throw error
        }
        try FaultPoint.pass("printer.panel.before")
        side = nil
        try acted { session throws(SakkError) in try session.send(MagicardCodec.end) }
        try FaultPoint.pass("printer.panel.after")
    }

    /// The counter says how many panels lie on the card, the sensors that it is still there.
    private func prove(_ expected: Int) throws(SakkError) {
        let timeout = configuration.panelTimeoutMS * max(1, configuration.ribbon.count)
        let (panels, state) = try acted { session throws(SakkError) in
            (try session.number(.panels, timeoutMS: timeout), try examine(session))
        }
        guard panels == expected else {
            throw stopped(
                state, "printer.panels", "The printer counted \(panels) panels in its life and not \(expected).")
        }
        guard position(state) == .at(.print) else {
            throw stopped(state, "printer.position", "The card does not lie at the print station any more.")
        }
    }

    private func wrongRibbon(_ ribbon: String) -> SakkError {
        failure(
            "printer.ribbon.other", "The job is separated for \(ribbon), the printer has \(configuration.ribbon).",
            "Use the artwork of this ribbon.")
    }

    /// Pages with the count of their panels, refused before any byte is sent. Each side has every panel of the ribbon: one
    /// that were left out would be printed as it lies in memory.
    private func separate(_ job: PrintJob) throws(SakkError) -> [(page: MagicardPage, panels: Int)] {
        guard job.ribbon == configuration.ribbon, MagicardCodec.ribbonCode(job.ribbon) != nil else {
            throw wrongRibbon(job.ribbon)
        }
        let ribbon = MagicardCodec.sides(of: job.ribbon)
        var pages: [(page: MagicardPage, panels: Int)] = []
        for (side, wanted) in [(CardSide.front, ribbon.front), (.back, ribbon.back)] {
            let rasters = job.panels.filter { $0.side == side }
            if side == .back, rasters.isEmpty { continue }
            guard Set(rasters.map(\.panel)) == wanted, rasters.count == wanted.count else {
                throw failure(
                    "printer.raster", "The \(side.rawValue) does not have each panel of its ribbon once.",
                    "Correct the artwork.")
            }
            var page = MagicardPage(
                number: side == .front ? 1 : 2, isFollowed: false, ribbon: job.ribbon, planes: [:],
                hasOvercoat: false, hole: nil, rows: configuration.rasterHeight)
            for raster in rasters { try add(raster, to: &page) }
            pages.append((page, rasters.count))
        }
        if pages.count == 2 { pages[0].page.isFollowed = true }
        return pages
    }

    private func add(_ raster: PanelRaster, to page: inout MagicardPage) throws(SakkError) {
        guard raster.width == configuration.imageWidth, raster.height == configuration.imageHeight else {
            throw failure(
                "printer.raster", "A panel has another size than this printer's picture.",
                "Compare image and raster in the model's file with the artwork.")
        }
        if raster.panel == .overlay {
            guard let overcoat = MagicardRaster.overcoat(raster) else {
                throw failure(
                    "printer.raster",
                    "This printer leaves one rectangle out of the overcoat, and the artwork wants more.",
                    "Correct the overcoat of the artwork.")
            }
            page.hasOvercoat = true
            if case .hole(let hole) = overcoat { page.hole = hole }
            return
        }
        page.planes[raster.panel] = MagicardRaster.plane(
            raster, width: configuration.rasterWidth, height: configuration.rasterHeight)
        guard page.planes[raster.panel] != nil else {
            throw failure(
                "printer.raster", "A panel does not fit into the printer's plane.",
                "Compare image and raster in the model's file.")
        }
    }

    /// Writes nothing over every plane by a job that is dropped before its end (F7, P13, P14).
    func clearMemory(_ session: MagicardSession) throws(SakkError) {
        let panels = MagicardCodec.sides(of: configuration.ribbon).front.subtracting([.overlay])
        let stripe = configuration.rasterWidth / 8 * configuration.rasterHeight
        var planes: [Panel: Bytes] = [:]
        for panel in panels {
            planes[panel] = Bytes(repeating: 0, count: stripe * MagicardRaster.bits(panel))
        }
        let page = MagicardPage(
            number: 1, isFollowed: false, ribbon: configuration.ribbon, planes: planes, hasOvercoat: false, hole: nil,
            rows: configuration.rasterHeight)
        guard let bytes = MagicardCodec.job(page) else { throw wrongRibbon(configuration.ribbon) }
        try session.download(bytes)
        try session.drop()
        memoryIsUsed = false
    }
}
