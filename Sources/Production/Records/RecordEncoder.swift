public import Ground
public import Stations

/// Writes a record as the content of an approval: canonical JSON of `sakk.record/1`. For seeds and tests; what an
/// authority signed is kept verbatim and never written again.
public enum RecordEncoder {
    public static func encode(_ record: ApprovedRecord) -> Bytes { json(record).canonical }

    public static func json(_ record: ApprovedRecord) -> JSONValue {
        var members: [String: JSONValue] = [
            "schema": .string(RecordDecoder.schema),
            "authority": .string(record.authority),
            "request_id": .string(record.requestID),
            "issue_number": .integer(Int64(record.issueNumber)),
            "product": .string(record.product),
            "document_type": .string(record.documentType),
            "document_category": .string(record.documentCategory),
            "issuing_state": .string(record.issuingState),
            "nationality": .string(record.nationality),
            "date_of_issue": .string(record.dateOfIssue.iso8601),
            "date_of_expiry": .string(record.dateOfExpiry.iso8601),
            "national_number": .string(record.nationalNumber),
            "family_number": .string(record.familyNumber),
            "names": [
                "arabic": names(record.names.arabic), "sorani": names(record.names.sorani),
                "latin": names(record.names.latin),
            ],
            "sex": .string(record.sex.rawValue),
            "date_of_birth": .string(record.dateOfBirth.iso8601),
            "place_of_birth": [
                "arabic": .string(record.placeOfBirth.arabic), "sorani": .string(record.placeOfBirth.sorani),
                "latin": .string(record.placeOfBirth.latin),
            ],
            "portrait": image(record.portrait),
            "enrolment_site": .string(record.enrolmentSite),
            "civil_register": .string(record.civilRegister),
            "delivery": [
                "route": .string(record.delivery.route.rawValue), "destination": .string(record.delivery.destination),
            ],
            "approved_at": .string(record.approvedAt.iso8601),
        ]
        var priority: [String: JSONValue] = ["class": .string(record.priority.priorityClass)]
        priority["reason"] = record.priority.reason.map { .string($0) }
        members["priority"] = .object(priority)
        // the number of a booklet is not known when the record is approved
        if !record.documentNumber.isEmpty { members["document_number"] = .string(record.documentNumber) }
        members["blood_group"] = record.bloodGroup.map { .string($0) }
        members["signature"] = record.signature.map(image)
        if !record.fingers.isEmpty {
            members["fingers"] = .array(
                record.fingers.map { finger in
                    [
                        "position": .integer(Int64(finger.position)),
                        "data": .string(Base64.encode(finger.record)),
                    ]
                })
        }
        return .object(members)
    }

    private static func names(_ names: ApprovedRecord.Names) -> JSONValue {
        [
            "given": .string(names.given), "father": .string(names.father), "grandfather": .string(names.grandfather),
            "surname": .string(names.surname), "mother_given": .string(names.motherGiven),
            "mother_father": .string(names.motherFather),
        ]
    }

    private static func image(_ image: ApprovedRecord.Image) -> JSONValue {
        ["format": .string(image.format.rawValue), "data": .string(Base64.encode(image.bytes))]
    }
}
