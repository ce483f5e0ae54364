internal import CVision
internal import Ground
internal import Stations

/// One cause, one finding; and what an inspector reads first is why the rest is so. Nothing of identity is left out.
extension SideInspection {
    mutating func putCausesFirst() {
        nameOtherSide()
        dropMarksOfWhatDiffers()
        dropWhatPlaceExplains()
        nameUprightLine()
        gatherTexts()
        let ranks = findings.map(rank)
        findings = findings.indices.sorted { (ranks[$0], $0) < (ranks[$1], $1) }.map { findings[$0] }
    }

    private static let marks: Set<String> = codes([.printSpot, .printSmudge])
    private static let texts: Set<String> = codes([.fieldDiffers, .fieldMissing])
    private static let said: Set<String> = codes([
        .mrzCharacter, .fieldDiffers, .fieldMissing, .qrContent, .codeContent, .portraitDiffers,
    ])
    private static let unread: Set<String> = codes([.mrzUnreadable, .qrUnreadable, .codeUnreadable])
    /// What changes the look of all that lies in its place.
    private static let causes: Set<String> = codes([
        .cardOrientation, .printBlank, .cardStock, .panelMissing, .panelRegistration, .printGhost, .printLine,
        .printScratch, .printWrinkle,
    ])

    private static func codes(_ reasons: [InspectionReason]) -> Set<String> { Set(reasons.map(\.code)) }

    /// Another letter is ink where none is meant as well: seen as a mark, which it is not. A mark that reaches further is one.
    private mutating func dropMarksOfWhatDiffers() {
        let portraits = fields.filter { $0.kind == .portrait }.map(\.rect)
        // In a part of a portrait a mark may be why it differs.
        let wrong = findings.filter {
            Self.said.contains($0.code)
                && ($0.code != InspectionReason.portraitDiffers.code || portraits.contains($0.place))
        }.map { RectMM.grown($0.place, by: 1.2) }
        findings.removeAll { finding in
            Self.marks.contains(finding.code) && wrong.contains { RectMM.contains($0, finding.place) }
        }
        // Several marks in a portrait that differs are the other face's.
        for portrait in portraits.map({ RectMM.grown($0, by: 1.2) }) {
            let differs = findings.contains {
                $0.code == InspectionReason.portraitDiffers.code && RectMM.intersect($0.place, portrait)
            }
            let inside = findings.filter { Self.marks.contains($0.code) && RectMM.contains(portrait, $0.place) }
            if differs, inside.count > 2 { findings.removeAll { inside.contains($0) } }
        }
    }

    /// Where neither the mill's print is what is meant, nor black where writing is, nor the face, another side lies there or
    /// another document: of another stock the print would still be right, and what was not printed shows no other face.
    private mutating func nameOtherSide() {
        let portraits = fields.filter { $0.kind == .portrait }.map(\.rect)
        let isOther = [.cardStock, .panelMissing].allSatisfy { (reason: InspectionReason) in
            findings.contains { $0.code == reason.code && $0.place == whole }
        }
        let isOtherFace = findings.contains {
            $0.code == InspectionReason.portraitDiffers.code && portraits.contains($0.place)
        }
        guard isOther, isOtherFace else { return }
        findings.insert(
            Finding(
                code: InspectionReason.cardOrientation.code, side: side, place: whole,
                text: "another side or another document is seen"), at: 0)
    }

    /// A print that lies off is seen at every edge of it, and so is another one under it.
    private mutating func dropWhatPlaceExplains() {
        let all = whole
        let causes = findings.filter {
            $0.code == InspectionReason.printRegistration.code
                || ($0.code == InspectionReason.printGhost.code && $0.place == all)
        }
        guard !causes.isEmpty else { return }
        let seen = Self.codes([.printSpot, .printSmudge, .printScratch, .printLine, .printGhost])
        findings.removeAll { seen.contains($0.code) && !causes.contains($0) }
    }

    /// Texts that differ in one column, and nowhere else, were crossed by an element that printed nothing.
    private mutating func nameUprightLine() {
        let all = findings.filter { Self.texts.contains($0.code) && $0.place.width < 2 }
        let middles = all.map { $0.place.x + $0.place.width / 2 }.sorted()
        guard all.count >= 3, all.count == findings.filter({ Self.texts.contains($0.code) }).count,
            let first = middles.first, let last = middles.last, last - first < 0.8,
            Set(all.map { Int(($0.place.y + $0.place.height / 2) / 2) }).count >= 3,
            !findings.contains(where: { $0.code == InspectionReason.printLine.code })
        else { return }
        let place = all.dropFirst().reduce(all[0].place) { RectMM.union($0, $1.place) }
        add(.printLine, place, "a line through \(all.count) texts was not printed")
    }

    /// Where one cause changes most texts, or all of them are another person's, each alone says nothing more.
    private mutating func gatherTexts() {
        let all = findings.filter { Self.texts.contains($0.code) }
        let isOne = findings.contains { Self.causes.contains($0.code) }
        guard all.count > (isOne ? 2 : 4), let first = all.first else { return }
        let place = all.dropFirst().reduce(first.place) { RectMM.union($0, $1.place) }
        let names = fields.filter { field in
            field.kind == .text && all.contains { RectMM.intersect($0.place, field.rect) }
        }.map(\.name)
        let at = findings.firstIndex { Self.texts.contains($0.code) } ?? 0
        findings.removeAll { Self.texts.contains($0.code) }
        findings.insert(
            Finding(
                code: InspectionReason.fieldDiffers.code, side: side, place: place,
                text: "\(all.count) places of texts differ: \(names.joined(separator: ", "))"), at: at)
    }

    private func rank(_ finding: Finding) -> Int {
        if Self.said.contains(finding.code) { return 1 }
        let isCause = Self.causes.contains(finding.code)
        let around = RectMM.grown(finding.place, by: 0.3)
        let touched = findings.filter {
            Self.said.union(Self.unread).contains($0.code) && RectMM.intersect($0.place, around)
        }
        if isCause, !touched.isEmpty, explainsAll(finding, touched) { return 0 }
        if Self.unread.contains(finding.code) { return 3 }
        return finding.place == whole ? 2 : 4
    }

    /// A portrait of somebody else is not explained by a line through it.
    private func explainsAll(_ cause: Finding, _ touched: [Finding]) -> Bool {
        guard cause.place != whole else { return true }
        let pictures = fields.filter { $0.kind == .portrait }.map(\.rect)
        return !touched.contains { pictures.contains($0.place) }
    }
}
