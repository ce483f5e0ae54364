internal import Glibc
internal import Ground

enum TemplateFile {
    /// The bytes of a template file. Throws `artwork.template.file`.
    static func read(_ path: String, atMost limit: Int = XMLReader.maximumBytes) throws(SakkError) -> Bytes {
        guard let stream = fopen(path, "rb") else { throw failure(path) }
        defer { fclose(stream) }
        var bytes = Bytes()
        var chunk = Bytes(repeating: 0, count: 1 << 16)
        while bytes.count <= limit {
            let count = fread(&chunk, 1, chunk.count, stream)
            if count == 0 { break }
            bytes += chunk[..<count]
        }
        guard ferror(stream) == 0 else { throw failure(path) }
        return bytes
    }

    private static func failure(_ path: String) -> SakkError {
        SakkError(
            "artwork.template.file", source: path, native: .init(kind: "errno", value: "\(errno)"),
            text: "The template cannot be read.", remedy: "Check the profile's artwork folder and its rights.")
    }
}
