internal import CVision
internal import Glibc
internal import Ground
internal import Stations

extension SideInspection {
    /// Lines, marks and another stock. Places that already have a finding of their own are left out: one cause, one
    /// finding.
    mutating func checkMarks(
        _ view: CardView, ink: InkCheck, alignment: sakk_alignment, distance: Double, noise: Double
    ) throws(SakkError) {
        guard !ink.lacksColour, !ink.isOtherStock else { return }
        let lines = try checkLines(view)
        let writing = fields.filter { $0.kind.hasText || $0.kind == .signature }.map(\.rect)
        let codes = fields.filter(\.kind.isCode).map(\.rect)
        // One cause, one finding; but in a part of a portrait or of a text a mark may be why it differs.
        let wrong = fields.filter { field in
            findings.contains {
                ($0.code == InspectionReason.portraitDiffers.code && $0.place == field.rect)
                    || ($0.code == InspectionReason.fieldDiffers.code && !Self.isPart($0)
                        && RectMM.intersect($0.place, field.rect))
            }
        }
        let parted = fields.filter { field in
            findings.contains { Self.isPart($0) && RectMM.intersect($0.place, field.rect) } && !wrong.contains(field)
        }.map(\.rect)
        // Between the print and the stock under it a rim may show, as wide as they lie apart.
        let (dx, dy) = (alignment.dx - alignment.stock_dx, alignment.dy - alignment.stock_dy)
        let rim = 0.25 + (dx * dx + dy * dy).squareRoot() / SideRaster.pixelsPerMM
        let rims = fields.filter { $0.kind == .portrait || $0.kind == .ghost }.flatMap { Self.rim(of: $0.rect, rim) }
        let found = try view.marks(
            .init(
                writing: writing, ignored: lines + rims + codes + wrong.map(\.rect) + (ink.blackIsRight ? [] : writing),
                sharpLevels: plan.sharpLevels,
                sharpWeight: plan.sharpWeight, smoothLevels: plan.smoothLevels, smoothMM2: plan.smoothMM2))
        let marks = marksApart(from: parted, among: found)
        note("marks", Double(marks.count))
        // An ink that is off is seen all over what it prints: one cause, one finding.
        if let band = try bandOfOneDye(marks, view) {
            add(band.isMissing ? .panelMissing : .panelWeak, band.place, "\(band.dye), in a part")
            let around = RectMM.grown(band.place, by: 0.8)
            findings.removeAll {
                ($0.code == InspectionReason.printLine.code && RectMM.intersect($0.place, around))
                    || $0.text.hasPrefix(band.dye + ":")
            }
            return
        }
        let sorted = MarkSorting(
            marks.filter { ink.findings.isEmpty || $0.smooth == 0 }, raster: subject.raster)
        note("mark_mm2", sorted.areaMM2)
        note("mark_dark", sorted.darkShare)
        if sorted.areaMM2 > 200 || sorted.count > 60 {
            // Another stock lacks what is meant; what was printed before only adds to it.
            let isAdded = sorted.darkShare > 0.9
            if isAdded || alignment.stock_score < plan.stock {
                add(
                    isAdded ? .printGhost : .cardStock, whole,
                    isAdded ? "something else shows through" : "the stock is another one")
                return
            }
        }
        for finding in sorted.findings.prefix(4) { add(finding.reason, finding.place, finding.text) }
        if findings.isEmpty { try checkFaint(view, ignoring: rims + codes, noise: noise) }
    }

    /// A part of a text, as `checkTexts` looks at it: no more than a letter.
    private static func isPart(_ finding: Finding) -> Bool {
        finding.code == InspectionReason.fieldDiffers.code && finding.place.width < 2 && finding.place.height < 2
    }

    /// In a text of which a part differs another letter's own ink is no mark. A thing that goes on outside the text's box is,
    /// with its pieces inside, and so is a line longer than letters are.
    private func marksApart(from texts: [RectMM], among marks: [sakk_mark]) -> [sakk_mark] {
        guard !texts.isEmpty else { return marks }
        let perMM = SideRaster.pixelsPerMM
        let places = marks.map { subject.raster.millimetres($0.place) }
        func isWithin(_ index: Int) -> Bool {
            texts.contains {
                RectMM.intersect($0, places[index]) && RectMM.contains(RectMM.grown($0, by: 0.5), places[index])
            }
        }
        let outside = marks.indices.filter { !isWithin($0) }.map { marks[$0] }
        return marks.indices.filter { index in
            let mark = marks[index]
            guard isWithin(index) else { return true }
            guard mark.smooth == 0, mark.fold == 0 else { return false }
            let isLong = mark.length > 4.5 * perMM && mark.length > 6 * mark.width
            return isLong || MarkSorting.isPiece(mark, of: outside)
        }.map { marks[$0] }
    }

    /// The ghost of another print, of which no stroke is a mark: dark in all colours, all over, and nowhere light. (Good
    /// sides: up to 0.0003 of the even stock; ghosts of a twentieth: from 0.0017 on.)
    private mutating func checkFaint(_ view: CardView, ignoring places: [RectMM], noise: Double) throws(SakkError) {
        let share = try view.faintShare(ignoring: places, levels: max(Self.faintLevels, 2.5 * noise))
        note("faint_share", share)
        if share > Self.faintShare { add(.printGhost, whole, "something else shows through, all over and faintly") }
    }

    private static let (faintLevels, faintShare) = (3.0, 0.001)

    private struct Band {
        let place: RectMM
        let dye: String
        let isMissing: Bool
    }

    /// A part of the side that lacks one dye, or has less of it, and hardly anything else is wrong: as wide as the ribbon failed.
    private func bandOfOneDye(_ marks: [sakk_mark], _ view: CardView) throws(SakkError) -> Band? {
        let perMM = SideRaster.pixelsPerMM
        for (index, dye) in ["c", "m", "y"].enumerated() {
            let lacking = marks.filter { mark in
                let levels = [mark.levels.0, mark.levels.1, mark.levels.2]
                let others = levels.indices.filter { $0 != index }.map { abs(levels[$0]) }.max() ?? 0
                return levels[index] > 8 && others < 0.5 * levels[index] && mark.area > 1.5 * perMM * perMM
            }
            guard let first = lacking.first, lacking.map(\.area).reduce(0, +) > 15 * perMM * perMM,
                lacking.map(\.area).reduce(0, +) > 0.6 * marks.map(\.area).reduce(0, +)
            else { continue }
            let place = lacking.dropFirst().reduce(subject.raster.millimetres(first.place)) {
                RectMM.union($0, subject.raster.millimetres($1.place))
            }
            // All of a picture is the ribbon's strength, which is looked at there.
            let isPicture = fields.contains { field in
                field.kind == .portrait && RectMM.contains(RectMM.grown(field.rect, by: 1), place)
                    && place.width > 0.8 * field.rect.width && place.height > 0.8 * field.rect.height
            }
            guard !isPicture else { continue }
            let share = try view.density(artwork, place)[index] ?? 1
            return Band(place: place, dye: dye, isMissing: share < plan.inkMissing)
        }
        return nil
    }

    private static func rim(of box: RectMM, _ width: Double) -> [RectMM] {
        let (left, top, right, bottom) = (box.x, box.y, box.x + box.width, box.y + box.height)
        return [left, right].map {
            RectMM(x: $0 - width, y: top - width, width: 2 * width, height: box.height + 2 * width)
        }
            + [top, bottom].map {
                RectMM(x: left - width, y: $0 - width, width: box.width + 2 * width, height: 2 * width)
            }
    }

    /// Lines of a heating element that is dead, of one dot and more; their places.
    private mutating func checkLines(_ view: CardView) throws(SakkError) -> [RectMM] {
        var places: [RectMM] = []
        let boxes = fields.filter { $0.kind == .portrait }.map { ($0.rect, [RectMM]()) }
        // In texts strokes are left out by themselves: the paper between them shows a line as well.
        let hidden = fields.filter { $0.kind != .text }.map(\.rect)
        for (box, hidden) in boxes + [(whole, hidden)] {
            for line in try view.lines(box, ignoring: hidden, levels: plan.lineLevels) {
                let place = subject.raster.millimetres(line.place)
                guard !places.contains(where: { RectMM.intersect($0, place) }) else { continue }
                places.append(place)
                note("line_lead", line.lead)
                add(.printLine, place, "a line that was not printed")
            }
        }
        return places
    }
}

/// Marks by what they look like.
struct MarkSorting {
    struct Found {
        let reason: InspectionReason
        let place: RectMM
        let text: String
    }

    var findings: [Found] = []
    var areaMM2 = 0.0
    /// Of their weight, what is darker than meant.
    var darkShare = 0.0
    let count: Int

    init(_ marks: [sakk_mark], raster: SideRaster) {
        let perMM = SideRaster.pixelsPerMM
        // What lies in a crease is its own, but what is as wide as it is smudged, and it is the smudge's rim.
        let smudged = marks.filter { $0.smooth != 0 }
        let folds = marks.filter { fold in
            fold.fold > 0
                && !smudged.contains {
                    $0.area > 0.6 * fold.area
                        && RectMM.intersect(raster.millimetres($0.place), raster.millimetres(fold.place))
                }
        }
        for fold in folds {
            let place = raster.millimetres(fold.place)
            let length = Int((fold.length / perMM).rounded())
            findings.append(Found(reason: .printWrinkle, place: place, text: "a wrinkle of \(length) mm"))
        }
        let creased = folds.map { RectMM.grown(raster.millimetres($0.place), by: 1) }
        let marks = marks.filter { mark in
            mark.fold == 0 && !creased.contains { RectMM.contains($0, raster.millimetres(mark.place)) }
        }
        count = marks.count
        areaMM2 = marks.map(\.area).reduce(0, +) / (perMM * perMM)
        let dark = marks.filter { $0.levels.0 + $0.levels.1 + $0.levels.2 < 0 }.map(\.weight).reduce(0, +)
        darkShare = dark / max(marks.map(\.weight).reduce(0, +), 1)
        let sharp = marks.filter { $0.smooth == 0 }
        // What is sharp is seen again when it is smoothed.
        let smooth = marks.filter { mark in
            guard mark.smooth != 0 else { return false }
            let place = raster.millimetres(mark.place)
            let inside = sharp.filter { RectMM.intersect(raster.millimetres($0.place), place) }
            return inside.map(\.weight).reduce(0, +) < 0.3 * mark.weight
        }
        for mark in smooth {
            let place = raster.millimetres(mark.place)
            let levels = [mark.levels.0, mark.levels.1, mark.levels.2]
            let sorted = levels.map(abs).sorted()
            let lighter = levels.reduce(0, +) > 0
            if lighter, sorted[2] > 12, sorted[1] < 0.4 * sorted[2], mark.area > 15 * perMM * perMM {
                let dye = ["c", "m", "y"][levels.firstIndex { abs($0) == sorted[2] } ?? 0]
                findings.append(Found(reason: .panelMissing, place: place, text: "\(dye), in a part"))
            } else if smooth.count > 4 || (mark.detail > 9 && mark.area > 15 * perMM * perMM) {
                findings.append(Found(reason: .printGhost, place: place, text: "something else shows through"))
            } else {
                findings.append(Found(reason: .printSmudge, place: place, text: "a smudge"))
            }
        }
        // Many faint strokes, all of one kind, are the ghost of another print.
        let faint = sharp.filter {
            max(abs($0.levels.0), abs($0.levels.1), abs($0.levels.2)) < 60 && $0.levels.1 < 0
                && $0.length < 5 * $0.width
        }
        if faint.count >= 6, faint.count * 5 >= sharp.count * 4, let first = faint.first {
            let place = faint.dropFirst().reduce(raster.millimetres(first.place)) {
                RectMM.union($0, raster.millimetres($1.place))
            }
            findings.append(Found(reason: .printGhost, place: place, text: "something else shows through"))
            return
        }
        let pieces = sharp.indices.filter { Self.isPiece(sharp[$0], of: sharp) }
        for (index, mark) in sharp.enumerated() {
            let place = raster.millimetres(mark.place)
            guard !smooth.contains(where: { RectMM.intersect(raster.millimetres($0.place), place) }) else { continue }
            let (length, width) = (mark.length / perMM, mark.width / perMM)
            if (length > 2 && length > 5 * width) || (length > 1.4 && length > 3.2 * width) || pieces.contains(index) {
                findings.append(
                    Found(reason: .printScratch, place: place, text: "a scratch of \(Int(length.rounded())) mm"))
            } else {
                findings.append(Found(reason: .printSpot, place: place, text: "a spot that the artwork does not have"))
            }
        }
    }

    /// Whether it is longer than wide and another such lies on from it: a scratch is not seen where ink hides it.
    fileprivate static func isPiece(_ mark: sakk_mark, of marks: [sakk_mark]) -> Bool {
        let (perMM, turn) = (SideRaster.pixelsPerMM, 18.0)
        func isLong(_ mark: sakk_mark) -> Bool { mark.length > 0.8 * perMM && mark.length > 2 * mark.width }
        /// Between two lines, whichever way they are looked along.
        func apart(_ one: Double, _ other: Double) -> Double {
            let turned = abs(one - other).truncatingRemainder(dividingBy: 180)
            return min(turned, 180 - turned)
        }
        guard isLong(mark) else { return false }
        return marks.contains { other in
            let x = other.place.x + other.place.width / 2 - mark.place.x - mark.place.width / 2
            let y = other.place.y + other.place.height / 2 - mark.place.y - mark.place.height / 2
            let (distance, angle) = ((x * x + y * y).squareRoot(), atan2(y, x) * 180 / .pi)
            return distance > 0 && distance < 6 * perMM && isLong(other) && apart(mark.angle, other.angle) < turn
                && apart(mark.angle, angle) < turn
        }
    }
}
