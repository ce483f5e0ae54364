public import Ground
public import Ledger

/// A closed shift on A4: the balance of its blanks, what was handed on or is missing, and who signs. Arabic first, English
/// under it.
public struct ShiftReportPDF {
    private let report: ShiftReportQuery.ShiftReport
    private let offset: Int64

    /// - Parameter offsetMinutes: how far the plant's clock is east of Greenwich.
    public init(_ report: ShiftReportQuery.ShiftReport, offsetMinutes: Int) {
        self.report = report
        offset = Int64(offsetMinutes) * 60_000_000
    }

    /// Writes the file; throws `report.unwritable`.
    public func write(to path: String) throws(SakkError) {
        let arabic = ReportLanguage.arabic
        try ReportFile.write(to: path, language: .arabic, footer: "Sakk, \(report.shift)") { page in
            page.text("تقرير المناوبة \(arabic.value(report.shift.rawValue))", size: 20, bold: true, advance: 34)
            page.text("Shift report \(report.shift)", size: 12, bold: true, advance: 24)
            page.table([
                ["", "القيمة  value"],
                ["فُتحت  opened", "\(time(report.openedAt))  \(report.openedBy)"],
                ["أُغلقت  closed", "\(time(report.closedAt))  \(report.closedBy)"],
            ])
            page.gap(12)
            page.table(balance)
            page.gap(12)
            if let incident = report.incident {
                page.text("الحادثة  Incident: \(incident)", size: 11, bold: true, advance: 20)
            }
            let missing = report.missing.map(\.rawValue) + report.missingSupplies.map(\.rawValue)
            if !missing.isEmpty {
                page.table([["مفقود  missing"]] + missing.map { [$0] })
                page.gap(12)
            }
            if !report.carried.isEmpty {
                page.table(
                    [["سُلّمت للتالية  carried out", "من عنده  with", "المكان  place"]]
                        + report.carried.map { [$0.blank.rawValue, $0.person, $0.place] })
                page.gap(12)
            }
            page.text("التواقيع  Signatures", size: 11, bold: true, advance: 16)
            page.signatures(report.people.isEmpty ? [report.closedBy] : report.people)
        }
    }

    /// Carried in and taken are what the shift answers for; the others are where it went.
    private var balance: [[String]] {
        let fates: [(ShiftFate, String)] = [
            (.good, "سليمة  good"), (.spoiled, "تالفة  spoiled"), (.sample, "عيّنات  samples"),
            (.setup, "للضبط  setup"), (.returned, "معادة  returned"), (.carried, "سُلّمت للتالية  carried out"),
            (.missing, "مفقودة  missing"),
        ]
        return [["البطاقات الخام  blanks", "العدد  count"]]
            + [
                ["من السابقة  carried in", String(report.balance.carriedIn)],
                ["أُخذت من المخزن  taken", String(report.balance.taken)],
            ] + fates.map { [$0.1, String(report.balance[$0.0])] }
    }

    private func time(_ time: WallTime) -> String {
        let local = WallTime(microseconds: time.microseconds + offset).iso8601
        return "\(local.prefix(10)) \(local.dropFirst(11).prefix(5))"
    }
}
