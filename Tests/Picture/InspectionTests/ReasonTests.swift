import Foundation
import Ground
import Inspection
import Testing

@Suite struct ReasonTests {
    @Test func `every reason has one code and a label in three languages`() {
        #expect(Set(InspectionReason.allCases.map(\.code)).count == InspectionReason.allCases.count)
        for reason in InspectionReason.allCases {
            #expect(!reason.label.english.isEmpty && reason.label.english.allSatisfy(\.isASCII))
            for text in [reason.label.arabic, reason.label.sorani] {
                #expect(text.unicodeScalars.contains { (0x600...0x6FF).contains($0.value) })
            }
            #expect(reason.label.arabic != reason.label.sorani)
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
