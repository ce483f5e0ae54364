import Foundation
import Ground
import LDS
import Testing

/// Vectors of Doc 9303-3 to -6 (`Vectors/icao-mrz.json`, each with its source).
@Suite struct MRZVectorTests {
    private struct Entry {
        let id: String
        let kind: String
        let inputs: [String: Any]
        let expected: [String: Any]
    }

    private func entries(_ kind: String) throws -> [Entry] {
        let url = try #require(
            Bundle.module.url(forResource: "icao-mrz", withExtension: "json", subdirectory: "Vectors"))
        let file = try #require(try JSONSerialization.jsonObject(with: Data(contentsOf: url)) as? [String: Any])
        let all = try #require(file["entries"] as? [[String: Any]])
        return try all.filter { $0["kind"] as? String == kind }.map { entry in
            Entry(
                id: try #require(entry["id"] as? String), kind: kind,
                inputs: try #require(entry["inputs"] as? [String: Any]),
                expected: try #require(entry["expected"] as? [String: Any]))
        }
    }

    @Test func everyPublishedZoneIsTakenApart() throws {
        let entries = try entries("mrz")
        #expect(entries.count == 22)
        for entry in entries {
            let lines = try #require(entry.inputs["lines"] as? [String])
            let fields = try #require(entry.expected["fields"] as? [String: String])
            let zone = try MachineReadableZone(lines: lines)
            let seen: [String: String] = [
                "type": zone.format.rawValue, "code": zone.code, "issuer": zone.issuer, "number": zone.number,
                "numberCd": String(zone.numberCheckDigit), "nationality": zone.nationality, "birth": zone.birth,
                "birthCd": String(zone.birthCheckDigit), "sex": String(zone.sex), "expiry": zone.expiry,
                "expiryCd": String(zone.expiryCheckDigit), "optional1": zone.optional1, "optional2": zone.optional2,
                "optionalCd": zone.optionalCheckDigit.map(String.init) ?? "",
                "compositeCd": String(zone.compositeCheckDigit), "mrzInformation": zone.information,
                "primary": zone.primary, "secondary": zone.secondary,
            ]
            for (name, value) in fields { #expect(seen[name] == value, "\(entry.id) \(name)") }
            let faults = entry.expected["faults"] as? [String] ?? []
            #expect(Set(zone.faults.map(\.rawValue)) == Set(faults), "\(entry.id)")
        }
    }

    @Test func everyPublishedFaultIsNamed() throws {
        let entries = try entries("mrz_reject")
        #expect(entries.count == 13)
        for entry in entries {
            let lines = try #require(entry.inputs["lines"] as? [String])
            let expected = Set(try #require(entry.expected["faults"] as? [String]))
            do throws(MachineReadableZone.Fault) {
                let zone = try MachineReadableZone(lines: lines)
                #expect(Set(zone.faults.map(\.rawValue)) == expected, "\(entry.id)")
            } catch {
                #expect([error.rawValue] == expected, "\(entry.id)")
            }
        }
    }

    @Test func checkDigitsAgree() throws {
        for entry in try entries("mrz_check_digit") {
            let data = try #require(entry.inputs["data"] as? String)
            #expect(CheckDigit.of(data).map(String.init) == entry.expected["checkDigit"] as? String, "\(entry.id)")
        }
    }

    @Test func namesThatFitAreWrittenAsPublished() throws {
        let entries = try entries("mrz_name").filter { $0.expected["truncated"] as? Bool == false }
        #expect(entries.count == 21)
        for entry in entries {
            let primary = try #require(entry.inputs["primary"] as? String)
            let secondary = try #require(entry.inputs["secondary"] as? String)
            let length = try #require(entry.inputs["length"] as? Int)
            let written = try MRZWriter.nameField(primary: primary, secondary: secondary, length: length)
            #expect(written.field == entry.expected["field"] as? String, "\(entry.id)")
            #expect(!written.truncated, "\(entry.id)")
        }
    }

    /// Doc 9303-3 offers several ways to truncate; ours is the plain cut of the secondary identifiers.
    @Test(arguments: ["name-td1-vilarchao-cut", "name-td3-secondary-cut"])
    func namesThatDoNotFitAreCutInTheSecondaryIdentifier(id: String) throws {
        let entry = try #require(try entries("mrz_name").first { $0.id == id })
        let written = try MRZWriter.nameField(
            primary: try #require(entry.inputs["primary"] as? String),
            secondary: try #require(entry.inputs["secondary"] as? String),
            length: try #require(entry.inputs["length"] as? Int))
        #expect(written.field == entry.expected["field"] as? String)
        #expect(written.truncated)
    }

    @Test func publishedTD1ZonesAreWrittenAgain() throws {
        var written = 0
        for entry in try entries("mrz") {
            let lines = try #require(entry.inputs["lines"] as? [String])
            let zone = try MachineReadableZone(lines: lines)
            guard zone.format == .td1, zone.faults.isEmpty, zone.number.utf8.allSatisfy({ $0 != UInt8(ascii: "<") })
            else { continue }
            let content = MRZContent(
                documentCode: zone.code, issuer: zone.issuer, documentNumber: zone.number,
                nationality: zone.nationality, dateOfBirth: try #require(date(zone.birth, century: 19)), sex: zone.sex,
                dateOfExpiry: try #require(date(zone.expiry, century: 20)), optional1: zone.optional1,
                optional2: zone.optional2, primary: zone.primary, secondary: zone.secondary)
            #expect(try MRZWriter.td1(content) == lines, "\(entry.id)")
            written += 1
        }
        #expect(written == 10)
    }

    /// The published ways to cut a long primary identifier that shorten whole components to initials are ours.
    @Test(arguments: ["name-td3-primary-initials", "name-td1-primary-initials"])
    func aPrimaryIdentifierThatIsTooLongEndsInInitials(id: String) throws {
        let entry = try #require(try entries("mrz_name").first { $0.id == id })
        let written = try MRZWriter.nameField(
            primary: try #require(entry.inputs["primary"] as? String),
            secondary: try #require(entry.inputs["secondary"] as? String),
            length: try #require(entry.inputs["length"] as? Int))
        #expect(written.field == entry.expected["field"] as? String)
        #expect(written.truncated)
    }

    /// Doc 9303-4, 4.2.3: components keep their beginnings and their order, and a letter in the last place tells of the cut.
    @Test func everyFieldThatIsCutEndsWithALetter() throws {
        var names: [(primary: String, secondary: String, length: Int)] = []
        for entry in try entries("mrz_name") where entry.expected["truncated"] as? Bool == true {
            names.append(
                (
                    try #require(entry.inputs["primary"] as? String),
                    try #require(entry.inputs["secondary"] as? String),
                    try #require(entry.inputs["length"] as? Int)
                ))
        }
        // every place of the cut, and of the primary identifier's end
        for length in 20...39 {
            names.append(("NILAVADHANANANDA", "ARNPOL PETCH CHARONGUANG SUCHART SOMBOON", length))
            names.append(("AL-SHAMMARI", "A B C D E F G H I J K L M N O P Q", length))
            names.append(("BENNELONG WOOLOOMOOLOO WARRANDYTE", "DINGO POTOROO SAM", length))
            names.append(("BENNELONG WOOLOOMOOLOO WARRANDYTE", "ALI", length - 2))
            names.append(("BENNELONG WOOLOOMOOLOO WARRANDYTE WARNAMBOOL", "", length))
        }
        for (primary, secondary, length) in names {
            let written = try MRZWriter.nameField(primary: primary, secondary: secondary, length: length)
            #expect(written.field.count == length)
            #expect(written.truncated == (written.field.last != "<"), "\(primary) \(secondary) \(length)")
            let halves = written.field.split(separator: "<<", maxSplits: 1)
            #expect(halves.count == (secondary.isEmpty ? 1 : 2))
            for (half, name) in zip(halves, [primary, secondary]) {
                let components = name.split { $0 == " " || $0 == "-" }
                let kept = half.split(separator: "<")
                #expect(kept.count <= components.count)
                for (short, whole) in zip(kept, components) { #expect(whole.hasPrefix(short), "\(written.field)") }
            }
        }
    }

    @Test func publishedTD2AndTD3ZonesAreWrittenAgain() throws {
        var written = 0
        for entry in try entries("mrz") {
            let lines = try #require(entry.inputs["lines"] as? [String])
            let zone = try MachineReadableZone(lines: lines)
            // an empty optional field may have 0 for its digit; ours has the filler
            guard zone.format != .td1, zone.faults.isEmpty, zone.optionalCheckDigit != "0" || !zone.optional1.isEmpty
            else { continue }
            let content = MRZContent(
                documentCode: trimmed(zone.code), issuer: trimmed(zone.issuer), documentNumber: trimmed(zone.number),
                nationality: trimmed(zone.nationality), dateOfBirth: try #require(date(zone.birth, century: 19)),
                sex: zone.sex, dateOfExpiry: try #require(date(zone.expiry, century: 20)), optional1: zone.optional1,
                optional2: "", primary: zone.primary, secondary: zone.secondary)
            let again = zone.format == .td2 ? try MRZWriter.td2(content) : try MRZWriter.td3(content)
            #expect(again == lines, "\(entry.id)")
            written += 1
        }
        #expect(written >= 6)
    }

    private func trimmed(_ text: String) -> String { String(text.reversed().drop { $0 == "<" }.reversed()) }

    @Test func aNumberThatIsTooLongForItsFormatIsRefused() throws {
        let day = try #require(CivilDate(iso8601: "2030-01-31"))
        let content = MRZContent(
            documentCode: "P", issuer: "UTO", documentNumber: "AB123456789", nationality: "UTO", dateOfBirth: day,
            sex: "F", dateOfExpiry: day, optional1: "", optional2: "", primary: "A", secondary: "B")
        #expect(throws: SakkError("lds.mrz.field", source: "", text: "", remedy: "")) { try MRZWriter.td3(content) }
        #expect(try MRZWriter.td2(content)[1].hasPrefix("AB1234567<UTO"))
    }

    @Test func aPrimaryIdentifierThatFillsTheLineIsRefused() {
        #expect(throws: SakkError("lds.mrz.field", source: "", text: "", remedy: "")) {
            try MRZWriter.nameField(
                primary: "ABCDEFGHIJKLMNOPQRSTUVWXYZABCD", secondary: "ZAYNAB", length: 30)
        }
    }

    private func date(_ digits: String, century: Int) -> CivilDate? {
        let numbers = Array(digits).map { Int(String($0)) ?? 0 }
        return CivilDate(
            year: century * 100 + numbers[0] * 10 + numbers[1], month: numbers[2] * 10 + numbers[3],
            day: numbers[4] * 10 + numbers[5])
    }
}
