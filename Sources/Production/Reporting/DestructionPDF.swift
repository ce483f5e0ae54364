public import Ground
public import Ledger

/// A certificate of destruction on A4, to be signed by the two people: Arabic first, English under it.
public struct DestructionPDF {
    private let kept: CertificateQuery.Certificate

    public init(_ kept: CertificateQuery.Certificate) { self.kept = kept }

    /// Writes the file; throws `report.unwritable`.
    public func write(to path: String) throws(SakkError) {
        let paper = kept.paper
        let arabic = ReportLanguage.arabic
        let items =
            paper.blanks.map { ("بطاقة", "card", $0.rawValue) }
            + paper.consumables.map { supply in
                supply.rawValue.hasPrefix("film:")
                    ? ("فلم", "film", supply.rawValue) : ("شريط", "ribbon", supply.rawValue)
            }
        try ReportFile.write(to: path, language: .arabic, footer: "Sakk, \(paper.number)") { page in
            page.text("شهادة إتلاف رقم \(arabic.value(paper.number))", size: 20, bold: true, advance: 34)
            page.text("Certificate of destruction \(paper.number)", size: 12, bold: true, advance: 24)
            page.text(
                "أُتلفت أمام الموقعين أدناه المواد المدرجة وعددها \(paper.count)، ولم يبقَ منها ما يمكن استعماله أو قراءته.",
                size: 11, advance: 20)
            page.text(
                "The \(paper.count) pieces listed were destroyed before the two who sign below; nothing of them can be used "
                    + "or read.", size: 9.5, advance: 22)
            let head = [
                ["", "القيمة  value"], ["الوقت  time (UTC)", kept.at.iso8601], ["المكان  place", paper.place],
                ["الطريقة  method", paper.method], ["العدد  pieces", String(paper.count)],
            ]
            page.table(head)
            page.gap(14)
            page.table(
                [["ت  no.", "النوع  kind", "الرقم  serial"]]
                    + items.enumerated().map { [String($0 + 1), "\($1.0)  \($1.1)", $1.2] })
            page.gap(10)
            page.text("التواقيع  Signatures", size: 11, bold: true, advance: 16)
            page.signatures([paper.people.first, paper.people.second])
        }
    }
}
