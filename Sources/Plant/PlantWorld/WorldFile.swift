import CImage
import Foundation
import Ground

/// Files of a world: whole bytes and PNG pictures.
enum WorldFile {
    static func read(_ path: String) -> Bytes? { FileManager.default.contents(atPath: path).map { Bytes($0) } }

    static func write(_ bytes: Bytes, to path: String) throws(SakkError) {
        do {
            try Data(bytes).write(to: URL(fileURLWithPath: path), options: .atomic)
        } catch {
            throw SakkError(
                "plant.file", source: path, text: "The file cannot be written.", remedy: "Check folder and disk.")
        }
    }

    /// RGB of a PNG that must have this size.
    static func picture(_ path: String, width: Int, height: Int) throws(SakkError) -> Bytes {
        guard let bytes = read(path) else {
            throw SakkError(
                "plant.file", source: path, text: "The stock picture cannot be read.",
                remedy: "Write it with `sakk art stock`, and name its folder with --stock.")
        }
        var image = sakk_image()
        let status = sakk_png_decode(bytes, bytes.count, 16_000_000, &image)
        defer { sakk_image_free(&image) }
        guard status == SAKK_IMAGE_OK, Int(image.width) == width, Int(image.height) == height, let pixels = image.pixels
        else {
            throw SakkError(
                "plant.file", source: path, text: "The stock picture is no PNG of \(width) by \(height).",
                remedy: "Write it with `sakk art stock` at 600 dpi.")
        }
        return Bytes(UnsafeBufferPointer(start: pixels, count: width * height * 3))
    }

    static func png(_ pixels: Bytes, width: Int, height: Int, channels: Int32 = 3) -> Bytes {
        var buffer = sakk_buffer()
        let status = sakk_png_encode(pixels, Int32(width), Int32(height), channels, &buffer)
        defer { sakk_buffer_free(&buffer) }
        guard status == SAKK_IMAGE_OK else { return [] }
        return Bytes(UnsafeBufferPointer(start: buffer.bytes, count: buffer.count))
    }
}
