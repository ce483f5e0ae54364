import Ground

/// The files of a ZIP archive (PKWARE APPNOTE 4.3), stored or deflated, as CAP files are. Sizes are bounded; nothing outside
/// the given bytes is read.
struct ZipArchive {
    /// Uncompressed content by name, in the archive's order.
    let files: [(name: String, bytes: Bytes)]

    static let fileLimit = 1 << 20
    static let totalLimit = 8 << 20
    static let entryLimit = 1024

    /// Nil when the bytes are no archive, an entry does not unpack or its check sum is wrong.
    init?(_ archive: Bytes, where wanted: (String) -> Bool) {
        guard let end = ZipArchive.endRecord(archive) else { return nil }
        let count = ZipArchive.integer(archive, end + 10, 2)
        var position = ZipArchive.integer(archive, end + 16, 4)
        guard count <= ZipArchive.entryLimit else { return nil }
        var files: [(String, Bytes)] = []
        var total = 0
        for _ in 0..<count {
            guard position + 46 <= archive.count, ZipArchive.integer(archive, position, 4) == 0x0201_4B50 else {
                return nil
            }
            let nameLength = ZipArchive.integer(archive, position + 28, 2)
            let extra = ZipArchive.integer(archive, position + 30, 2) + ZipArchive.integer(archive, position + 32, 2)
            guard position + 46 + nameLength <= archive.count else { return nil }
            let name = String(decoding: archive[position + 46..<position + 46 + nameLength], as: UTF8.self)
            if wanted(name) {
                guard let bytes = ZipArchive.content(archive, entry: position) else { return nil }
                total += bytes.count
                guard total <= ZipArchive.totalLimit else { return nil }
                files.append((name, bytes))
            }
            position += 46 + nameLength + extra
        }
        self.files = files
    }

    private static func content(_ archive: Bytes, entry: Int) -> Bytes? {
        let method = integer(archive, entry + 10, 2)
        let sum = integer(archive, entry + 16, 4)
        let packed = integer(archive, entry + 20, 4)
        let size = integer(archive, entry + 24, 4)
        let local = integer(archive, entry + 42, 4)
        guard size <= fileLimit, local + 30 <= archive.count, integer(archive, local, 4) == 0x0403_4B50 else {
            return nil
        }
        let start = local + 30 + integer(archive, local + 26, 2) + integer(archive, local + 28, 2)
        guard start + packed <= archive.count else { return nil }
        let data = Bytes(archive[start..<start + packed])
        let bytes =
            switch method {
            case 0: data
            case 8: Inflate.bytes(data, limit: size)
            default: nil as Bytes?
            }
        guard let bytes, bytes.count == size, checkSum(bytes) == UInt32(sum) else { return nil }
        return bytes
    }

    /// The end record lies in the last 65 557 bytes, before a comment.
    private static func endRecord(_ archive: Bytes) -> Int? {
        guard archive.count >= 22 else { return nil }
        for position in stride(from: archive.count - 22, through: max(0, archive.count - 65_557), by: -1)
        where integer(archive, position, 4) == 0x0605_4B50 {
            return position
        }
        return nil
    }

    private static func integer(_ bytes: Bytes, _ offset: Int, _ count: Int) -> Int {
        (0..<count).reduce(0) { $0 | Int(bytes[offset + $1]) << (8 * $1) }
    }

    /// CRC-32 of ISO 3309.
    private static func checkSum(_ bytes: Bytes) -> UInt32 {
        var sum: UInt32 = 0xFFFF_FFFF
        for byte in bytes {
            sum ^= UInt32(byte)
            for _ in 0..<8 { sum = sum & 1 == 1 ? sum >> 1 ^ 0xEDB8_8320 : sum >> 1 }
        }
        return ~sum
    }
}
