public import Ground
public import Stations

extension XIDPrinter {
    public func print(_ job: PrintJob) async throws(SakkError) {
        let sides = try separate(job)
        let before = try asked { link throws(SakkError) in
            guard try link.position() == .at(.print) else { throw notAtPrint }
            guard side == .front, !filmIsUsed else {
                throw failure(
                    "printer.film", "The film is not fresh, or the card's side is not known.",
                    "The card is thrown out; the next one starts on fresh film.")
            }
            let ink = try link.ink()
            guard ink.type == configuration.inkType, ink.left >= job.panels.count else {
                throw failure(
                    "printer.ribbon.end", "The ribbon does not last for this card: \(ink.left) panels are left.",
                    "Load a \(configuration.ribbon) ribbon.")
            }
            try awaitReady(link)
            return try link.counters()
        }
        try FaultPoint.pass("printer.print.before")
        var inked = false
        for (index, picture) in sides.enumerated() {
            let isLast = index == sides.count - 1
            do throws(SakkError) {
                try lay(picture.planes, of: picture.side, buffer: UInt8(index), isLast: isLast, inked: &inked)
            } catch {
                var error = error
                // ink on the film of a card that is under way is not undone
                if inked {
                    error.outcome = .unknown
                } else if error.code != "printer.reset" {
                    // whatever became of a download, nothing was printed of it
                    error.outcome = .notDone
                }
                throw error
            }
        }
        try FaultPoint.pass("printer.print.after")
        let laid = try known { link throws(SakkError) in try link.counters().head } - before.head
        guard laid == job.panels.count else {
            throw failure(
                "printer.panels", "The printer counted \(laid) panels for a card of \(job.panels.count).",
                "The card is thrown out; check the ribbon.", outcome: .unknown)
        }
        // nobody's picture stays; if that fails the next feed does it or is refused
        try? clearBuffers()
    }

    /// Planes of each side that gets ink, refused before any byte is sent.
    private func separate(
        _ job: PrintJob
    ) throws(SakkError) -> [(side: CardSide, planes: [XIDPlane: Bytes])] {
        guard job.ribbon == configuration.ribbon else {
            throw failure(
                "printer.ribbon.other",
                "The job is separated for \(job.ribbon), the printer has \(configuration.ribbon).",
                "Use the artwork of this ribbon.")
        }
        var sides: [(side: CardSide, planes: [XIDPlane: Bytes])] = []
        for side in CardSide.allCases {
            var planes: [XIDPlane: Bytes] = [:]
            for raster in job.panels where raster.side == side {
                guard raster.width == configuration.imageWidth, raster.height == configuration.imageHeight,
                    let plane = XIDPlane(raster.panel), planes[plane] == nil,
                    let dots = XIDRaster.plane(
                        raster, width: configuration.planeWidth, height: configuration.planeHeight)
                else {
                    throw failure(
                        "printer.raster",
                        "A panel is not one of this printer's, or has another size than its picture.",
                        "Compare image and ribbons in the model's file with the artwork.")
                }
                planes[plane] = dots
            }
            let colours = planes.keys.filter { XIDPlane.colours.contains($0) }.count
            guard colours == 0 || colours == 3 else {
                throw failure(
                    "printer.raster", "A side has some of the three colours and not all.", "Correct the artwork.")
            }
            if !planes.isEmpty { sides.append((side, planes)) }
        }
        guard sides.first?.side == .front else {
            throw failure("printer.raster", "The job prints nothing on the front.", "Correct the artwork.")
        }
        return sides
    }

    /// One side: its planes whole into the buffer, then on the film, then on the card (P7, P9).
    private func lay(
        _ planes: [XIDPlane: Bytes], of side: CardSide, buffer: UInt8, isLast: Bool, inked: inout Bool
    ) throws(SakkError) {
        buffersAreUsed = true
        for plane in XIDPlane.allCases {
            guard let dots = planes[plane] else { continue }
            try acted { link throws(SakkError) in
                try link.download(plane, buffer: buffer, dots, timeoutMS: configuration.panelTimeoutMS)
            }
        }
        let ultraviolet = planes.keys.contains(.fluorescent)
        let visible = Set(planes.keys).subtracting([.fluorescent])
        var passes: [(Set<XIDPlane>, XIDTransfer)] = []
        let last: XIDTransfer = isLast ? .thenReturn : .thenTurn
        if !visible.isEmpty { passes.append((visible, ultraviolet ? .thenReturn : last)) }
        if ultraviolet { passes.append(([.fluorescent], last)) }
        for (planes, then) in passes {
            try FaultPoint.pass("printer.panel.before")
            try asked { link throws(SakkError) in try awaitReady(link) }
            inked = true
            filmIsUsed = true
            self.side = nil
            try acted { link throws(SakkError) in
                try order(link, .print(planes, buffer: buffer), configuration.panelTimeoutMS)
                try order(link, .transfer(then), configuration.panelTimeoutMS)
            }
            self.side = then == .thenTurn ? .back : side
            filmIsUsed = false
            try FaultPoint.pass("printer.panel.after")
        }
    }

    /// Writes nothing over every plane of both buffers (P5).
    func clearBuffers() throws(SakkError) {
        let nothing = Bytes(repeating: 0, count: configuration.planeWidth * configuration.planeHeight)
        let panels = Set(configuration.ribbon.compactMap { Panel(rawValue: String($0)) }.compactMap { XIDPlane($0) })
        for buffer: UInt8 in 0...1 {
            for plane in XIDPlane.allCases where panels.contains(plane) {
                try acted { link throws(SakkError) in
                    try link.download(plane, buffer: buffer, nothing, timeoutMS: configuration.panelTimeoutMS)
                }
            }
        }
        buffersAreUsed = false
    }
}
