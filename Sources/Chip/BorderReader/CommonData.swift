internal import Ground
internal import LDS

/// EF.COM (Doc 9303-10 clause 4.6.1): versions and the tags of the data groups that are there.
struct CommonData: Equatable {
    /// Four digits, for example `0107`.
    let ldsVersion: String
    /// Six digits, for example `040000`.
    let unicodeVersion: String
    /// Tags of list 5C in written order.
    let tags: [UInt32]

    init?(_ file: Bytes) {
        guard let outer = TLV.parse(file), outer.tag == 0x60, let objects = outer.children,
            let list = objects.first(where: { $0.tag == 0x5C })
        else { return nil }
        func digits(_ tag: UInt32) -> String {
            String(decoding: objects.first { $0.tag == tag }?.value ?? [], as: UTF8.self)
        }
        ldsVersion = digits(0x5F01)
        unicodeVersion = digits(0x5F36)
        tags = list.value.map(UInt32.init)
    }

    /// Data group numbers; nil when a tag is none that the standard names.
    var dataGroups: Set<Int>? {
        var numbers: Set<Int> = []
        for tag in tags {
            guard let number = ElementaryFile.withTag(tag)?.dataGroup else { return nil }
            numbers.insert(number)
        }
        return numbers
    }
}
