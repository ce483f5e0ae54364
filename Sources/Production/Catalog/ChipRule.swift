import Ground
import Stations

/// What order, dialect and document must have in common: a profile that could only fail at a chip is refused before.
enum ChipRule {
    static func check(
        _ steps: [ChipSettings.Step], _ dialect: ChipDialect, _ document: ChipDocument, _ root: ConfigurationNode
    ) throws(SakkError) {
        func fault(_ reason: String) -> SakkError { root.error("steps", reason) }
        let order = steps.compactMap { dialect.steps[$0.name] }
        guard order.last?.locks == true, order.dropLast().allSatisfy({ !$0.locks }) else {
            throw fault("must end with the one step that locks")
        }
        guard order.contains(where: \.eachFile) else { throw fault("must hold a step that writes the files") }
        let asked = order.reduce(into: Set<String>()) { $0.formUnion($1.variables) }
        let passwords: Set = ["document_number", "document_number_filled", "mrz_information"]
        guard !asked.isDisjoint(with: passwords) else { throw fault("must give the chip its password") }
        if document.pace != nil, dialect.masterFiles[0x011C] == nil {
            throw root.error("document", "asks for PACE, and the dialect \(dialect.name) writes no EF.CardAccess")
        }
        try checkFingers(order, document, fault)
        try checkKeys(order, asked, document, fault)
    }

    /// Keys come before all else: nothing of a document is on a chip that its maker's lot still opens. By its version a chip is
    /// known to hold them, so that is another one.
    static func checkKeySets(
        _ steps: [ChipSettings.Step], transport: UInt8, production: UInt8?, _ root: ConfigurationNode
    ) throws(SakkError) {
        let names = steps.map(\.name)
        let order = names.filter { ChipSettings.ofCard.contains($0) }
        guard [[ChipSettings.install], [ChipSettings.keys, ChipSettings.install]].contains(order),
            names.starts(with: order)
        else { throw root.error("steps", "must begin with install, or with keys and then install") }
        guard order.count == 2 else {
            guard production == nil else {
                throw root.error("production_key_version", "needs the step keys, which puts them")
            }
            return
        }
        guard let production else { throw root.error("production_key_version", "is missing: the step keys puts them") }
        guard transport != 0 else {
            throw root.error("key_version", "must tell the transport keys' version: by it a chip is known to hold them")
        }
        guard transport != production else {
            throw root.error("production_key_version", "must be another version than key_version")
        }
    }

    /// Whom fingers open to is on the chip before the fingers are.
    private static func checkFingers(
        _ order: [ChipDialect.Step], _ document: ChipDocument, _ fault: (String) -> SakkError
    ) throws(SakkError) {
        let authority = order.firstIndex { $0.variables.contains("ta.authority") }
        guard (authority != nil) == document.hasFingers else {
            throw fault("must give the chip {ta.authority} where `data_groups` has 3, and nowhere else")
        }
        guard let files = order.firstIndex(where: \.eachFile) else { return }
        if let authority, authority > files { throw fault("must give {ta.authority} before the files are written") }
        if order[..<files].contains(where: { $0.each == .closedFile }) {
            throw fault("must write the files before those that are closed are looked at")
        }
    }

    private static func checkKeys(
        _ order: [ChipDialect.Step], _ asked: Set<String>, _ document: ChipDocument, _ fault: (String) -> SakkError
    ) throws(SakkError) {
        let given = Set(order.flatMap(\.commands).compactMap(\.gives))
        let born = document.keys(madeBy: .chip)
        guard given == born else {
            let difference = given.symmetricDifference(born).map(\.rawValue).sorted().joined(separator: ", ")
            throw fault("and `document` differ in the keys that are born in the chip: \(difference)")
        }
        let prefixes: [ChipKeys.Use: String] = [.activeAuthentication: "aa.", .chipAuthentication: "ca."]
        let secrets: Set = ["aa.pkcs8", "aa.exponent", "ca.number"]
        let brought = document.keys(madeBy: .host)
        for use in ChipKeys.Use.allCases {
            let isWritten = asked.contains { $0.hasPrefix(prefixes[use] ?? "") && secrets.contains($0) }
            guard isWritten == brought.contains(use) else {
                throw fault("and `document` differ in the keys that the host makes: \(use.rawValue)")
            }
        }
        // a key that is born changes files: what comes before it must not be written again later
        guard let files = order.firstIndex(where: \.eachFile) else { return }
        let late = order[files...].contains { step in step.commands.contains { $0.gives != nil } }
        if late { throw fault("must bear keys before the files are written, which name them") }
    }
}
