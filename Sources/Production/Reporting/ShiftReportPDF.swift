public import Ground
public import Ledger

/// A closed shift on A4: the balance of its blanks, what was handed on or is missing, and who signs. Arabic (or Sorani)
/// first, English beside it.
public struct ShiftReportPDF {
    private let report: ShiftReportQuery.ShiftReport
    private let offset: Int64
    private let language: ReportLanguage

    /// - Parameters:
    ///   - language: the one beside English; a paper for readers of English is in Arabic too.
    ///   - offsetMinutes: how far the plant's clock is east of Greenwich.
    public init(
        _ report: ShiftReportQuery.ShiftReport, language: ReportLanguage = .arabic, offsetMinutes: Int
    ) {
        self.report = report
        self.language = language == .english ? .arabic : language
        offset = Int64(offsetMinutes) * 60_000_000
    }

    /// Writes the file; throws `report.unwritable`.
    public func write(to path: String) throws(SakkError) {
        try ReportFile.write(to: path, language: language, footer: "Sakk, \(report.shift)") { page in
            page.text(
                "\(language("Shift report")) \(language.value(report.shift.rawValue))", size: 20, bold: true,
                advance: 34)
            page.text("Shift report \(report.shift)", size: 12, bold: true, advance: 24)
            page.table([
                ["", both("value")],
                [both("opened"), "\(time(report.openedAt))  \(report.openedBy)"],
                [both("closed"), "\(time(report.closedAt))  \(report.closedBy)"],
            ])
            page.gap(12)
            page.table(balance)
            page.gap(12)
            if let incident = report.incident {
                page.text("\(both("Incident")): \(incident)", size: 11, bold: true, advance: 20)
            }
            let missing = report.missing.map(\.rawValue) + report.missingSupplies.map(\.rawValue)
            if !missing.isEmpty {
                page.table([[both("missing")]] + missing.map { [$0] })
                page.gap(12)
            }
            if !report.carried.isEmpty {
                page.table(
                    [[both("carried out"), both("with"), both("place")]]
                        + report.carried.map { [$0.blank.rawValue, $0.person, $0.place] })
                page.gap(12)
            }
            page.text(both("Signatures"), size: 11, bold: true, advance: 16)
            page.signatures(report.people.isEmpty ? [report.closedBy] : report.people)
        }
    }

    /// Carried in and taken are what the shift answers for; the others are where it went.
    private var balance: [[String]] {
        let fates: [(ShiftFate, String)] = [
            (.good, "good"), (.spoiled, "spoiled"), (.sample, "samples"), (.setup, "setup"), (.returned, "returned"),
            (.carried, "carried out"), (.missing, "missing"),
        ]
        return [[both("blanks"), both("count")]]
            + [
                [both("carried in"), String(report.balance.carriedIn)],
                [both("taken"), String(report.balance.taken)],
            ] + fates.map { [both($0.1), String(report.balance[$0.0])] }
    }

    private func both(_ english: String) -> String { "\(language(english))  \(english)" }

    private func time(_ time: WallTime) -> String {
        let local = WallTime(microseconds: time.microseconds + offset).iso8601
        return "\(local.prefix(10)) \(local.dropFirst(11).prefix(5))"
    }
}
