internal import Ground

/// EF.DG11 and EF.DG12 (Doc 9303-10 clauses 4.7.11 and 4.7.12): additional details of person or document, by tag.
struct DetailGroup: Equatable {
    let values: [UInt32: [Bytes]]
    /// Whether list 5C names exactly the objects that follow.
    let listAgrees: Bool

    /// `tag` is 6B for the person, 6C for the document.
    init?(_ file: Bytes, tag: UInt32) {
        guard let outer = TLV.parse(file), outer.tag == tag, let objects = outer.children, let list = objects.first,
            list.tag == 0x5C, let declared = Self.tags(in: list.value)
        else { return nil }
        var values: [UInt32: [Bytes]] = [:]
        for object in objects.dropFirst() {
            // other names come inside A0 with a count; some documents leave the A0 out
            let fields = object.tag == 0xA0 ? (object.children ?? []).filter { $0.tag != 0x02 } : [object]
            for field in fields { values[field.tag, default: []].append(field.value) }
        }
        self.values = values
        listAgrees = Set(declared) == Set(values.keys)
    }

    /// As UTF-8 text; pictures (5F12, 5F1D, 5F1E) are left out.
    var texts: [UInt32: [String]] {
        values.filter { ![0x5F12, 0x5F1D, 0x5F1E].contains($0.key) }
            .mapValues { $0.map { String(decoding: $0, as: UTF8.self) } }
    }

    /// 5F26 as eight digits, YYYYMMDD; some documents write it as four bytes of binary-coded digits.
    var dateOfIssue: String? {
        guard let value = values[0x5F26]?.first else { return nil }
        let text = value.count == 4 ? value.hex : String(decoding: value, as: UTF8.self)
        return text.utf8.count == 8 && text.utf8.allSatisfy { (0x30...0x39).contains($0) } ? text : nil
    }

    /// The tags of a tag list, one or two bytes each.
    private static func tags(in list: Bytes) -> [UInt32]? {
        var reader = ByteReader(list)
        var tags: [UInt32] = []
        while let first = reader.byte() {
            guard first & 0x1F == 0x1F else {
                tags.append(UInt32(first))
                continue
            }
            guard let second = reader.byte(), second & 0x80 == 0 else { return nil }
            tags.append(UInt32(first) << 8 | UInt32(second))
        }
        return tags
    }
}
