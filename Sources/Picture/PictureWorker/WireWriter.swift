internal import Ground

/// Writes values one after another into memory of a fixed size: integers as eight bytes in this machine's order (both ends are
/// on it), bytes and texts after their count. What does not fit is not written and remembered as `isFull`.
struct WireWriter {
    private let memory: UnsafeMutableRawBufferPointer
    private(set) var count = 0
    private(set) var isFull = false

    init(_ memory: UnsafeMutableRawBufferPointer) { self.memory = memory }

    mutating func put(_ value: Int64) {
        guard room(8) else { return }
        memory.storeBytes(of: value, toByteOffset: count, as: Int64.self)
        count += 8
    }

    mutating func put(_ value: Int) { put(Int64(value)) }
    mutating func put(_ value: Double) { put(Int64(bitPattern: value.bitPattern)) }
    mutating func put(_ value: Bool) { put(value ? 1 : 0) }

    mutating func put(_ bytes: Bytes) {
        put(bytes.count)
        // whatever follows begins at a multiple of eight again
        let taken = (bytes.count + 7) & ~7
        guard room(taken) else { return }
        bytes.withUnsafeBytes { source in
            guard let from = source.baseAddress else { return }
            (memory.baseAddress! + count).copyMemory(from: from, byteCount: source.count)
        }
        count += taken
    }

    mutating func put(_ text: String) { put(Bytes(text.utf8)) }

    mutating func put<Element>(_ elements: some Collection<Element>, _ write: (inout WireWriter, Element) -> Void) {
        put(elements.count)
        for element in elements where !isFull { write(&self, element) }
    }

    private mutating func room(_ bytes: Int) -> Bool {
        if isFull || memory.count - count < bytes { isFull = true }
        return !isFull
    }
}
