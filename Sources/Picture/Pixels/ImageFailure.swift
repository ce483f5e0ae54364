import CImage
public import Ground

/// The error codes of a picture that does not decode whole.
public enum ImageFailure {
    /// Not of the format it was said to be.
    public static let unknown: SakkError.Code = "image.unknown"
    public static let truncated: SakkError.Code = "image.truncated"
    /// The decoder refused it, or would have invented pixels.
    public static let corrupt: SakkError.Code = "image.corrupt"
    /// Bytes follow the end of the image.
    public static let trailing: SakkError.Code = "image.trailing"
    public static let second: SakkError.Code = "image.second"
    /// More pixels, scans or tiles than allowed.
    public static let tooLarge: SakkError.Code = "image.too_large"
    /// Not 8-bit grey or RGB.
    public static let colours: SakkError.Code = "image.colours"
    public static let memory: SakkError.Code = "image.memory"

    typealias Decoder = (UnsafePointer<UInt8>?, Int, UInt64, UnsafeMutablePointer<sakk_image>?) -> sakk_image_status

    static func decoded(
        _ bytes: Bytes, _ maxPixels: Int, _ format: String, _ decode: Decoder
    ) throws(SakkError) -> RGBImage {
        var image = sakk_image()
        let status = bytes.withUnsafeBufferPointer {
            decode($0.baseAddress, $0.count, UInt64(max(maxPixels, 0)), &image)
        }
        defer { sakk_image_free(&image) }
        guard status == SAKK_IMAGE_OK, let pixels = image.pixels else {
            let reason = withUnsafeBytes(of: image.reason) { raw in
                String(decoding: raw.prefix { $0 != 0 }, as: UTF8.self)
            }
            throw error(status, format, reason)
        }
        let width = Int(image.width)
        let height = Int(image.height)
        return RGBImage(
            width: width, height: height, rgb: Bytes(UnsafeBufferPointer(start: pixels, count: width * height * 3)))
    }

    static func encoded(
        _ format: String, _ encode: (inout sakk_buffer) -> sakk_image_status
    ) throws(SakkError) -> Bytes {
        var buffer = sakk_buffer()
        let status = encode(&buffer)
        defer { sakk_buffer_free(&buffer) }
        guard status == SAKK_IMAGE_OK, let bytes = buffer.bytes else { throw error(status, format, "encoding") }
        return Bytes(UnsafeBufferPointer(start: bytes, count: buffer.count))
    }

    private static func error(_ status: sakk_image_status, _ format: String, _ reason: String) -> SakkError {
        let detail = reason.isEmpty ? "" : ": \(reason)"
        let (code, text): (SakkError.Code, String) =
            switch status {
            case SAKK_IMAGE_UNKNOWN: (unknown, "the data is not \(format)")
            case SAKK_IMAGE_TRUNCATED: (truncated, "the \(format) data ends before the image does")
            case SAKK_IMAGE_TRAILING: (trailing, "data follows the end of the \(format) image")
            case SAKK_IMAGE_SECOND: (second, "a second image follows the \(format) image")
            case SAKK_IMAGE_TOO_LARGE: (tooLarge, "the \(format) image is larger than allowed")
            case SAKK_IMAGE_COLOURS: (colours, "the \(format) image is not 8-bit grey or RGB")
            case SAKK_IMAGE_MEMORY: (memory, "no memory for the \(format) image")
            default: (corrupt, "the \(format) image does not decode whole")
            }
        return SakkError(
            code, source: "pixels", text: text + detail,
            remedy: "Ask the sender for the picture again as one whole JPEG or JPEG 2000 image, 8-bit grey or RGB.")
    }
}
