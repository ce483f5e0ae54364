import Foundation
import Ground
import Printers
import Stations
import Testing

/// The driver's table of senses against the page that everybody reads.
@Suite struct XIDSenseTests {
    private struct Row {
        let sense: XIDSense
        let word: String
        let waits: Bool
    }

    /// Rows `| 2/D0 | meaning | word | wait or stop | mark |` of the firmware spec.
    private static func rows() throws -> [Row] {
        try SpecPage.rows("g-printec-xid").compactMap { cells in
            guard cells.count == 5 else { return nil }
            let pair = cells[0].split(separator: "/")
            guard pair.count == 2, let key = UInt8(pair[0]), let code = Bytes(hex: String(pair[1]))?.first else {
                return nil
            }
            return Row(sense: XIDSense(key: key, code: code), word: cells[2], waits: cells[3] == "wait")
        }
    }

    @Test func everySenseOfThePageHasItsWordAndNoOtherSenseIsListed() throws {
        let rows = try Self.rows()
        #expect(rows.count == 39)
        for row in rows {
            #expect(row.sense.isListed, "\(row.sense)")
            if !row.word.isEmpty {
                #expect(row.sense.meaning.reasons.map(\.rawValue).contains(row.word), "\(row.sense)")
            }
            #expect(row.sense.meaning.passes == (row.waits || row.sense == .good), "\(row.sense)")
        }
        let listed = Set(rows.map(\.sense))
        for key in UInt8(0)...15 {
            for code in UInt8(0)...255 where !listed.contains(XIDSense(key: key, code: code)) {
                let sense = XIDSense(key: key, code: code)
                #expect(!sense.isListed, "\(sense) is not on the page")
                #expect(!sense.meaning.passes && sense.meaning.reasons.contains(.hardwareFault))
            }
        }
    }
}
