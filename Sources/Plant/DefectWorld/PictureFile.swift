import CImage
import Foundation
import Ground

/// PNG (ISO/IEC 15948) written without compression: a capture's noise cannot be pressed, and time is what a bench has least.
/// The text chunk `Sakk-Seeds` says which world of seeds the picture is of.
struct PictureFile {
    let space: SeedSpace

    func write(_ sheet: Sheet, to path: String) throws(SakkError) {
        let bytes = encode(sheet)
        guard FileManager.default.createFile(atPath: path, contents: bytes.withUnsafeBytes { Data($0) }) else {
            throw SakkError(
                "defects.unwritable", source: path, text: "The picture cannot be written.",
                remedy: "Check the folder, its permissions and the space on the disk.")
        }
    }

    private func encode(_ sheet: Sheet) -> Bytes {
        let row = sheet.width * 3 + 1
        let raw = row * sheet.height
        let blocks = (raw + 65534) / 65535
        var file = Bytes()
        file.reserveCapacity(raw + blocks * 5 + 200)
        file += [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
        chunk("IHDR", Self.word(sheet.width) + Self.word(sheet.height) + [8, 2, 0, 0, 0], to: &file)
        chunk("tEXt", Bytes("Sakk-Seeds".utf8) + [0] + Bytes(space.rawValue.utf8), to: &file)
        var plain = Bytes(repeating: 0, count: raw)
        plain.withUnsafeMutableBufferPointer { target in
            sheet.rgb.withUnsafeBufferPointer { source in
                for y in 0..<sheet.height {
                    (target.baseAddress! + y * row + 1).update(
                        from: source.baseAddress! + y * sheet.width * 3, count: sheet.width * 3)
                }
            }
        }
        var body = Bytes()
        body.reserveCapacity(raw + blocks * 5 + 6)
        body += [0x78, 0x01]
        var at = 0
        while at < raw {
            let count = min(65535, raw - at)
            let low = UInt8(count & 255), high = UInt8(count >> 8)
            body += [at + count == raw ? 1 : 0, low, high, ~low, ~high]
            body += plain[at..<at + count]
            at += count
        }
        body += Self.word(Int(Self.adler(plain)))
        chunk("IDAT", body, to: &file)
        chunk("IEND", [], to: &file)
        return file
    }

    private func chunk(_ name: String, _ body: Bytes, to file: inout Bytes) {
        file += Self.word(body.count)
        let start = file.count
        file += Bytes(name.utf8)
        file += body
        file += Self.word(Int(Self.checksum(file, from: start)))
    }

    private static func word(_ value: Int) -> Bytes {
        [UInt8(value >> 24 & 255), UInt8(value >> 16 & 255), UInt8(value >> 8 & 255), UInt8(value & 255)]
    }

    private static func adler(_ bytes: Bytes) -> UInt32 {
        var low: UInt32 = 1
        var high: UInt32 = 0
        bytes.withUnsafeBufferPointer { bytes in
            var at = 0
            while at < bytes.count {
                let end = min(at + 5552, bytes.count)
                while at < end {
                    low &+= UInt32(bytes[at])
                    high &+= low
                    at += 1
                }
                low %= 65521
                high %= 65521
            }
        }
        return high << 16 | low
    }

    /// Four tables: four bytes a step.
    private static let tables: [UInt32] = {
        var tables = [UInt32](repeating: 0, count: 1024)
        for index in 0..<256 {
            var value = UInt32(index)
            for _ in 0..<8 { value = value & 1 == 1 ? 0xEDB8_8320 ^ (value >> 1) : value >> 1 }
            tables[index] = value
        }
        for index in 0..<256 {
            for table in 1..<4 {
                let before = tables[(table - 1) * 256 + index]
                tables[table * 256 + index] = (before >> 8) ^ tables[Int(before & 255)]
            }
        }
        return tables
    }()

    private static func checksum(_ bytes: Bytes, from start: Int) -> UInt32 {
        var value: UInt32 = 0xFFFF_FFFF
        tables.withUnsafeBufferPointer { table in
            bytes.withUnsafeBufferPointer { bytes in
                var at = start
                while at + 4 <= bytes.count {
                    value ^=
                        UInt32(bytes[at]) | UInt32(bytes[at + 1]) << 8 | UInt32(bytes[at + 2]) << 16
                        | UInt32(bytes[at + 3]) << 24
                    value =
                        table[768 + Int(value & 255)] ^ table[512 + Int(value >> 8 & 255)]
                        ^ table[256 + Int(value >> 16 & 255)] ^ table[Int(value >> 24)]
                    at += 4
                }
                while at < bytes.count {
                    value = table[Int((value ^ UInt32(bytes[at])) & 255)] ^ (value >> 8)
                    at += 1
                }
            }
        }
        return value ^ 0xFFFF_FFFF
    }

    /// A picture that somebody else drew.
    static func read(_ path: String) throws(SakkError) -> Sheet {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw SakkError("file.missing", source: path, text: "The file cannot be read.", remedy: "Check the path.")
        }
        var image = sakk_image()
        defer { sakk_image_free(&image) }
        let bytes = Bytes(data)
        let decode =
            bytes.starts(with: [0xFF, 0xD8])
            ? sakk_jpeg_decode : bytes.starts(with: [0x89]) ? sakk_png_decode : sakk_jpeg2000_decode
        let status = decode(bytes, bytes.count, 64_000_000, &image)
        guard status == SAKK_IMAGE_OK, let pixels = image.pixels else {
            throw SakkError(
                "defects.picture", source: path, text: "The picture cannot be decoded.", remedy: "Draw it again.")
        }
        let (width, height) = (Int(image.width), Int(image.height))
        return Sheet(
            width: width, height: height,
            rgb: Bytes(UnsafeBufferPointer(start: pixels, count: width * height * 3)))
    }
}
