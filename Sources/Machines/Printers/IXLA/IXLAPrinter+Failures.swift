internal import Ground

/// What is said when the machine does not do what it should.
extension IXLAPrinter {
    func failure(
        _ code: SakkError.Code, _ text: String, _ remedy: String, outcome: SakkError.Outcome = .notDone
    ) -> SakkError {
        SakkError(code, source: "printer \(configuration.serial)", outcome: outcome, text: text, remedy: remedy)
    }

    var empty: SakkError {
        failure("printer.empty", "The camera sees the empty bed.", "The cell finds out where the booklet went.")
    }

    func refuse(_ state: IXLAState, _ act: IXLAState.Act) throws(SakkError) {
        guard let stop = state.stop(act) else { return }
        throw failure(stop.code, stop.text, stop.remedy)
    }

    func told(
        _ code: SakkError.Code, _ text: String, _ reason: String, _ outcome: SakkError.Outcome
    ) -> SakkError {
        SakkError(
            code, source: "printer \(configuration.serial)",
            native: SakkError.Native(kind: "ixla", value: String(reason.prefix(80))), outcome: outcome,
            text: text + ".", remedy: "Look at the machine's display; the cell looks for what is inside.")
    }
}
