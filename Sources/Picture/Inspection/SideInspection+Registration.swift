internal import CVision
internal import Ground
internal import Stations

extension SideInspection {
    /// Inks that lie apart all over the side, by how many millimetres; nil when they do not. What is wrong besides is looked
    /// for after they were moved back.
    mutating func checkRegistration(_ view: CardView, _ places: [FieldPlace]) throws(SakkError) -> Double? {
        guard subject.hasColour || !places.isEmpty else { return nil }
        let perMM = SideRaster.pixelsPerMM
        let found = try view.registration(places)
        var most = 0.0
        for (name, group) in [("stock", found.stock), ("writing", found.writing), ("pictures", found.pictures)]
        where group.sure != 0 {
            note("apart_\(name)_mm", group.apart / perMM)
            if group.apart > 4 * group.error { most = max(most, group.apart / perMM) }
        }
        if found.black_error < perMM {
            let black = (found.black_dx * found.black_dx + found.black_dy * found.black_dy).squareRoot()
            note("black_offset_mm", black / perMM)
            note("black_error_mm", found.black_error / perMM)
            // Of many good sides some are three and a half deviations off.
            if black > 5 * found.black_error { most = max(most, black / perMM) }
        }
        note("panel_offset_mm", most)
        guard most > plan.panelOffsetMM else { return nil }
        add(.panelRegistration, whole, "the panels lie \((most * 100).rounded() / 100) mm from each other")
        try view.unite(found, places)
        return most
    }

    /// One cause, one finding: what identity has left of it stays. Where one ink lies apart, the print as a whole was found
    /// to lie off by no more than that one does: `distance`, and `apart` of the inks, in millimetres.
    mutating func dropWhatRegistrationExplains(apart: Double, distance: Double) {
        var explained = [
            InspectionReason.printSpot, .printScratch, .printLine, .printSmudge, .printGhost, .printWrinkle,
            .printColour,
            .panelWeak, .cardStock,
        ].map(\.code)
        if distance <= apart { explained.append(InspectionReason.printRegistration.code) }
        findings.removeAll { explained.contains($0.code) }
    }
}
