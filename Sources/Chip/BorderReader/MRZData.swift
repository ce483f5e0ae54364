internal import Ground

/// EF.DG1 (Doc 9303-10 clause 4.7.1): the zone as lines.
struct MRZData: Equatable {
    let lines: [String]

    init?(_ file: Bytes) {
        guard let outer = TLV.parse(file), outer.tag == 0x61, let zone = outer.first(0x5F1F)?.value else { return nil }
        let width: Int
        switch zone.count {
        case 88: width = 44
        case 90: width = 30
        case 72: width = 36
        default: return nil
        }
        lines = stride(from: 0, to: zone.count, by: width).map {
            String(decoding: zone[$0..<($0 + width)], as: UTF8.self)
        }
    }
}
