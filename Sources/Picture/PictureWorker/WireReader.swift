internal import Ground

/// What was read is not what the other end of the wire writes.
struct WireFault: Error {}

/// Reads what `WireWriter` wrote, from memory that another process may have filled with anything: every count is checked
/// against a limit and against what is there, every byte is copied before it is used.
struct WireReader {
    private let memory: UnsafeRawBufferPointer
    private var offset = 0

    init(_ memory: UnsafeRawBufferPointer) { self.memory = memory }

    mutating func integer() throws(WireFault) -> Int64 {
        guard memory.count - offset >= 8 else { throw WireFault() }
        defer { offset += 8 }
        return memory.loadUnaligned(fromByteOffset: offset, as: Int64.self)
    }

    mutating func count(atMost most: Int) throws(WireFault) -> Int {
        let value = try integer()
        guard value >= 0, value <= Int64(most) else { throw WireFault() }
        return Int(value)
    }

    mutating func number() throws(WireFault) -> Double { Double(bitPattern: UInt64(bitPattern: try integer())) }

    mutating func flag() throws(WireFault) -> Bool { try count(atMost: 1) == 1 }

    mutating func bytes(atMost most: Int) throws(WireFault) -> Bytes {
        let count = try count(atMost: most)
        let taken = (count + 7) & ~7
        guard memory.count - offset >= taken else { throw WireFault() }
        defer { offset += taken }
        return Bytes(UnsafeRawBufferPointer(rebasing: memory[offset..<offset + count]))
    }

    mutating func text(atMost most: Int = 1000) throws(WireFault) -> String {
        guard let text = String(validating: try bytes(atMost: most), as: UTF8.self) else { throw WireFault() }
        return text
    }

    /// A word of a list.
    mutating func word<Word: RawRepresentable>(_ type: Word.Type) throws(WireFault) -> Word
    where Word.RawValue == String {
        guard let word = Word(rawValue: try text(atMost: 100)) else { throw WireFault() }
        return word
    }

    mutating func list<Element>(
        atMost most: Int, _ read: (inout WireReader) throws(WireFault) -> Element
    ) throws(WireFault) -> [Element] {
        let count = try count(atMost: most)
        var elements: [Element] = []
        for _ in 0..<count { elements.append(try read(&self)) }
        return elements
    }

    /// Nothing may be left over.
    func finish() throws(WireFault) {
        guard offset == memory.count else { throw WireFault() }
    }
}
