import Ground

/// The values of a statement in the form libpq wants: pointers into one block of bytes that lives for one call.
struct Arguments {
    private var block: Bytes = []
    private var places: [Int?] = []
    private var lengths: [Int32] = []
    private var formats: [Int32] = []

    init(_ values: [PostgresValue]) throws(PostgresFailure) {
        for value in values {
            let start = block.count
            switch value {
            case .null:
                places.append(nil)
                lengths.append(0)
                formats.append(0)
                continue
            case .integer(let integer):
                block += BigEndian.bytes(integer)
                formats.append(1)
            case .blob(let blob):
                block += blob
                formats.append(1)
            case .text(let text):
                // the server has no such character, and libpq would cut the text there
                guard !text.utf8.contains(0) else { throw PostgresFailure(.misuse, detail: "a text holds NUL") }
                block += text.utf8
                formats.append(0)
            }
            places.append(start)
            lengths.append(Int32(block.count - start))
            block.append(0)
        }
    }

    typealias Pointers = UnsafePointer<UnsafePointer<CChar>?>?

    func withPointers<Value>(
        _ body: (Int32, Pointers, UnsafePointer<Int32>?, UnsafePointer<Int32>?) -> Value
    ) -> Value {
        block.withUnsafeBytes { bytes in
            let base = bytes.baseAddress?.assumingMemoryBound(to: CChar.self)
            let pointers = places.map { place in place.flatMap { base?.advanced(by: $0) } }
            return body(Int32(places.count), pointers, lengths, formats)
        }
    }
}
