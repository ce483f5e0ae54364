internal import Ground

/// EF.DG11 (Doc 9303-10 clause 4.7.11): additional personal details by tag.
struct PersonalDetails: Equatable {
    let values: [UInt32: [String]]
    /// Whether list 5C names exactly the objects that follow.
    let listAgrees: Bool

    init?(_ file: Bytes) {
        guard let outer = TLV.parse(file), outer.tag == 0x6B, let objects = outer.children, let list = objects.first,
            list.tag == 0x5C, let declared = Self.tags(in: list.value)
        else { return nil }
        var values: [UInt32: [String]] = [:]
        for object in objects.dropFirst() {
            // other names come inside A0 with a count; some documents leave the A0 out
            let fields = object.tag == 0xA0 ? (object.children ?? []).filter { $0.tag != 0x02 } : [object]
            for field in fields { values[field.tag, default: []].append(String(decoding: field.value, as: UTF8.self)) }
        }
        self.values = values
        listAgrees = Set(declared) == Set(values.keys)
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
