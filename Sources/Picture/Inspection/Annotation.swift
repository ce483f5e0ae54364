internal import CVision
internal import Ground
internal import Pixels
internal import Stations

/// A sheet that says at a glance why a side did not pass: the side as it was seen beside what it should be, of one scale, each
/// finding boxed and numbered on both; below, for each number, the place enlarged and the reason in words.
enum Annotation {
    private static let fault = RGBColour(220, 30, 30)
    private static let good = RGBColour(30, 130, 60)
    private static let ground = RGBColour(250, 250, 248)
    private static let empty = RGBColour(70, 70, 70)
    private static let ink = RGBColour(20, 20, 20)
    private static let faint = RGBColour(90, 90, 90)
    private static let gap = 16
    private static let head = 66
    private static let row = 168
    /// Rows of the list; a side with more faults than this has one fault that is larger than all of them.
    private static let most = 6

    /// PNG. `labels` by code: Arabic, Sorani, English.
    static func draw(_ inspection: SideInspection, _ labels: [String: [String]]) throws(SakkError) -> Bytes {
        let raster = inspection.subject.raster
        let (width, height) = (raster.width, raster.height)
        let lines = try lines(inspection, labels)
        let (left, right, top) = (gap, 2 * gap + width, head)
        var sheet = RGBImage(
            width: 3 * gap + 2 * width, height: head + height + gap + lines.count * row, filledWith: ground)

        let colour = inspection.findings.isEmpty && inspection.doubt == nil ? good : fault
        SheetText.draw(title(inspection), at: (left, 10), width: width, size: 27, colour: colour, on: &sheet)
        SheetText.draw(
            "المرجع · سەرچاوە · reference", at: (right, 10), width: width, size: 27, colour: ink, on: &sheet)
        let seen = try Evidence.picture(inspection)
        sheet.fill(x: left, y: top, width: width, height: height, colour: empty)
        if let seen { sheet.lay(seen, x: left, y: top) }
        sheet.lay(RGBImage(width: width, height: height, rgb: inspection.artwork), x: right, y: top)

        // around the places and not on them
        let boxes = inspection.findings.map { finding in
            var box = Evidence.box(finding.place, on: raster)
            (box.x, box.y, box.width, box.height) = (box.x - 7, box.y - 7, box.width + 14, box.height + 14)
            return box
        }
        let tags = tags(of: boxes, width: width, height: height)
        for (number, box) in boxes.enumerated().reversed() {
            for (x, thickness) in [(left, 4), (right, 2)] {
                sheet.outline(
                    x: x + box.x, y: top + box.y, width: box.width, height: box.height, colour: fault,
                    thickness: thickness)
                let tag = tags[number]
                sheet.fill(x: x + tag.x, y: top + tag.y, width: tagSize, height: tagSize, colour: fault)
                SheetText.draw(
                    "\(number + 1)", at: (x + tag.x + 7, top + tag.y - 2), width: tagSize, size: 22,
                    colour: RGBColour(255, 255, 255), on: &sheet)
            }
        }
        if inspection.doubt != nil {
            sheet.outline(x: left, y: top, width: width, height: height, colour: fault, thickness: 10)
        }
        for (index, line) in lines.enumerated() {
            draw(line, y: head + height + gap + index * row, on: &sheet)
        }
        return try PNG.encode(sheet)
    }

    private static let tagSize = 28

    /// Where the numbers go: beside their boxes, on no other box and on no other number where there is such a place.
    private static func tags(of boxes: [Evidence.Box], width: Int, height: Int) -> [Evidence.Box] {
        var tags: [Evidence.Box] = []
        for box in boxes {
            let (right, bottom) = (box.x + box.width, box.y + box.height)
            let corners = [
                (box.x, box.y - tagSize), (right - tagSize, box.y - tagSize), (box.x, bottom),
                (right - tagSize, bottom),
                (box.x - tagSize, box.y), (right, box.y), (box.x - tagSize, bottom - tagSize),
                (right, bottom - tagSize),
            ]
            // then further and further out, and in the corner of a box that fills the side
            let further = (1...4).flatMap { step in
                corners.map { x, y in
                    (
                        x + (x < box.x ? -1 : x >= right ? 1 : 0) * step * tagSize,
                        y + (y < box.y ? -1 : y >= bottom ? 1 : 0) * step * tagSize
                    )
                }
            }
            let places = (corners + further + [(box.x + 8, box.y + 8), (max(box.x, 0), max(box.y, 0))]).map { x, y in
                Evidence.Box(x: x, y: y, width: tagSize, height: tagSize)
            }
            let inside = places.filter { $0.x >= 0 && $0.y >= 0 && $0.x + tagSize <= width && $0.y + tagSize <= height }
            let free = inside.first { place in
                !tags.contains { $0.meets(place) }
                    && !boxes.contains { $0.meets(place) && $0.width * $0.height < 40_000 }
            }
            tags.append(
                free ?? inside.first { place in !tags.contains { $0.meets(place) } } ?? places[places.count - 1])
        }
        return tags
    }

    private struct Line {
        var number = ""
        var crop: RGBImage?
        var words: [String]
        var detail: String
        /// What the signed record says there, and what was read, line by line.
        var signed: [String] = []
    }

    private static func title(_ inspection: SideInspection) -> String {
        let side = inspection.side == .front ? "الوجه · ڕووی پێشەوە · front" : "الظهر · پشتەوە · back"
        let verdict =
            if !inspection.findings.isEmpty {
                "مرفوض · ڕەتکراوە · rejected"
            } else if inspection.doubt != nil {
                "لا يمكن الحكم · ناتوانرێت بڕیار بدرێت · cannot judge"
            } else {
                "مقبول · پەسەند · passed"
            }
        return "\(side)   —   \(verdict)"
    }

    private static func lines(_ inspection: SideInspection, _ labels: [String: [String]]) throws(SakkError) -> [Line] {
        var lines: [Line] = []
        for (number, finding) in inspection.findings.enumerated().prefix(most) {
            lines.append(
                Line(
                    number: "\(number + 1)", crop: try Evidence.pair(finding.place, inspection),
                    words: labels[finding.code] ?? [], detail: "\(finding.code): \(finding.text)",
                    signed: signed(finding, inspection)))
        }
        if inspection.findings.count > most {
            lines.append(Line(words: [], detail: "and \(inspection.findings.count - most) more"))
        }
        if let doubt = inspection.doubt {
            lines.append(Line(words: labels[doubt.code] ?? [], detail: doubt.code))
        }
        return lines
    }

    /// Print and reference may agree with each other and not with the record: then only this says what is wrong.
    private static func signed(_ finding: Finding, _ inspection: SideInspection) -> [String] {
        let subject = inspection.subject
        if finding.code == InspectionReason.mrzCharacter.code, let zone = subject.mrz {
            let read = inspection.seenMRZ
            return zip(zone.indices, zone).flatMap { index, line in
                ["signed \(line)"] + (read.indices.contains(index) ? ["read   \(read[index])"] : [])
            }
        }
        guard finding.code == InspectionReason.fieldDiffers.code || finding.code == InspectionReason.fieldMissing.code
        else { return [] }
        let (x, y) = (finding.place.x + finding.place.width / 2, finding.place.y + finding.place.height / 2)
        let field = subject.fields.first { field in
            field.kind == .text && (field.rect.x...field.rect.x + field.rect.width).contains(x)
                && (field.rect.y...field.rect.y + field.rect.height).contains(y)
        }
        guard let field else { return [] }
        let text = subject.texts[field.name] ?? field.text
        return text.isEmpty ? [] : ["\(field.name), signed:", text]
    }

    private static func draw(_ line: Line, y: Int, on sheet: inout RGBImage) {
        sheet.fill(x: gap, y: y, width: sheet.width - 2 * gap, height: 2, colour: RGBColour(205, 205, 200))
        if !line.number.isEmpty {
            sheet.fill(x: gap, y: y + 10, width: 44, height: 44, colour: fault)
            SheetText.draw(
                line.number, at: (gap + 12, y + 12), width: 40, size: 32, colour: RGBColour(255, 255, 255), on: &sheet)
        }
        var x = gap + 64
        if let crop = line.crop {
            let share = min(760 / Double(crop.width), Double(row - 20) / Double(crop.height))
            let (width, height) = (max(Int(Double(crop.width) * share), 1), max(Int(Double(crop.height) * share), 1))
            sheet.lay(crop.resized(width: width, height: height), x: x, y: y + 10)
        }
        x += 790
        var top = y + 8
        // a zone's lines stand at the right end: beside them there is room for the words
        let isZone = line.signed.count > 2
        let longest = line.signed.map(\.count).max() ?? 0
        let right = isZone ? sheet.width - gap - longest * 125 / 10 : x + (sheet.width - x) / 2
        let width = (line.signed.isEmpty ? sheet.width : right) - x - gap
        for words in line.words {
            SheetText.draw(words, at: (x, top), width: width, size: 29, colour: ink, on: &sheet)
            top += 42
        }
        SheetText.draw(line.detail, at: (x, top), width: width, size: 22, colour: faint, on: &sheet)
        for (index, words) in line.signed.enumerated() {
            SheetText.draw(
                words, at: (right, y + 8 + index * (line.signed.count > 4 ? 25 : 38)), width: sheet.width - right - gap,
                size: line.signed.count > 4 ? 20 : 28, colour: ink,
                isFixed: isZone, on: &sheet)
        }
    }
}
