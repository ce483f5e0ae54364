import Foundation
import Ground
import Ledger
import Reporting
import Testing

@Suite struct BatchReportTests {
    @Test func theTextNamesEachRecordAndWhereItsCardsLie() {
        #expect(
            Sample.report.text() == """
                Batch B-7  utopia-id  from UTO-AUTH
                received 2026-01-31T08:00:00Z, started 2026-01-31T08:05:00Z, ended 2026-01-31T08:10:00Z

                records 3: good 2, waiting 0, in work 0, held 1, unknown 0
                of the good: packed 0, dispatched 0, delivered 0, returned 0, lost 0
                blanks used 4: good 2, spoiled 2

                  REQ-1   produced  good tray, card 1
                  REQ-22  produced  good tray, card 2
                      blank pc-1:3: chip.mute, reject tray, card 2
                      attempt 1 spoiled: inspection.front.panel, chip death confirmed, reject tray, card 1
                  REQ-3   held    record.name

                """)
    }

    @Test func theTextIsInTheWordsOfItsReader() {
        let words = BatchWords(.arabic) { key in
            ["attempt.spoiled": "تالفة", "reason.chip.mute": "الشريحة لا تجيب", "class.elderly": "كبار السن"][key]
        }
        let text = Sample.report.text(words)
        for word in ["تالفة", "الشريحة لا تجيب", "الوجبة B-7", "السليمة: معبأة 0، مرسلة 0"] {
            #expect(text.contains(word), "\(word)")
        }
        // what the reader's list does not have stays what the books call it
        #expect(text.contains("record.name") && !text.contains("chip.mute"))
    }

    @Test func theJSONHoldsTheSameByStableNames() throws {
        let text = Sample.report.json
        #expect(text.hasPrefix(#"{"schema":"sakk.batch-report/1""#))
        let root = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
        #expect(
            Set(root.keys) == [
                "schema", "batch_id", "authority", "product", "received_at", "started_at", "ended_at", "totals",
                "blanks", "records",
            ])
        #expect(root["batch_id"] as? String == "B-7")
        #expect(root["received_at"] as? String == "2026-01-31T08:00:00Z")
        #expect(
            root["totals"] as? [String: Int]
                == [
                    "records": 3, "waiting": 0, "in_work": 0, "good": 2, "held": 1, "unknown": 0, "spoiled": 2,
                    "packed": 0, "dispatched": 0, "delivered": 0, "returned": 0, "lost": 0,
                ])
        #expect(root["blanks"] as? [String: Int] == ["good": 2, "spoiled": 2])
        let records = try #require(root["records"] as? [[String: Any]])
        #expect(records.map { $0["request_id"] as? String } == ["REQ-1", "REQ-22", "REQ-3"])
        #expect(records.map { $0["state"] as? String } == ["produced", "produced", "held"])
        #expect(records[2]["reason"] as? String == "record.name")
        #expect(records[0]["reason"] is NSNull)
        let remade = try #require(records[1]["attempts"] as? [[String: Any]])
        #expect(remade.map { $0["state"] as? String } == ["spoiled", "produced"])
        #expect(remade[0]["chip_death"] as? String == "confirmed")
        #expect(remade[0]["sod_sha256"] is NSNull)
        #expect(remade[1]["sod_sha256"] as? String == "ABCD")
        let blank = try #require(remade[1]["blank"] as? [String: Any])
        #expect(blank["blank"] as? String == "pc-1:4")
        #expect(blank["exit"] as? String == "good")
        #expect(blank["place"] as? Int == 2)
        let dead = try #require(records[1]["unbound_blanks"] as? [[String: Any]])
        #expect(dead.map { $0["blank"] as? String } == ["pc-1:3"])
    }

    /// A key that is new must be added here by somebody who asked whether it is personal.
    @Test func theJSONHasNoPlaceForPersonalData() throws {
        let root = try #require(
            try JSONSerialization.jsonObject(with: Data(Sample.report.json.utf8)) as? [String: Any])
        let record = try #require((root["records"] as? [[String: Any]])?[1])
        let attempt = try #require((record["attempts"] as? [[String: Any]])?[1])
        let blank = try #require(attempt["blank"] as? [String: Any])
        #expect(
            Set(record.keys) == [
                "production_id", "request_id", "state", "reason", "priority_class", "attempts", "unbound_blanks",
            ])
        #expect(
            Set(attempt.keys) == [
                "attempt", "number", "line", "cell", "state", "reason", "blank", "chip", "sod_sha256", "chip_death",
                "started_at", "ended_at",
            ])
        #expect(Set(blank.keys) == ["blank", "account", "chip", "exit", "place", "reason"])
    }

    @Test func aBatchThatHasNotBegunHasNoTimes() throws {
        let root = try #require(
            try JSONSerialization.jsonObject(with: Data(Sample.long(1).json.utf8)) as? [String: Any])
        #expect(root["started_at"] is NSNull)
        #expect(root["ended_at"] is NSNull)
        #expect(Sample.long(1).text().contains("received 2026-01-31T08:00:00Z\n"))
    }
}
