import BorderReader
import Glibc
import Ground
import Stations
import Testing
import Workers

@testable import Personalisation

/// What a line hears when its border process does not do what it should: a document is never passed by it.
struct BorderProcessFateTests {
    private static let access = MRZAccess(documentNumber: "L898902C3", dateOfBirth: "740812", dateOfExpiry: "330415")

    /// A worker in a shell's words; the three values of the zone are 23 bytes, with their length 27.
    private func process(_ script: String, limitMS: Int = 20_000) -> BorderProcess {
        BorderProcess(
            worker: WorkerProcess(name: "border check", program: "/bin/sh", arguments: ["-c", script]), limitMS: limitMS
        )
    }

    private func framed(_ answer: Bytes) -> String {
        let octal = (BigEndian.bytes(UInt32(answer.count)) + answer).map { "\\0" + String($0, radix: 8) }
        return "printf '%b' '\(octal.joined())' >&3"
    }

    @Test(arguments: ["kill -SEGV $$", "kill -9 $$", "exit 1", "exit 0"])
    func `a document whose border check dies is not passed`(_ death: String) async throws {
        let border = process("head -c 27 <&3 >/dev/null; \(death)")
        let report = try await border.answer(for: Self.access)
        #expect(!report.passed && report.checks.map(\.name) == ["border"])
        #expect(report.mrz.isEmpty && report.sodHash.isEmpty && report.fileHashes.isEmpty)
        #expect(report.checks[0].detail.contains("ended without an answer"))
    }

    @Test func `a document whose border check hangs is not passed, and it is not asked again`() async throws {
        let report = try await process("exec sleep 1000", limitMS: 100).answer(for: Self.access)
        #expect(!report.passed && report.checks.map(\.name) == ["border"])
        #expect(report.checks[0].detail.contains("for 100 ms"))
    }

    @Test(
        arguments: [
            Bytes("passed".utf8), [], BigEndian.bytes(UInt32(2)) + Bytes("{}".utf8),
            BigEndian.bytes(UInt32(0xFFFF_FFFF)), BorderAnswer.ready, BorderAnswer.ready + [0],
        ])
    func `nonsense in the place of an answer passes nothing`(_ nonsense: Bytes) async throws {
        let border = process("head -c 27 <&3 >/dev/null; \(framed(nonsense)); exec cat <&3 >/dev/null")
        let report = try await border.answer(for: Self.access)
        #expect(!report.passed && report.checks.map(\.name) == ["border"])
        await border.stop()
    }

    @Test func `one that died once is asked once more, and what it says then counts`() async throws {
        let folder = "/tmp/sakk-border-\(Int.random(in: 0..<Int.max))"
        defer { _ = try? #require(rmdir(folder) == 0) }
        let answer = BorderAnswer.encoded(
            SakkError("chip.silent", source: "reader", outcome: .unknown, text: "silent", remedy: "look"))
        let border = process(
            "head -c 27 <&3 >/dev/null; mkdir \(folder) && kill -9 $$; \(framed(answer)); exec cat <&3 >/dev/null")
        await #expect(throws: SakkError("chip.silent", source: "", text: "", remedy: "")) {
            try await border.answer(for: Self.access)
        }
        await border.stop()
    }

    @Test func `reader and trust stop the line before the first card`() async throws {
        let error = SakkError(
            "border.trust.folder", source: "trust", native: .init(kind: "errno", value: "2"), text: "no folder",
            remedy: "give one")
        let border = process(
            "head -c 4 <&3 >/dev/null; \(framed(BorderAnswer.encoded(error))); exec cat <&3 >/dev/null")
        do {
            try await border.begin()
            Issue.record("it began")
        } catch {
            #expect(error.code == "border.trust.folder" && error.text == "no folder" && error.native?.value == "2")
        }
        await border.stop()
        await #expect(throws: SakkError("worker.missing", source: "", text: "", remedy: "")) {
            try await BorderProcess(program: "/nonexistent/sakk-border", reader: "R", trust: []).begin()
        }
        await #expect(throws: SakkError("worker.answer", source: "", text: "", remedy: "")) {
            try await process("exec cat <&3 >&3").begin()
        }
    }
}
