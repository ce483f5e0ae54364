public import Ground
import OpenSSLCrypto

/// Card production life cycle data (GET DATA 9F7F): 42 bytes, fields in this order (Visa GP 2.1.1 card implementation
/// requirements; GPCS 2.3.1 H names the tag).
public struct CPLC: Sendable, Equatable {
    public let icFabricator: Bytes
    public let icType: Bytes
    public let operatingSystem: Bytes
    public let operatingSystemDate: Bytes
    public let operatingSystemLevel: Bytes
    public let fabricationDate: Bytes
    public let serial: Bytes
    public let batch: Bytes
    public let moduleFabricator: Bytes
    public let modulePackagingDate: Bytes
    public let iccManufacturer: Bytes
    public let icEmbeddingDate: Bytes
    public let prePersonalizer: Bytes
    public let prePersonalizationDate: Bytes
    public let prePersonalizationEquipment: Bytes
    public let personalizer: Bytes
    public let personalizationDate: Bytes
    public let personalizationEquipment: Bytes

    /// The answer to GET DATA 9F7F, with its tag and length or bare; nil when it is not 42 bytes.
    public init?(response: Bytes) {
        let value = response.starts(with: [0x9F, 0x7F, 0x2A]) ? Bytes(response.dropFirst(3)) : response
        guard value.count == 42 else { return nil }
        var index = 0
        func field(_ count: Int) -> Bytes {
            defer { index += count }
            return Bytes(value[index..<index + count])
        }
        icFabricator = field(2)
        icType = field(2)
        operatingSystem = field(2)
        operatingSystemDate = field(2)
        operatingSystemLevel = field(2)
        fabricationDate = field(2)
        serial = field(4)
        batch = field(2)
        moduleFabricator = field(2)
        modulePackagingDate = field(2)
        iccManufacturer = field(2)
        icEmbeddingDate = field(2)
        prePersonalizer = field(2)
        prePersonalizationDate = field(2)
        prePersonalizationEquipment = field(4)
        personalizer = field(2)
        personalizationDate = field(2)
        personalizationEquipment = field(4)
    }

    /// SHA-256, in hexadecimal, over icFabricator2 ‖ icType2 ‖ fabricationDate2 ‖ serial4 ‖ batch2 as they stand; nil
    /// when these are all 00 or all FF, which names no chip.
    public var identity: ChipIdentity? {
        let fields = icFabricator + icType + fabricationDate + serial + batch
        guard !fields.allSatisfy({ $0 == 0x00 }), !fields.allSatisfy({ $0 == 0xFF }) else { return nil }
        return ChipIdentity(Digest.sha256(fields).hex)
    }

    /// A date field YDDD in decimal digits (last digit of the year, day of the year), as the latest such day that is not
    /// after `latest`; nil for 0000 and for digits that are no day.
    public static func date(_ field: Bytes, notAfter latest: CivilDate) -> CivilDate? {
        let digits = field.flatMap { [Int($0 >> 4), Int($0 & 15)] }
        guard digits.count == 4, digits.allSatisfy({ $0 < 10 }) else { return nil }
        let day = digits[1] * 100 + digits[2] * 10 + digits[3]
        guard (1...366).contains(day) else { return nil }
        for year in stride(from: latest.year, to: latest.year - 20, by: -1) where year % 10 == digits[0] {
            guard let newYear = CivilDate(year: year, month: 1, day: 1) else { return nil }
            let date = CivilDate(daysSince1970: newYear.daysSince1970 + day - 1)
            if date.year == year, date <= latest { return date }
        }
        return nil
    }
}
