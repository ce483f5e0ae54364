import BorderReader
import Ground
import Testing

struct BorderAnswerTests {
    private func framed(_ json: String, _ portrait: Bytes = []) -> Bytes {
        BigEndian.bytes(UInt32(json.utf8.count)) + Bytes(json.utf8) + portrait
    }

    private static let checks =
        #"[{"detail":"it \"fits\"","name":"bac","passed":true},{"detail":"","name":"aa","passed":false}]"#
    private static let whole =
        #"{"schema":"sakk.border-answer/1","checks":"# + checks
        + #","file_sha256":{"0101":"AB","011E":"CD"},"mrz":["P<UTO","L898"],"sod_sha256":"0102"}"#

    @Test func `an answer is checks, zone and hashes, and the portrait behind them`() throws {
        let portrait: Bytes = [0xFF, 0xD8, 0x00, 0xFF]
        let answer = try #require(try BorderAnswer.decoded(framed(Self.whole, portrait))?.get())
        #expect(answer.checks.map(\.name) == ["bac", "aa"] && answer.checks.map(\.passed) == [true, false])
        #expect(answer.checks[0].detail == "it \"fits\"")
        #expect(answer.mrz == ["P<UTO", "L898"] && answer.sodHash == [1, 2] && answer.portrait == portrait)
        #expect(answer.fileHashes == [0x0101: [0xAB], 0x011E: [0xCD]])
        // read and written are one form
        #expect(answer.encoded == framed(Self.whole, portrait))
        #expect("\(answer)" == "border answer: 2 checks" && String(reflecting: answer) == "border answer: 2 checks")
    }

    @Test func `an error comes over with its code and the device's own`() throws {
        let error = SakkError(
            "reader.missing", source: "reader X", native: .init(kind: "PC/SC", value: "0x80100017"), outcome: .unknown,
            text: "gone", remedy: "plug it in")
        guard case .failure(let said)? = BorderAnswer.decoded(BorderAnswer.encoded(error)) else {
            Issue.record("no error came over")
            return
        }
        #expect(said == error && said.source == "reader X" && said.native == error.native)
        #expect(said.outcome == .unknown && said.text == "gone" && said.remedy == "plug it in")
    }

    @Test(
        arguments: [
            "", "{}", #"{"schema":"sakk.border-answer/2","checks":[]}"#,
            // nothing was judged
            #"{"schema":"sakk.border-answer/1","checks":[],"file_sha256":{},"mrz":[],"sod_sha256":""}"#,
            #"{"schema":"sakk.border-answer/1","checks":[{"name":"bac","passed":1,"detail":""}],"mrz":[],"sod_sha256":""}"#,
            #"{"schema":"sakk.border-answer/1","checks":[{"name":"bac","passed":true,"detail":""}],"mrz":[7],"sod_sha256":""}"#,
            #"{"schema":"sakk.border-answer/1","checks":[{"name":"bac","passed":true,"detail":""}],"mrz":[],"sod_sha256":"0"}"#,
            #"{"schema":"sakk.border-answer/1","checks":[{"name":"bac","passed":true,"detail":""}],"mrz":[]}"#,
            #"{"schema":"sakk.border-answer/1","error":{"code":"chip.silent"}}"#,
        ])
    func `anything else is no answer`(_ json: String) {
        #expect(BorderAnswer.decoded(framed(json)) == nil)
    }

    @Test func `an answer cut short is none`() {
        let bytes = framed(Self.whole)
        for length in 0..<bytes.count { #expect(BorderAnswer.decoded(Bytes(bytes.prefix(length))) == nil) }
        #expect(BorderAnswer.decoded(BorderAnswer.ready) == nil)
    }
}
