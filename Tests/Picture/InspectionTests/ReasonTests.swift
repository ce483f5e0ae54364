import Catalog
import Foundation
import Ground
import Inspection
import Testing

@Suite struct ReasonTests {
    @Test func `the published list has every code that the inspector can say, and no other, in three languages`() throws
    {
        let list = try ReasonList(path: "\(Cards.root)/profiles/reasons.yaml")
        let (faults, doubts) = (InspectionReason.allCases.map(\.code), InspectionDoubt.allCases.map(\.code))
        #expect(Set(list.reasons.keys) == Set(faults + doubts))
        #expect(list.reasons.count == faults.count + doubts.count)
        for code in faults { #expect(list[code]?.severity != .doubt) }
        for code in doubts { #expect(list[code]?.severity == .doubt) }
        for reason in list.reasons.values {
            #expect(!reason.english.isEmpty && reason.english.allSatisfy(\.isASCII))
            for text in [reason.arabic, reason.sorani] {
                #expect(text.unicodeScalars.contains { (0x600...0x6FF).contains($0.value) })
            }
            #expect(reason.arabic != reason.sorani)
        }
        for languages in [\ReasonList.Reason.english, \.arabic, \.sorani] {
            #expect(Set(list.reasons.values.map { $0[keyPath: languages] }).count == list.reasons.count)
        }
    }

    @Test func `the delivered limits are the standard plan`() throws {
        let file = try String(contentsOfFile: "\(Cards.root)/profiles/iq-national-id/inspection.yaml", encoding: .utf8)
        var limits: [String: Int64] = [:]
        for line in file.split(separator: "\n") where line.hasPrefix("  ") {
            let parts = line.split(separator: ":").map { $0.trimmingCharacters(in: .whitespaces) }
            limits[parts[0]] = Int64(parts[1])
        }
        #expect(limits == InspectionPlan.standard.thousandths)
        #expect(try InspectionPlan(thousandths: limits) == .standard)
        #expect(try InspectionPlan(thousandths: ["offset_mm": 250]).offsetMM == 0.25)
    }

    @Test(arguments: ["offset": 600, "offset_mm": 0, "text": -1] as [String: Int64])
    func `a limit that does not exist or limits nothing is refused`(name: String, value: Int64) {
        #expect(throws: SakkError("inspection.plan", source: "", text: "", remedy: "")) {
            try InspectionPlan(thousandths: [name: value])
        }
    }
}
