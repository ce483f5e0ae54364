import Foundation
import Ground
import Ledger
import Testing

@testable import Reporting

@Suite struct ProductionReportTests {
    private static func counts(_ good: Int, _ waiting: Int) -> ProductionCounts {
        var counts = ProductionCounts()
        counts.good = good
        counts.waiting = waiting
        counts.records = good + waiting
        return counts
    }

    private static var report: ProductionReport {
        var first = counts(12, 8)
        first.remade = 1
        first.rejectedBy = ["panel.missing": 2]
        return ProductionReport(
            selection: ProductionQuery(by: .office, from: Sample.time(0), to: Sample.time(60)),
            groups: [.init(key: "O-1", counts: first), .init(key: nil, counts: counts(6, 7))])
    }

    private static var effectiveness: EffectivenessReport {
        let minute: Int64 = 60_000_000
        let start = Sample.time(0).microseconds
        let range = start..<start + 60 * minute
        var output = OutputCounts()
        output.produced = 100
        output.good = 98
        output.scrap = 2
        output.rework = 2
        output.firstTries = 98
        output.firstPasses = 96
        // 10 minutes idle, 45 at work, 5 held: 45/60, 24 s * 100 / 2700 s, 98/100
        let times = UnitTimes(
            [
                UnitLogEntry(at: start, state: .idle), UnitLogEntry(at: start + 10 * minute, state: .execute),
                UnitLogEntry(at: start + 55 * minute, state: .held, code: "printer.card.jam"),
            ], over: range)
        let value = Effectiveness(times: times, output: output, plannedRunTimePerItem: 24_000_000)
        var recovered = RecoveryCounts()
        (recovered.continued, recovered.spoiled) = (2, 1)
        return EffectivenessReport(
            from: Sample.time(0), to: Sample.time(60),
            cells: [
                CellEffectiveness(
                    line: "L1", cell: "C1", value: value,
                    hours: [HourOutput(from: start, target: 150, good: 98, produced: 100)], recovered: recovered)
            ])
    }

    private static var ageing: AgeingReport {
        AgeingReport(
            now: Sample.time(90), open: Percentiles([5_400_000_000]),
            finished: Percentiles([3_600_000_000, 7_200_000_000]),
            oldest: [
                .init(
                    production: ProductionID("P1"), requestID: "R-1", state: .held, reason: "portrait.other",
                    approved: Sample.time(0), age: 5_400_000_000)
            ],
            classes: [
                ClassStanding(
                    priorityClass: "campaign",
                    deadline: ClassDeadline(
                        at: WallTime(microseconds: 20_000 * 86_400_000_000), rise: 86_400_000_000),
                    waiting: 3, inWork: 1, held: 0, isOverdue: true)
            ])
    }

    @Test(arguments: ["production", "outgoing", "oee", "ageing"])
    func theJSONIsTheGoldenFile(_ name: String) throws {
        let made =
            switch name {
            case "production": Self.report.json()
            case "outgoing":
                ProductionReport(
                    selection: ProductionQuery(by: .office),
                    groups: [
                        .init(key: "O-1", counts: Self.counts(12, 3)), .init(key: "O-2", counts: Self.counts(40, 30)),
                    ]
                ).json(smallest: 5)
            case "oee": Self.effectiveness.json
            default: Self.ageing.json
            }
        let url = try #require(Bundle.module.url(forResource: name, withExtension: "json", subdirectory: "Golden"))
        let golden = try String(contentsOf: url, encoding: .utf8)
        #expect(made + "\n" == golden)
    }

    @Test func theTextOfProductionIsATableWithItsTotalAndReasons() {
        #expect(
            Self.report.text == """
                Production, from 2026-01-31T08:00:00Z to 2026-01-31T09:00:00Z

                office  records  waiting  in work  good  held  withdrawn  unknown  remade  rejected
                O-1          20        8        0    12     0          0        0       1         2
                (none)       13        7        0     6     0          0        0       0         0
                all          33       15        0    18     0          0        0       1         2
                  rejected 2: panel.missing

                """)
    }

    @Test func theTextOfEffectivenessHasTheFactorsAndTheMinutes() {
        let text = Self.effectiveness.text
        // 0.75 * 0.888889 * 0.98 = 0.653333
        #expect(
            text.contains("L1/C1  65.3 %        75.0 %         88.9 %   98.0 %      98.0 %  2.0 %   2.0 %  100  98"))
        #expect(text.contains("2026-01-31T08:00:00Z  L1/C1     150    98     100"))
        #expect(text.contains("L1/C1      3          2        1             0           66.7 %"))
    }

    /// Words of the PDF as poppler reads them.
    private func words(_ write: (String) throws -> Void) throws -> String {
        let path = FileManager.default.temporaryDirectory.appending(path: "report-\(UUID().uuidString).pdf").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        try write(path)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/pdftotext")
        process.arguments = ["-raw", path, "-"]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0)
        return String(decoding: data, as: UTF8.self)
    }

    @Test(arguments: ReportLanguage.allCases)
    func nothingOfAReportIsCutOnPaper(_ language: ReportLanguage) throws {
        let papers = [
            TablePDF(Self.report, language: language), TablePDF(Self.effectiveness, language: language),
            TablePDF(Self.ageing, language: language),
        ]
        for paper in papers {
            let text = try words { try paper.write(to: $0) }
            #expect(!text.contains("…") && !text.contains("..."))
            #expect(text.contains("2026-01-31T0"))
            let isArabic = text.unicodeScalars.contains { (0x0600...0x06FF).contains($0.value) }
            #expect(isArabic == (language != .english))
        }
        guard language == .english else { return }
        let text = try words { try papers[1].write(to: $0) }
        for heading in ["effectiveness", "availability", "unscheduled", "first", "GQ", "2026-01-31T09:00:00Z"] {
            #expect(text.contains(heading), "\(heading)")
        }
    }

    @Test func aCertificateOfDestructionNamesEachPieceAndBothPeopleArabicFirst() throws {
        let paper = DestructionCertificate(
            number: "D-2026-7", blanks: (1...70).map { BlankID("pc-1:\($0)") },
            consumables: [ConsumableID("ribbon:R1"), ConsumableID("film:F1")], method: "shredded", place: "room 4",
            people: try TwoPeople("Ann", "Bob"))
        let kept = CertificateQuery.Certificate(paper: paper, at: Sample.time(0), open: [])
        let text = try words { try DestructionPDF(kept).write(to: $0) }
        for piece in 1...70 { #expect(text.contains("pc-1:\(piece)"), "\(piece)") }
        for word in ["ribbon:R1", "film:F1", "Ann", "Bob", "D-2026-7", "72", "shredded", "room 4", "2026-01-31"] {
            #expect(text.contains(word), "\(word)")
        }
        #expect(!text.contains("…"))
        let arabic = try #require(text.unicodeScalars.firstIndex { (0x0600...0x06FF).contains($0.value) })
        let english = try #require(text.range(of: "Certificate")).lowerBound
        #expect(arabic < english)
    }

    @Test func everyWordOnPaperIsThereInSoraniAsInArabic() {
        #expect(Set(ReportLanguage.soraniWords.keys) == Set(ReportLanguage.arabicWords.keys))
        // letters that Arabic does not have, somewhere in the list
        #expect(ReportLanguage.soraniWords.values.joined().contains("ێ"))
    }

    @Test func everyWordThatAReportAsksForIsInTheList() throws {
        let root =
            "/" + #filePath.split(separator: "/").dropLast(4).joined(separator: "/") + "/Sources/Production/Reporting"
        var asked: Set<String> = []
        for file in try FileManager.default.contentsOfDirectory(atPath: root) where file.hasSuffix(".swift") {
            let text = try String(contentsOfFile: root + "/" + file, encoding: .utf8)
            asked.formUnion(text.matches(of: /(?:language|self)\("([^"\\]+)"\)/).map { String($0.1) })
        }
        #expect(asked.count > 20)
        let unknown = asked.subtracting(ReportLanguage.arabicWords.keys).sorted()
        #expect(unknown.isEmpty, "\(unknown)")
    }

    @Test func aShiftReportOfASoraniReaderIsInSoraniAndEnglish() throws {
        let text = try words { try ShiftReportPDF(Sample.shift(), language: .sorani, offsetMinutes: 180).write(to: $0) }
        #expect(text.contains("carried in") && text.contains("l1/2026-01-31/early"))
        #expect(text.unicodeScalars.contains("ێ") && !text.contains("…"))
    }

    @Test func aShiftReportHasEveryFigureAndNamesWhatIsMissingAndHandedOn() throws {
        let report = Sample.shift()
        let text = try words { try ShiftReportPDF(report, offsetMinutes: 180).write(to: $0) }
        for word in [
            "l1/2026-01-31/early", "Ann", "Bob", "pc-1:17", "ribbon:R9", "pc-1:23", "Eve", "drawer 2", "belt tore",
            "1201",
            "302", "1103", "104", "270",
        ] { #expect(text.contains(word), "\(word)") }
        #expect(!text.contains("…"))
    }

    @Test func aFolderThatIsNotThereIsSaid() {
        #expect(throws: SakkError.self) { try TablePDF(Self.report).write(to: "/nonexistent/report.pdf") }
    }
}
