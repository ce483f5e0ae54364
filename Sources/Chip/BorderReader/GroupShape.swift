internal import Ground
internal import LDS

/// The outer form of a data group (Doc 9303-10 clause 4.7): its tag, and counts that must fit what follows. Groups that
/// have a reader of their own are looked at there.
enum GroupShape {
    /// Departures, as sentences for warnings.
    static func deviations(of number: Int, in file: Bytes) -> [String] {
        guard let expected = ElementaryFile.dataGroup(number) else { return [] }
        guard let outer = TLV.parse(file) else { return ["\(expected.name): bytes are missing or left over"] }
        guard outer.tag == expected.tag else { return ["\(expected.name): begins with another tag"] }
        let fits: Bool
        switch number {
        case 3, 4: fits = templates(in: outer)
        case 5: fits = count(in: outer, of: [0x5F40])
        case 7: fits = count(in: outer, of: [0x5F43])
        case 16: fits = count(in: outer, of: Set(0xA1...0xAF))
        default: fits = true
        }
        return fits ? [] : ["\(expected.name): the number of objects does not fit"]
    }

    /// 02 with the number of the objects that follow.
    private static func count(in outer: TLV, of tags: Set<UInt32>) -> Bool {
        guard let objects = outer.children, objects.first?.tag == 0x02 else { return false }
        let found = objects.dropFirst().filter { tags.contains($0.tag) }.count
        return objects[0].value == [UInt8(truncatingIfNeeded: found)]
    }

    /// 7F61 with its number of 7F60; without any, 53 hides the empty group from those who would guess its hash.
    private static func templates(in outer: TLV) -> Bool {
        guard let group = outer.first(0x7F61), let objects = group.children, objects.first?.tag == 0x02 else {
            return false
        }
        let found = objects.filter { $0.tag == 0x7F60 }.count
        return objects[0].value == [UInt8(truncatingIfNeeded: found)]
    }
}
