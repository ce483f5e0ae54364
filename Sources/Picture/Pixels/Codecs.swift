import CImage
public import Ground

/// ITU-T T.81, baseline and progressive, 8-bit grey or colour.
public enum JPEG {
    /// Decodes whole or throws: see `ImageFailure` for the codes.
    /// - Parameter maxPixels: width times height above which nothing is decoded.
    public static func decode(_ bytes: Bytes, maxPixels: Int = 16_000_000) throws(SakkError) -> RGBImage {
        try ImageFailure.decoded(bytes, maxPixels, "JPEG", sakk_jpeg_decode)
    }

    /// - Parameters:
    ///   - quality: 1 to 100 in libjpeg's scale; chroma is never subsampled.
    ///   - dpi: density written to the JFIF header.
    public static func encode(_ image: RGBImage, quality: Int, dpi: Int = 300) throws(SakkError) -> Bytes {
        try ImageFailure.encoded("JPEG") { buffer in
            sakk_jpeg_encode(
                image.rgb, Int32(image.width), Int32(image.height), 3, Int32(quality), Int32(dpi), &buffer)
        }
    }
}

/// ISO/IEC 15444-1: JP2 files and bare codestreams, 8-bit grey or RGB.
public enum JPEG2000 {
    /// Decodes whole or throws: see `ImageFailure` for the codes.
    public static func decode(_ bytes: Bytes, maxPixels: Int = 16_000_000) throws(SakkError) -> RGBImage {
        try ImageFailure.decoded(bytes, maxPixels, "JPEG 2000", sakk_jpeg2000_decode)
    }

    /// A JP2 file. `ratio` is the compression against 24 bits a pixel, for example 40.
    public static func encode(_ image: RGBImage, ratio: Int) throws(SakkError) -> Bytes {
        try ImageFailure.encoded("JPEG 2000") { buffer in
            sakk_jpeg2000_encode(image.rgb, Int32(image.width), Int32(image.height), 3, Float(ratio), &buffer)
        }
    }

    /// The same against 8 bits a pixel.
    public static func encode(_ image: GrayImage, ratio: Int) throws(SakkError) -> Bytes {
        try ImageFailure.encoded("JPEG 2000") { buffer in
            sakk_jpeg2000_encode(image.values, Int32(image.width), Int32(image.height), 1, Float(ratio), &buffer)
        }
    }
}

/// ISO/IEC 15948. Transparent pixels are laid on white.
public enum PNG {
    public static func decode(_ bytes: Bytes, maxPixels: Int = 64_000_000) throws(SakkError) -> RGBImage {
        try ImageFailure.decoded(bytes, maxPixels, "PNG", sakk_png_decode)
    }

    public static func encode(_ image: RGBImage) throws(SakkError) -> Bytes {
        try ImageFailure.encoded("PNG") { buffer in
            sakk_png_encode(image.rgb, Int32(image.width), Int32(image.height), 3, &buffer)
        }
    }

    public static func encode(_ image: GrayImage) throws(SakkError) -> Bytes {
        try ImageFailure.encoded("PNG") { buffer in
            sakk_png_encode(image.values, Int32(image.width), Int32(image.height), 1, &buffer)
        }
    }
}
