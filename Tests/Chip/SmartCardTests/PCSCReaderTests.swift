import Ground
import SmartCard
import Testing

@Suite struct PCSCReaderTests {
    @Test func `a reader that is not there is an error that says what to do`() async {
        let reader = PCSCReader(name: "No Such Reader 00 00")
        do {
            try await reader.connect()
            Issue.record("a reader of this name is connected")
        } catch {
            // with pcscd running the reader is missing, without it the service is
            #expect(["reader.missing", "reader.service.missing"].contains(error.code))
            #expect(error.outcome == .notDone)
            #expect(!error.remedy.isEmpty)
        }
    }

    @Test func `a reader is not used before it is connected`() async {
        let reader = PCSCReader(name: "No Such Reader 00 00")
        await #expect(throws: SakkError.self) { _ = try await reader.waitForCard(timeoutMS: 0) }
    }
}
