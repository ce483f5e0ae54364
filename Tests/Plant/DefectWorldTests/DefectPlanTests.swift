import Testing

@testable import DefectWorld

@Suite struct DefectPlanTests {
    private let plan = DefectPlan(space: .development, seed: 3, good: 130, identity: 52, each: 2)

    @Test func everyClassIsMadeAsOftenAsItWasAskedFor() {
        let items = plan.cells.flatMap(\.self)
        #expect(items.filter { $0.defect == nil }.count == 130)
        #expect(items.filter { $0.defect?.group == .identity }.count == 52)
        for defect in Defect.allCases where defect.group == .identity {
            #expect(items.filter { $0.defect == defect }.count == 4)
        }
        for defect in Defect.allCases where defect.group != .identity {
            for severity in defect.severities {
                #expect(items.filter { $0.defect == defect && $0.severity == severity }.count == 2)
            }
        }
    }

    @Test func aPassportsCellHasNothingThatNeedsABack() {
        let pages = plan.cells.indices.filter { plan.design($0).isPassport }
        #expect(!pages.isEmpty)
        for cell in pages {
            #expect(plan.cells[cell].allSatisfy { $0.defect != .side && $0.defect != .codeContent })
        }
    }

    @Test func theSameSeedGivesTheSamePlanAndTheWorldsOfSeedsDiffer() {
        let again = DefectPlan(space: .development, seed: 3, good: 130, identity: 52, each: 2)
        let other = DefectPlan(space: .test, seed: 3, good: 130, identity: 52, each: 2)
        #expect(again.cells == plan.cells)
        #expect(other.cells != plan.cells)
        var one = SeedSpace.development.dice(3, "cell 0")
        var two = SeedSpace.test.dice(3, "cell 0")
        #expect((0..<8).allSatisfy { _ in one.next() != two.next() })
    }
}
