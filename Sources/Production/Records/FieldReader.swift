import Ground

/// Takes the members of one JSON object apart, noting every problem instead of stopping at the first.
/// What is missing or wrong comes back as a harmless stand-in: a record with problems is never used.
final class FieldReader {
    /// Problems of the record, shared by the readers of its inner objects.
    final class Findings {
        let recordName: String
        var problems: [RecordProblem] = []
        init(recordName: String) { self.recordName = recordName }

        func add(_ code: SakkError.Code, _ field: String, _ reason: String) {
            problems.append(RecordProblem(recordName: recordName, field: field, code: code, reason: reason))
        }
    }

    let findings: Findings
    private let path: String
    private let members: [String: JSONValue]
    private var taken: Set<String> = []

    init(_ members: [String: JSONValue], path: String = "", findings: Findings) {
        self.members = members
        self.path = path
        self.findings = findings
    }

    func field(_ name: String) -> String { path.isEmpty ? name : "\(path).\(name)" }

    func object(_ name: String) -> FieldReader {
        var inner: [String: JSONValue] = [:]
        if let value = value(name) {
            if let object = value.object {
                inner = object
            } else {
                findings.add("record.field.type", field(name), "an object is expected")
                return FieldReader([:], path: field(name), findings: Findings(recordName: findings.recordName))
            }
        } else {
            return FieldReader([:], path: field(name), findings: Findings(recordName: findings.recordName))
        }
        return FieldReader(inner, path: field(name), findings: findings)
    }

    func has(_ name: String) -> Bool { members[name] != nil }

    func string(_ name: String, length: ClosedRange<Int> = 1...64) -> String? {
        guard let value = value(name) else { return nil }
        guard let text = value.string else {
            findings.add("record.field.type", field(name), "a string is expected")
            return nil
        }
        guard length.contains(text.unicodeScalars.count) else {
            let rule = "\(length.lowerBound) to \(length.upperBound) characters are allowed"
            findings.add("record.field.length", field(name), rule)
            return nil
        }
        return text
    }

    func integer(_ name: String, in range: ClosedRange<Int64>) -> Int? {
        guard let value = value(name) else { return nil }
        guard let number = value.integer else {
            findings.add("record.field.type", field(name), "a whole number is expected")
            return nil
        }
        guard range.contains(number) else {
            findings.add("record.field.value", field(name), "\(range.lowerBound) to \(range.upperBound) is allowed")
            return nil
        }
        return Int(number)
    }

    /// A text of which every character satisfies `allows`.
    func form(
        _ name: String, length: ClosedRange<Int>, _ rule: String, _ allows: (Unicode.Scalar) -> Bool
    ) -> String? {
        guard let text = string(name, length: length) else { return nil }
        guard text.unicodeScalars.allSatisfy(allows) else {
            findings.add("record.field.form", field(name), rule)
            return nil
        }
        return text
    }

    func choice(_ name: String, _ allowed: some Sequence<String>) -> String? {
        guard let text = string(name) else { return nil }
        guard allowed.contains(text) else {
            let list = allowed.sorted().joined(separator: ", ")
            findings.add("record.field.value", field(name), "one of these is expected: \(list)")
            return nil
        }
        return text
    }

    func text(_ name: String, _ script: ScriptRule, length: ClosedRange<Int>) -> String {
        guard let text = string(name, length: length) else { return "" }
        if let objection = script.objection(to: text) {
            findings.add("record.field.script", field(name), objection)
        }
        return text
    }

    func date(_ name: String) -> CivilDate? {
        guard let text = string(name) else { return nil }
        guard let date = CivilDate(iso8601: text) else {
            findings.add("record.field.form", field(name), "a day written YYYY-MM-DD is expected")
            return nil
        }
        return date
    }

    func array(_ name: String) -> [JSONValue] {
        guard let value = value(name) else { return [] }
        guard let values = value.array else {
            findings.add("record.field.type", field(name), "an array is expected")
            return []
        }
        return values
    }

    /// The objects of an array, at most ten of them.
    func objects(_ name: String) -> [FieldReader] {
        let values = array(name)
        guard (1...10).contains(values.count) else {
            findings.add("record.field.length", field(name), "1 to 10 entries are allowed")
            return []
        }
        return values.enumerated().compactMap { index, value in
            let place = "\(field(name)).\(index)"
            guard let object = value.object else {
                findings.add("record.field.type", place, "an object is expected")
                return nil
            }
            return FieldReader(object, path: place, findings: findings)
        }
    }

    /// Every member that nobody asked for is a problem.
    func refuseOthers() {
        for name in members.keys.sorted() where !taken.contains(name) {
            let plain = name.utf8.count <= 32 && name.utf8.allSatisfy { ($0 >= 0x61 && $0 <= 0x7A) || $0 == 0x5F }
            findings.add("record.field.unknown", field(plain ? name : "?"), "the schema has no such member")
        }
    }

    private func value(_ name: String) -> JSONValue? {
        taken.insert(name)
        guard let value = members[name] else {
            findings.add("record.field.missing", field(name), "the member is missing")
            return nil
        }
        return value
    }
}
