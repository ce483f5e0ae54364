import BorderReader
import Foundation
import Ground
import OpenSSLCrypto
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

    private static let folder = Specimen.root.appending(path: "seeds/test-pki/inspection").path

    private func inspection() throws -> (system: InspectionSystem, key: PrivateKey) {
        let key = try PrivateKey(pem: try Specimen.file("inspection/key.pem"))
        return (try InspectionSystem(folder: Self.folder, key: key), key)
    }

    /// A worker that asks `questions` before it answers, and keeps what it hears.
    private func asking(_ questions: [Bytes], into file: String, _ system: InspectionSystem?) -> BorderProcess {
        let asked = questions.map { "\(framed($0)); head -c 68 <&3 >>\(file); " }.joined()
        let error = SakkError("chip.silent", source: "reader", outcome: .unknown, text: "silent", remedy: "look")
        let end = "\(framed(BorderAnswer.encoded(error))); exec cat <&3 >/dev/null"
        let script = "head -c 27 <&3 >/dev/null; \(asked)\(end)"
        return BorderProcess(
            worker: WorkerProcess(name: "border check", program: "/bin/sh", arguments: ["-c", script]),
            inspection: system, limitMS: 20_000)
    }

    @Test func `the process has no key: the line signs one challenge of Terminal Authentication for it`()
        async throws
    {
        let (system, key) = try inspection()
        let file = "/tmp/sakk-question-\(Int.random(in: 0..<Int.max))"
        defer { unlink(file) }
        let message = Bytes((0..<74).map { UInt8($0) })
        let border = asking([TerminalQuestion.encoded(message)], into: file, system)
        await #expect(throws: SakkError("chip.silent", source: "", text: "", remedy: "")) {
            try await border.answer(for: Self.access)
        }
        await border.stop()
        let heard = Bytes(try Data(contentsOf: URL(filePath: file)))
        #expect(heard.prefix(4) == [0, 0, 0, 64])
        let own = try #require(PublicKey(info: try key.publicKeyInfo()))
        #expect(own.verifies(plain: Bytes(heard.dropFirst(4)), of: message, digest: .sha256))
    }

    @Test(arguments: [37, 141, 0]) func `a message that cannot be one of Terminal Authentication is not signed`(
        _ count: Int
    ) async throws {
        let (system, _) = try inspection()
        let file = "/tmp/sakk-question-\(Int.random(in: 0..<Int.max))"
        defer { unlink(file) }
        let question = TerminalQuestion.encoded(Bytes(repeating: 0x31, count: count))
        let border = asking([question], into: file, system)
        let report = try await border.answer(for: Self.access)
        #expect(!report.passed && report.checks.map(\.name) == ["border"])
        #expect(((try? Data(contentsOf: URL(filePath: file))) ?? Data()).isEmpty)
    }

    @Test func `a second question, and any that a line without an inspection system hears, is no answer`() async throws
    {
        let (system, _) = try inspection()
        let question = TerminalQuestion.encoded(Bytes(repeating: 0x31, count: 74))
        let cases: [([Bytes], InspectionSystem?, Int)] = [([question, question], system, 2), ([question], nil, 0)]
        for (questions, given, signatures) in cases {
            let file = "/tmp/sakk-question-\(Int.random(in: 0..<Int.max))"
            defer { unlink(file) }
            let report = try await asking(questions, into: file, given).answer(for: Self.access)
            #expect(!report.passed && report.checks.map(\.name) == ["border"])
            // asked twice, one signature each time
            let heard = ((try? Data(contentsOf: URL(filePath: file))) ?? Data()).count
            #expect(heard == signatures * 68)
        }
    }

    /// A token that was pulled out when it is to sign.
    private struct PulledKey: SigningKey {
        let inner: PrivateKey
        var kind: SigningKeyKind { inner.kind }
        func publicKeyInfo() throws(SakkError) -> Bytes { try inner.publicKeyInfo() }
        func sign(_ message: Bytes, digest: Digest) throws(SakkError) -> Bytes {
            throw SakkError("vault.token.missing", source: "token", text: "The token is gone.", remedy: "Plug it in.")
        }
    }

    @Test func `a token that does not sign stops the line with its own words, and the document is not passed`()
        async throws
    {
        let (_, key) = try inspection()
        let system = try InspectionSystem(folder: Self.folder, key: PulledKey(inner: key))
        let question = TerminalQuestion.encoded(Bytes(repeating: 0x31, count: 74))
        let script =
            "head -c 27 <&3 >/dev/null; \(framed(question)); head -c 4 <&3 >/dev/null; \(framed(BorderAnswer.ready)); "
            + "exec cat <&3 >/dev/null"
        let border = BorderProcess(
            worker: WorkerProcess(name: "border check", program: "/bin/sh", arguments: ["-c", script]),
            inspection: system, limitMS: 20_000)
        await #expect(throws: SakkError("vault.token.missing", source: "", text: "", remedy: "")) {
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
