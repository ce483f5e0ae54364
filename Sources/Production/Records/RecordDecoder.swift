public import Ground
public import Stations

/// Reads the content of an approval (`sakk.record/1`, see `seeds/record.schema.json`) and checks every field.
public struct RecordDecoder: Sendable {
    /// Larger content is not parsed.
    public static let maxContentBytes = 400_000
    public static let schema = "sakk.record/1"
    public static let bloodGroups = ["O+", "O-", "A+", "A-", "B+", "B-", "AB+", "AB-"]

    public let rules: RecordRules

    public init(rules: RecordRules = .standard) { self.rules = rules }

    public enum Decoding: Sendable {
        case record(ApprovedRecord)
        /// All problems of the record, at least one.
        case refused([RecordProblem])
    }

    public func decode(_ content: Bytes, name: String) -> Decoding {
        let findings = FieldReader.Findings(recordName: name)
        guard content.count <= RecordDecoder.maxContentBytes else {
            findings.add("record.too_large", "", "more than \(RecordDecoder.maxContentBytes) bytes")
            return .refused(findings.problems)
        }
        let value: JSONValue
        do {
            value = try JSONValue(parsing: content)
        } catch {
            // the parser's words may quote a member name: only the place is passed on
            let encoding = String(validating: content, as: UTF8.self) == nil
            findings.add(
                encoding ? "record.encoding" : "record.syntax", "",
                encoding ? "the content is not UTF-8" : "the content is not strict JSON at byte \(error.offset)")
            return .refused(findings.problems)
        }
        guard let members = value.object else {
            findings.add("record.syntax", "", "the content is not a JSON object")
            return .refused(findings.problems)
        }
        guard value["schema"]?.string == RecordDecoder.schema else {
            findings.add("record.schema", "schema", "\(RecordDecoder.schema) is expected")
            return .refused(findings.problems)
        }
        let record = read(FieldReader(members, findings: findings))
        guard let record, findings.problems.isEmpty else { return .refused(findings.problems) }
        return .record(record)
    }

    private func read(_ reader: FieldReader) -> ApprovedRecord? {
        _ = reader.string("schema")
        let authority = reader.identifier("authority")
        let requestID = reader.identifier("request_id")
        let issueNumber = reader.integer("issue_number", in: 1...99)
        let product = reader.choice("product", rules.products.keys)
        let documentType = reader.form("document_type", length: 1...2, "capital letters are expected") {
            ("A"..."Z").contains($0)
        }
        let category = reader.form("document_category", length: 1...32, "a to z and '_' are expected") {
            ("a"..."z").contains($0) || $0 == "_"
        }
        let issuingState = reader.state("issuing_state")
        let nationality = reader.state("nationality")
        let number = number(reader, of: product)
        let issue = reader.date("date_of_issue")
        let expiry = reader.date("date_of_expiry")
        let national = reader.form("national_number", length: 12...12, "twelve digits are expected") {
            ("0"..."9").contains($0)
        }
        let family = reader.form("family_number", length: 8...20, "capital letters and digits are expected") {
            ("A"..."Z").contains($0) || ("0"..."9").contains($0)
        }
        let names = reader.scripts("names") { inner, script in inner.names(script) }
        let sex = reader.choice("sex", ["F", "M", "X"])
        let birth = reader.date("date_of_birth")
        let placeReader = reader.object("place_of_birth")
        let place = ApprovedRecord.Scripts(
            arabic: placeReader.text("arabic", .arabic, length: 1...60),
            sorani: placeReader.text("sorani", .sorani, length: 1...60),
            latin: placeReader.text("latin", .latin, length: 1...60))
        placeReader.refuseOthers()
        let blood = reader.has("blood_group") ? reader.choice("blood_group", RecordDecoder.bloodGroups) : nil
        let images = PictureCheck(rules: rules.portrait)
        let portrait = images.portrait(reader.object("portrait"))
        let signature = reader.has("signature") ? images.signature(reader.object("signature")) : nil
        let fingers = fingers(reader, of: product)
        let site = reader.identifier("enrolment_site")
        let register = reader.identifier("civil_register")
        let delivery = delivery(reader.object("delivery"))
        let priority = priority(reader.object("priority"))
        let approved = reader.string("approved_at").flatMap { text -> WallTime? in
            guard let time = WallTime(iso8601: text) else {
                let rule = "a UTC time written YYYY-MM-DDThh:mm:ssZ is expected"
                reader.findings.add("record.field.form", "approved_at", rule)
                return nil
            }
            return time
        }
        reader.refuseOthers()

        checkProduct(product, type: documentType, category: category, number: number, reader.findings)
        checkDates(birth: birth, issue: issue, expiry: expiry, approved: approved, reader.findings)
        guard let authority, let requestID, let issueNumber, let product, let documentType, let category,
            let issuingState, let nationality, let number, let issue, let expiry, let national, let family,
            let sex = sex.flatMap(ApprovedRecord.Sex.init(rawValue:)), let birth, let portrait, let site,
            let register, let delivery, let priority, let approved
        else { return nil }
        return ApprovedRecord(
            authority: authority, requestID: requestID, issueNumber: issueNumber, product: product,
            documentType: documentType, documentCategory: category, issuingState: issuingState,
            nationality: nationality, documentNumber: number, dateOfIssue: issue, dateOfExpiry: expiry,
            nationalNumber: national, familyNumber: family, names: names, sex: sex, dateOfBirth: birth,
            placeOfBirth: place, bloodGroup: blood, portrait: portrait, signature: signature, fingers: fingers,
            enrolmentSite: site,
            civilRegister: register, delivery: delivery, priority: priority, approvedAt: approved)
    }

    /// Empty for a product whose number is its booklet's: it is not known yet, and a record may not bring one.
    private func number(_ reader: FieldReader, of product: String?) -> String? {
        if let product, rules.products[product]?.booklet != nil {
            if reader.has("document_number") {
                reader.findings.add("record.field.value", "document_number", "the number is that of the booklet")
            }
            return ""
        }
        return reader.form("document_number", length: 1...9, "capital letters and digits are expected") {
            ("A"..."Z").contains($0) || ("0"..."9").contains($0)
        }
    }

    /// Fingers that a product does not write are not kept either.
    private func fingers(_ reader: FieldReader, of product: String?) -> [ApprovedRecord.Finger] {
        guard reader.has("fingers") else { return [] }
        if let product, rules.products[product]?.takesFingers == false {
            reader.findings.add("record.field.value", "fingers", "the product has no fingers")
        }
        return FingerCheck(maxBytes: rules.fingerBytes).fingers(reader.objects("fingers"), reader.findings)
    }

    private func delivery(_ reader: FieldReader) -> ApprovedRecord.Delivery? {
        let route = reader.choice("route", ApprovedRecord.DeliveryRoute.allCases.map(\.rawValue))
        let destination = reader.identifier("destination")
        reader.refuseOthers()
        guard let route = route.flatMap(ApprovedRecord.DeliveryRoute.init(rawValue:)), let destination else {
            return nil
        }
        return ApprovedRecord.Delivery(route: route, destination: destination)
    }

    private func priority(_ reader: FieldReader) -> ApprovedRecord.Priority? {
        let priorityClass = reader.choice("class", rules.priorityClasses)
        let reason = reader.has("reason") ? reader.string("reason", length: 1...120) : nil
        reader.refuseOthers()
        guard let priorityClass else { return nil }
        if priorityClass != "normal", !reader.has("reason") {
            reader.findings.add(
                "record.priority.reason", reader.field("reason"), "a class other than normal needs a reason")
        }
        return ApprovedRecord.Priority(priorityClass: priorityClass, reason: reason)
    }

    private func checkProduct(
        _ product: String?, type: String?, category: String?, number: String?, _ findings: FieldReader.Findings
    ) {
        guard let product, let rule = rules.products[product] else { return }
        if let booklet = rule.booklet, let category, category != booklet {
            findings.add("record.field.value", "document_category", "the product is made in \(booklet) booklets")
        }
        if let type, type != rule.documentType {
            findings.add("record.field.value", "document_type", "the product is made as \(rule.documentType)")
        }
        if let number, rule.booklet == nil {
            let letters = number.unicodeScalars.prefix(rule.numberLetters).allSatisfy { ("A"..."Z").contains($0) }
            let digits = number.unicodeScalars.dropFirst(rule.numberLetters).allSatisfy { ("0"..."9").contains($0) }
            let length = number.unicodeScalars.count == rule.numberLetters + rule.numberDigits
            if !(letters && digits && length) {
                findings.add(
                    "record.field.form", "document_number",
                    "\(rule.numberLetters) capital letters and \(rule.numberDigits) digits are expected")
            }
        }
    }

    private func checkDates(
        birth: CivilDate?, issue: CivilDate?, expiry: CivilDate?, approved: WallTime?, _ findings: FieldReader.Findings
    ) {
        if let birth, let issue, birth >= issue {
            findings.add("record.date.order", "date_of_birth", "the birth is not before the issue")
        }
        if let issue, let expiry, issue >= expiry {
            findings.add("record.date.order", "date_of_issue", "the issue is not before the expiry")
        }
        if let expiry, let approved, expiry <= approved.date {
            findings.add("record.date.expired", "date_of_expiry", "the expiry is not after the approval")
        }
    }
}

extension FieldReader {
    /// Letters, digits and `-_./`, as the authority numbers its things.
    fileprivate func identifier(_ name: String) -> String? {
        form(name, length: 1...64, "letters, digits and the characters - _ . / are expected") {
            ("A"..."Z").contains($0) || ("a"..."z").contains($0) || ("0"..."9").contains($0)
                || "-_./".contains(Character($0))
        }
    }

    /// Doc 9303-3 section 5: one to three letters.
    fileprivate func state(_ name: String) -> String? {
        form(name, length: 1...3, "a code of Doc 9303-3 section 5 is expected") { ("A"..."Z").contains($0) }
    }

    fileprivate func scripts<Value>(
        _ name: String, _ read: (FieldReader, ScriptRule) -> Value
    ) -> ApprovedRecord.Scripts<Value> {
        let inner = object(name)
        let scripts = ApprovedRecord.Scripts(
            arabic: read(inner.object("arabic"), .arabic), sorani: read(inner.object("sorani"), .sorani),
            latin: read(inner.object("latin"), .latin))
        inner.refuseOthers()
        return scripts
    }

    fileprivate func names(_ script: ScriptRule) -> ApprovedRecord.Names {
        let part = { (name: String) in self.text(name, script, length: 1...40) }
        let names = ApprovedRecord.Names(
            given: part("given"), father: part("father"), grandfather: part("grandfather"), surname: part("surname"),
            motherGiven: part("mother_given"), motherFather: part("mother_father"))
        refuseOthers()
        return names
    }
}
