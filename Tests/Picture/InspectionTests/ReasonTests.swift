import Foundation
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
}
