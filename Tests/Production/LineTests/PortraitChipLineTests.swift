import Ground
import Ledger
import Stations
import Synchronization
import Testing

@testable import Line

/// What the second look at the chip's image says, in a line.
struct PortraitChipLineTests {
    private struct Comparing: InspectionStation {
        let inner: any InspectionStation
        let answers: Answers

        func inspect(_ request: InspectionRequest) async throws(SakkError) -> InspectionResult {
            let result = try await inner.inspect(request)
            return InspectionResult(
                verdict: result.verdict, seenMRZ: result.seenMRZ, annotated: [:], measures: [:],
                portrait: Picture(width: 1, height: 1, rgb: [1, 2, 3]))
        }

        func compare(_ request: PortraitRequest) async throws(SakkError) -> InspectionResult {
            let verdict = answers.list.withLock { $0.isEmpty ? .pass : $0.removeFirst() }
            return InspectionResult(verdict: verdict, seenMRZ: [], annotated: [:], measures: [:])
        }
    }

    private final class Answers: Sendable {
        let list: Mutex<[Verdict]>
        init(_ answers: [Verdict]) { list = Mutex(answers) }
    }

    private static let other = Verdict.reject([
        Finding(code: "portrait.chip", side: .front, place: RectMM(x: 0, y: 0, width: 1, height: 1), text: "other")
    ])

    private func run(_ answers: [Verdict]) async throws -> (factory: Factory, summary: RunSummary) {
        let factory = try await Factory(records: 2, cards: 6)
        let list = Answers(answers)
        factory.wrap = { Lies.with($0, inspection: Comparing(inner: $0.inspection, answers: list)) }
        let summary = try await factory.controller(try await factory.ledger()).run()
        return (factory, summary)
    }

    private func reasons(_ factory: Factory) throws -> [String] {
        try Judge.strings(factory.path, "SELECT reason FROM attempt WHERE reason IS NOT NULL ORDER BY attempt")
    }

    @Test func `Another person's image in the chip spoils the card, and the record is made again`() async throws {
        let (factory, summary) = try await run([Self.other])
        #expect(summary.done == 2 && summary.rejects == 1)
        #expect(try reasons(factory) == ["portrait.chip"])
        _ = try await factory.ledger().verify()
    }

    @Test func `An image that nobody could compare holds the card for an inspector`() async throws {
        let doubt = Verdict.cannotJudge("picture.unreadable")
        let (factory, summary) = try await run([doubt, doubt])
        #expect(summary.held == 1 && summary.done == 1)
        #expect(try reasons(factory) == ["picture.unreadable"])
    }

    @Test func `A worker that was lost once at the comparison says nothing against the card`() async throws {
        let (factory, summary) = try await run([.cannotJudge("inspection.failed")])
        #expect(summary.done == 2 && summary.held == 0 && summary.rejects == 0)
        #expect(try reasons(factory).isEmpty)
    }
}
