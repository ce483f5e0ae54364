import Ground
import Ledger
import Stations
import Synchronization
import Testing

@testable import Line

/// A measure that walks, in a line whose controller is started anew in the middle.
struct TrendLineTests {
    /// Each card's print lies one hundredth of a millimetre further than the one before.
    private final class Walking: InspectionStation {
        let inner: any InspectionStation
        let count: Counter

        init(_ inner: any InspectionStation, _ count: Counter) {
            self.inner = inner
            self.count = count
        }

        func inspect(_ request: InspectionRequest) async throws(SakkError) -> InspectionResult {
            let result = try await inner.inspect(request)
            let number = count.value.withLock { value -> Int64 in
                value += 1
                return value
            }
            return InspectionResult(
                verdict: result.verdict, seenMRZ: result.seenMRZ, annotated: [:],
                measures: ["front.panel_offset_mm": number * 10, "front.ink_y": 900])
        }
    }

    private final class Counter: Sendable {
        let value = Mutex<Int64>(0)
    }

    @Test func `A walk is announced once, with its part, by a controller that saw only the end of it`() async throws {
        let factory = try await Factory(records: TrendWatch.window + 2, cards: TrendWatch.window + 2)
        let count = Counter()
        factory.wrap = { Lies.with($0, inspection: Walking($0.inspection, count)) }
        factory.adjust = { $0.trends = TrendLimits(atMost: ["front.panel_offset_mm": 1000]) }
        func warnings() throws -> [String] {
            try Judge.strings(factory.path, "SELECT CAST(body AS TEXT) FROM journal WHERE kind = 'line.trend'")
        }
        _ = try await factory.controller(try await factory.ledger()).run(target: TrendWatch.window - 1)
        #expect(try warnings().isEmpty)
        #expect(try await factory.controller(try await factory.ledger()).run().state == .complete)
        let told = try warnings()
        // 400 thousandths at the 40th card, ten more with each: sixty cards to the limit of 1,000
        #expect(told.count == 1)
        #expect(told.first?.contains(#""measure":"front.panel_offset_mm""#) == true)
        #expect(told.first?.contains(#""cards":6"#) == true || told.first?.contains(#""cards":59"#) == true)
        _ = try await factory.controller(try await factory.ledger()).hear(
            .attended("feedRollers"), cell: CellID("cell-1"), by: "Eng")
        _ = try await factory.ledger().verify()
    }
}
