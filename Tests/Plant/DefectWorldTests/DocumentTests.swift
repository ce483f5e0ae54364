import Ground
import Testing

@testable import DefectWorld

@Suite struct DocumentTests {
    /// Check digits of the specimen of ICAO Doc 9303-4, appendix B.
    @Test(arguments: [("L898902C3", "6"), ("740812", "2"), ("120415", "9"), ("ZE184226B<<<<<", "1")])
    func theZonesCheckDigitsAreThoseOfTheStandard(_ field: String, _ digit: String) {
        #expect(Zone.check(field) == digit)
    }

    @Test func aZoneHasTheLinesOfItsFormat() {
        var dice = Dice(5)
        #expect(Person(&dice, isPassport: false).zone.map(\.count) == [30, 30, 30])
        #expect(Person(&dice, isPassport: true).zone.map(\.count) == [44, 44])
    }

    @Test func aSlipChangesOneCharacterAndNoOther() throws {
        var dice = Dice(8)
        for number in 0..<200 {
            let person = Person(&dice, isPassport: false)
            for (name, value) in person.values.sorted(by: { $0.key < $1.key }) {
                for slip in LookAlikes.Slip.allCases {
                    guard let changed = LookAlikes.change(value.text, value.script, slip, &dice) else { continue }
                    let (before, after) = (Array(value.text), Array(changed.text))
                    #expect(before.count == after.count, "\(number) \(name)")
                    #expect(before.indices.filter { before[$0] != after[$0] } == [changed.at])
                }
            }
        }
    }

    @Test func oneLettersChangeTouchesItsFieldAlone() throws {
        let maker = try CellMaker(DefectPlan(space: .development, seed: 11, good: 1, identity: 0, each: 0), cell: 0)
        let layout = maker.layout
        let place = try #require(layout.places(.front).first { $0.kind == .text })
        var content = maker.people[0].content
        let before = try #require(maker.people[0].personal(.front))
        content.texts[place.name] = (content.texts[place.name] ?? "") + "1"
        let after = try #require(SidePainter(layout: layout, side: .front).personal(content))
        var outside = 0
        var inside = 0
        for y in 0..<layout.dotsHigh {
            for x in 0..<layout.dotsWide {
                let index = y * layout.dotsWide + x
                let isChanged =
                    before.resin[index] != after.resin[index]
                    || before.colour.rgb[index * 3 + 1] != after.colour.rgb[index * 3 + 1]
                guard isChanged else { continue }
                let (mx, my) = (Double(x) / layout.dotsPerMM, Double(y) / layout.dotsPerMM)
                let box = place.box.inset(-0.5)
                let isIn = mx >= box.x && mx <= box.x + box.width && my >= box.y && my <= box.y + box.height
                if isIn { inside += 1 } else { outside += 1 }
            }
        }
        #expect(inside > 0)
        #expect(outside == 0)
    }

    @Test func designsOfDifferentSeedsDiffer() {
        let makers = (0..<3).map {
            LayoutMaker.make(SeedSpace.development.dice(UInt64($0), "layout"), isPassport: false)
        }
        #expect(Set(makers.map { $0.places.map { "\($0.name) \($0.box)" } }).count == 3)
        for layout in makers {
            #expect(layout.places.contains { $0.kind == .mrz && $0.side == .back })
            #expect(layout.places.contains { $0.kind == .portrait && $0.side == .front })
            #expect(layout.places.contains { $0.kind.symbol != nil })
        }
    }
}
