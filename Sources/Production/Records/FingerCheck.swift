import Ground
import Pixels
import Stations

/// The fingers of a record: each a finger image record of ISO/IEC 19794-4:2005 with one finger and one view, whole and as its
/// headers say, before it may reach a chip. What is wrong is told by place and rule, never by content.
struct FingerCheck {
    /// Of all fingers together.
    let maxBytes: Int

    /// Clause 8: a pixel is a byte.
    private static let generalHeader = 32
    private static let fingerHeader = 14
    private static let side = 64...1000

    func fingers(_ readers: [FieldReader], _ findings: FieldReader.Findings) -> [ApprovedRecord.Finger] {
        var fingers: [ApprovedRecord.Finger] = []
        var left = maxBytes
        for reader in readers {
            let position = reader.integer("position", in: 1...10)
            let text = reader.string("data", length: 1...Int.max)
            reader.refuseOthers()
            guard let position, let text else { continue }
            let field = reader.field("data")
            guard text.utf8.count <= (left + 2) / 3 * 4 else {
                findings.add("record.finger.bytes", field, "more than \(maxBytes) bytes in all fingers together")
                return []
            }
            guard let record = Base64.decode(text) else {
                findings.add("record.field.form", field, "this is not base64 (RFC 4648 clause 4)")
                continue
            }
            left -= min(left, record.count)
            if let objection = Self.objection(to: record, position: position) {
                findings.add("record.finger.form", field, objection)
            }
            if let last = fingers.last, last.position >= position {
                findings.add(
                    "record.finger.order", reader.field("position"), "each finger once, in ascending order of positions"
                )
            }
            fingers.append(ApprovedRecord.Finger(position: position, record: record))
        }
        return fingers
    }

    /// Nil for a record that follows clauses 7.1 and 7.2 and whose picture is whole.
    static func objection(to record: Bytes, position: Int) -> String? {
        var reader = ByteReader(record)
        guard let magic = reader.read(8), let length = reader.unsigned(6), reader.read(4) != nil,
            let counts = reader.read(2), let resolutions = reader.read(8), let form = reader.read(4),
            let block = reader.unsigned(4), let view = reader.read(5), let width = reader.unsigned(2),
            let height = reader.unsigned(2), reader.read(1) != nil
        else { return "the headers of a finger image record are not whole" }
        guard magic == Bytes("FIR\0010\0".utf8) else { return "this is no finger image record of ISO/IEC 19794-4:2005" }
        guard length == UInt64(record.count), block == UInt64(record.count - generalHeader) else {
            return "the lengths in the headers are not those of the record"
        }
        guard counts[0] == 1, view[1] == 1, view[2] == 1 else { return "one finger and one view are expected" }
        guard counts[1] == 1 || counts[1] == 2, resolutions.contains(where: { $0 != 0 }) else {
            return "the scale is not told"
        }
        guard Int(view[0]) == position else { return "the position in the record is another one" }
        guard form[0] == 8 else { return "8 bits a pixel are expected" }
        guard side.contains(Int(width)), side.contains(Int(height)) else {
            return "\(side.lowerBound) to \(side.upperBound) pixels are allowed on each side"
        }
        return picture(Bytes(reader.remaining), compression: form[1], width: Int(width), height: Int(height))
    }

    /// Compression algorithms of table 4.
    private static func picture(_ bytes: Bytes, compression: UInt8, width: Int, height: Int) -> String? {
        let wrong = "the picture is not whole, or not as the headers say"
        let decoded: RGBImage?
        switch compression {
        case 0: return bytes.count == width * height ? nil : wrong
        // WSQ (FBI IAFIS-IC-0110): its marks of begin and end, and the size in its frame header
        case 2: return isWhole(wsq: bytes, width: width, height: height) ? nil : wrong
        case 3: decoded = try? JPEG.decode(bytes, maxPixels: width * height)
        case 4: decoded = try? JPEG2000.decode(bytes, maxPixels: width * height)
        case 5: decoded = try? PNG.decode(bytes, maxPixels: width * height)
        default: return "the picture is compressed in no way that is taken: 0, 2, 3, 4 or 5"
        }
        return decoded.map { $0.width == width && $0.height == height } == true ? nil : wrong
    }

    /// SOI FFA0, segments each with a length up to the frame header SOF FFA2 (its height and width behind black and white level),
    /// EOI FFA1 at the end.
    private static func isWhole(wsq bytes: Bytes, width: Int, height: Int) -> Bool {
        var reader = ByteReader(bytes)
        guard reader.unsigned(2) == 0xFFA0, bytes.suffix(2) == [0xFF, 0xA1] else { return false }
        while let mark = reader.unsigned(2), let length = reader.unsigned(2), length >= 2,
            let content = reader.read(Int(length) - 2)
        {
            guard mark == 0xFFA2 else {
                guard mark >> 8 == 0xFF, mark != 0xFFA1, mark != 0xFFA3 else { return false }
                continue
            }
            guard content.count >= 6 else { return false }
            return Int(content[2]) << 8 | Int(content[3]) == height && Int(content[4]) << 8 | Int(content[5]) == width
        }
        return false
    }
}
