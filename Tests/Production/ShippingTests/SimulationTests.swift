import Foundation
import Ground
import Shipping
import Stations
import Testing

/// Days at the packing tables with careless people, judged by where the documents lie.
@Suite struct SimulationTests {
    /// `SAKK_SHIPPING_DAYS=700` simulates more than a million documents; docs/results.md has the result.
    static let days = 1...(ProcessInfo.processInfo.environment["SAKK_SHIPPING_DAYS"].flatMap { UInt64($0) } ?? 3)

    @Test(arguments: days)
    func carelessPackersMissortNothing(seed: UInt64) throws {
        var day = try PackingDay(seed: seed, documents: 1500)
        try day.run()
        let count = day.count()
        #expect(count.missorted == 0 && count.lost == 0, "seed \(seed): \(count)")
        #expect(count.arrived + count.setAside == 1500, "seed \(seed): \(count)")
        #expect(day.table.shipments.closing() == .accounted(1500))
        for box in day.boxes.keys {
            #expect(try day.table.shipments.closing(arrived: box) == .accounted(day.boxes[box]?.count ?? -1))
        }
        // the day was a careless one: each of these was refused at least once
        let expected: [Refusal] = [
            .otherEnvelope, .labelVoid, .documentTwice, .itemTwice, .otherOffice, .otherGovernorate, .otherRoute,
            .countDiffers, .documentStopped, .sealOther,
        ]
        #expect(expected.filter { day.refusals[$0.code] == nil } == [], "seed \(seed)")
        var replayed = Shipments(plan: day.table.shipments.plan)
        for fact in day.table.journal { try replayed.apply(fact) }
        #expect(replayed == day.table.shipments)
    }

    /// The judge is no friend of the books: a table that shows green for one kind of wrong scan is found.
    @Test(arguments: [Refusal.otherEnvelope, .otherGovernorate, .otherOffice, .otherRoute])
    func aTableThatLetsAWrongScanPassIsFound(blind: Refusal) throws {
        var day = try PackingDay(seed: 4, documents: 600, blindTo: blind)
        try day.run()
        #expect(day.count().missorted > 0)
    }
}
