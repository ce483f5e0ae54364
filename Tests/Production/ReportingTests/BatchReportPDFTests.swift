import Foundation
import Ground
import Ledger
import Reporting
import Testing

/// The PDF judged by poppler's programs.
@Suite struct BatchReportPDFTests {
    private struct Failed: Error { let program: String }

    private func run(_ program: String, _ arguments: [String]) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/\(program)")
        process.arguments = arguments
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Failed(program: program) }
        return String(decoding: data, as: UTF8.self)
    }

    private func temporary(_ name: String) -> String {
        FileManager.default.temporaryDirectory.appending(path: "report-\(UUID().uuidString)-\(name)").path
    }

    /// Words of the PDF, its page count and page size.
    private func write(
        _ report: BatchReport, pictures: @escaping (AttemptReport) -> [String] = { _ in [] }
    ) throws -> (text: String, pages: Int, size: String, images: Int) {
        let path = temporary("report.pdf")
        defer { try? FileManager.default.removeItem(atPath: path) }
        try BatchReportPDF(report, pictures: pictures).write(to: path)
        let information = try run("pdfinfo", [path]).split(separator: "\n")
        func value(_ name: String) -> String {
            let line = information.first { $0.hasPrefix(name + ":") } ?? ""
            return line.dropFirst(name.count + 1).trimmingCharacters(in: .whitespaces)
        }
        let images = try run("pdfimages", ["-list", path]).split(separator: "\n").dropFirst(2).count
        return (
            try run("pdftotext", ["-layout", path, "-"]), Int(value("Pages")) ?? 0, value("Page size"), images
        )
    }

    @Test func itTellsTheBatchItsTotalsAndEachRecordOnOneA4Page() throws {
        let pdf = try write(Sample.report)
        #expect(pdf.pages == 1)
        #expect(pdf.size.contains("A4"))
        for words in [
            "Batch report", "B-7", "utopia-id", "UTO-AUTH", "started 2026-01-31T08:05:00Z", "blanks spoiled",
            "Blanks used 4: good 2, spoiled 2", "REQ-1", "REQ-22", "REQ-3", "priority elderly",
            "attempt 1: spoiled, inspection.front.panel, chip death confirmed, reject tray, card 1",
            "attempt 2: produced, good tray, card 2", "blank pc-1:3: chip.mute, reject tray, card 2", "page 1",
        ] {
            #expect(pdf.text.contains(words), "\(words)")
        }
    }

    @Test func aReaderOfAnotherLanguageReadsNoCode() throws {
        let path = temporary("words.pdf")
        defer { try? FileManager.default.removeItem(atPath: path) }
        let words = BatchWords(.arabic) { key in key.hasPrefix("reason.") ? "XWHY" : "XSTATE" }
        try BatchReportPDF(Sample.report, words: words) { _ in [] }.write(to: path)
        let text = try run("pdftotext", ["-layout", path, "-"])
        for code in [
            "spoiled", "produced", "inspection.front", "chip.mute", "elderly", "confirmed", "tray", "record.name",
        ] {
            #expect(!text.contains(code), "\(code)")
        }
        #expect(text.contains("XWHY") && text.contains("XSTATE"))
    }

    @Test func aHeldRecordSaysWhy() throws {
        #expect(try write(Sample.report).text.contains("record.name"))
    }

    @Test func aLongBatchGoesOnOnTheNextPagesAndLosesNoRecord() throws {
        let pdf = try write(Sample.long(60))
        #expect(pdf.pages > 2)
        for number in 1...60 { #expect(pdf.text.contains("REQ-\(number) "), "REQ-\(number)") }
        for page in 1...pdf.pages { #expect(pdf.text.contains("page \(page)"), "page \(page)") }
    }

    @Test func aPictureIsDrawnOnlyWhereTheCallerNamesOne() throws {
        let path = temporary("dot.png")
        defer { try? FileManager.default.removeItem(atPath: path) }
        // one grey pixel
        let png = try #require(
            Data(
                base64Encoded:
                    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg=="))
        try png.write(to: URL(fileURLWithPath: path))
        #expect(try write(Sample.report).images == 0)
        let pdf = try write(Sample.report) { $0.state == .spoiled ? [path, path] : [] }
        #expect(pdf.images == 2)
        let missing = try write(Sample.report) { _ in ["/nowhere/picture.png"] }
        #expect(missing.images == 0)
        #expect(missing.text.contains("REQ-3"))
    }

    @Test func aFolderThatIsNotThereIsAnErrorAndNoCrash() {
        let error = #expect(throws: SakkError.self) {
            try BatchReportPDF(Sample.report, pictures: { _ in [] }).write(to: "/nowhere/report.pdf")
        }
        #expect(error?.code == "report.unwritable")
        #expect(error?.outcome == .notDone)
    }
}
