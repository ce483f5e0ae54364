public import Ground

/// Additional details of the document for EF.DG12 (9303-10, 4.7.12). Left out where nil or empty.
public struct DocumentDetails: Sendable {
    public var issuingAuthority: String?
    public var dateOfIssue: CivilDate?
    public var otherPersons: [String] = []
    public var endorsements: String?
    public var exitRequirements: String?
    public var frontImage: Bytes?
    public var rearImage: Bytes?
    public var personalisedAt: WallTime?
    public var personalisationSystem: String?

    public init() {}
}

/// EF.DG12 (9303-10, 4.7.12): tag list, then the objects in its order.
public struct DataGroup12: Sendable {
    public let details: DocumentDetails

    public init(details: DocumentDetails) { self.details = details }

    public var encoded: Bytes {
        var objects: [TLV] = []
        func text(_ tag: UInt32, _ value: String?) {
            if let value { objects.append(TLV(tag, Bytes(value.utf8))) }
        }
        text(0x5F19, details.issuingAuthority)
        text(0x5F26, details.dateOfIssue?.basicDigits)
        if !details.otherPersons.isEmpty {
            let names = details.otherPersons.map { TLV(0x5F1A, Bytes($0.utf8)) }
            objects.append(TLV(0xA0, [TLV(0x02, [UInt8(names.count)])] + names))
        }
        text(0x5F1B, details.endorsements)
        text(0x5F1C, details.exitRequirements)
        if let image = details.frontImage { objects.append(TLV(0x5F1D, image)) }
        if let image = details.rearImage { objects.append(TLV(0x5F1E, image)) }
        text(0x5F55, details.personalisedAt.map { String($0.iso8601.filter(\.isNumber)) })
        text(0x5F56, details.personalisationSystem)
        return TLV(0x6C, [DetailList.tags(of: objects)] + objects).encoded
    }
}

/// A person to notify, for EF.DG16.
public struct PersonToNotify: Sendable {
    public let recorded: CivilDate
    /// Primary and secondary identifiers as in DG11, `<<` between them.
    public let name: String
    public let telephone: String
    public let address: [String]

    public init(recorded: CivilDate, name: String, telephone: String, address: [String]) {
        self.recorded = recorded
        self.name = name
        self.telephone = telephone
        self.address = address
    }
}

/// EF.DG16 (9303-10, 4.7.16): persons to notify, templates A1, A2 and so on; at most fifteen.
public struct DataGroup16: Sendable {
    public let persons: [PersonToNotify]

    public init(persons: [PersonToNotify]) { self.persons = Array(persons.prefix(15)) }

    public var encoded: Bytes {
        let templates = persons.enumerated().map { index, person in
            TLV(
                0xA1 + UInt32(index),
                [
                    TLV(0x5F50, Bytes(person.recorded.basicDigits.utf8)), TLV(0x5F51, Bytes(person.name.utf8)),
                    TLV(0x5F52, Bytes(person.telephone.utf8)),
                    TLV(0x5F53, Bytes(person.address.joined(separator: "<").utf8)),
                ])
        }
        return TLV(0x70, [TLV(0x02, [UInt8(persons.count)])] + templates).encoded
    }
}

/// EF.DG5 and EF.DG7 (9303-10, 4.7.5, 4.7.7): displayed portrait (5F40) and signature or usual mark (5F43), as images.
public struct DisplayedImageGroup: Sendable {
    public enum Kind: Sendable { case portrait, signature }
    public let kind: Kind
    public let images: [Bytes]

    public init(kind: Kind, images: [Bytes]) {
        self.kind = kind
        self.images = images
    }

    public var encoded: Bytes {
        let image: UInt32 = kind == .portrait ? 0x5F40 : 0x5F43
        let objects = images.map { TLV(image, $0) }
        return TLV(kind == .portrait ? 0x65 : 0x67, [TLV(0x02, [UInt8(images.count)])] + objects).encoded
    }
}

/// A data group whose content is the issuing state's own: DG6, DG8 to DG10, DG13 (9303-10, 4.7.6, 4.7.8 to 4.7.13).
public struct FreeGroup: Sendable {
    public let number: Int
    public let content: Bytes

    /// Nil for a group that has a form of its own.
    public init?(number: Int, content: Bytes) {
        guard [6, 8, 9, 10, 13].contains(number) else { return nil }
        self.number = number
        self.content = content
    }

    public var encoded: Bytes { TLV([6: 0x66, 8: 0x68, 9: 0x69, 10: 0x6A, 13: 0x6D][number] ?? 0x6D, content).encoded }
}

/// EF.DG15 (9303-10, 4.7.15): the public key of Active Authentication, RFC 5280 SubjectPublicKeyInfo.
public struct DataGroup15: Sendable {
    public let publicKeyInfo: Bytes

    public init(publicKeyInfo: Bytes) { self.publicKeyInfo = publicKeyInfo }

    public var encoded: Bytes { TLV(0x6F, publicKeyInfo).encoded }
}

enum DetailList {
    /// 5C with the tags of the objects; a template A0 is named by the object that repeats in it.
    static func tags(of objects: [TLV]) -> TLV {
        TLV(
            0x5C,
            objects.flatMap { object -> Bytes in
                guard object.tag == 0xA0, let first = object.children?.first(where: { $0.tag != 0x02 }) else {
                    return TLV.tagBytes(object.tag)
                }
                return TLV.tagBytes(first.tag)
            })
    }
}

extension CivilDate {
    /// YYYYMMDD.
    var basicDigits: String { String(iso8601.filter { $0 != "-" }) }
}
