extension FaultPoint {
    /// `reach` for code that throws `SakkError`: the simulated crash becomes `simulated.crash`, outcome unknown, which
    /// every layer above passes on without touching ledger or machine again.
    public static func pass(_ name: StaticString) throws(SakkError) {
        do {
            try reach(name)
        } catch {
            throw SakkError(
                SimulatedCrash.code, source: "fault point \(error.point)", outcome: .unknown,
                text: "The test stopped the controller here.", remedy: "Start a new controller.")
        }
    }
}

extension SimulatedCrash {
    public static let code: SakkError.Code = "simulated.crash"
}
