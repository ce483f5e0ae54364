import Ground

/// Decompression of DEFLATE data (RFC 1951), bounded: a CAP file comes from outside and may be anything.
struct Inflate {
    private let input: Bytes
    private var position = 0
    private var bits: UInt32 = 0
    private var bitCount = 0
    private var output = Bytes()
    private let limit: Int

    /// The uncompressed bytes; nil when the data is malformed or longer than `limit`.
    static func bytes(_ input: Bytes, limit: Int) -> Bytes? {
        var inflate = Inflate(input: input, limit: limit)
        return inflate.run() ? inflate.output : nil
    }

    private init(input: Bytes, limit: Int) {
        self.input = input
        self.limit = limit
    }

    private mutating func run() -> Bool {
        while true {
            guard let last = read(1), let kind = read(2) else { return false }
            let done: Bool
            switch kind {
            case 0: done = stored()
            case 1: done = compressed(Inflate.fixedLengths, Inflate.fixedDistances)
            case 2:
                guard let (lengths, distances) = dynamicTables() else { return false }
                done = compressed(lengths, distances)
            default: return false
            }
            guard done else { return false }
            if last == 1 { return true }
        }
    }

    private mutating func read(_ count: Int) -> Int? {
        while bitCount < count {
            guard position < input.count else { return nil }
            bits |= UInt32(input[position]) << UInt32(bitCount)
            position += 1
            bitCount += 8
        }
        let value = bits & ((1 << UInt32(count)) - 1)
        bits >>= UInt32(count)
        bitCount -= count
        return Int(value)
    }

    private mutating func stored() -> Bool {
        bits = 0
        bitCount = 0
        guard position + 4 <= input.count else { return false }
        let length = Int(input[position]) | Int(input[position + 1]) << 8
        let inverse = Int(input[position + 2]) | Int(input[position + 3]) << 8
        position += 4
        guard length ^ inverse == 0xFFFF, position + length <= input.count, output.count + length <= limit else {
            return false
        }
        output += input[position..<position + length]
        position += length
        return true
    }

    /// Canonical Huffman code: symbols ordered by code length, and how many there are of each length.
    private struct Code {
        var counts = [Int](repeating: 0, count: 16)
        var symbols: [Int] = []

        init(_ lengths: [Int]) {
            for length in lengths { counts[length] += 1 }
            counts[0] = 0
            for length in 1...15 { symbols += lengths.indices.filter { lengths[$0] == length } }
        }
    }

    private mutating func symbol(_ code: Code) -> Int? {
        var value = 0
        var first = 0
        var index = 0
        for length in 1...15 {
            guard let bit = read(1) else { return nil }
            value |= bit
            let count = code.counts[length]
            if value - count < first { return code.symbols[index + value - first] }
            index += count
            first = (first + count) << 1
            value <<= 1
        }
        return nil
    }

    private static let fixedLengths = Code(
        [Int](repeating: 8, count: 144) + [Int](repeating: 9, count: 112) + [Int](repeating: 7, count: 24)
            + [Int](repeating: 8, count: 8))
    private static let fixedDistances = Code([Int](repeating: 5, count: 30))
    private static let order = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]
    private static let lengthBase = [
        3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227,
        258,
    ]
    private static let lengthExtra = [
        0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0,
    ]
    private static let distanceBase = [
        1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097,
        6145,
        8193, 12289, 16385, 24577,
    ]
    private static let distanceExtra = [
        0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13,
    ]

    private mutating func dynamicTables() -> (Code, Code)? {
        guard let literal = read(5), let distance = read(5), let codes = read(4) else { return nil }
        var lengths = [Int](repeating: 0, count: 19)
        for index in 0..<(codes + 4) {
            guard let length = read(3) else { return nil }
            lengths[Inflate.order[index]] = length
        }
        let code = Code(lengths)
        let (literals, distances) = (literal + 257, distance + 1)
        guard literals <= 286, distances <= 30 else { return nil }
        var all: [Int] = []
        while all.count < literals + distances {
            guard let symbol = symbol(code) else { return nil }
            switch symbol {
            case 0...15: all.append(symbol)
            case 16:
                guard let previous = all.last, let more = read(2) else { return nil }
                all += [Int](repeating: previous, count: more + 3)
            case 17:
                guard let more = read(3) else { return nil }
                all += [Int](repeating: 0, count: more + 3)
            default:
                guard let more = read(7) else { return nil }
                all += [Int](repeating: 0, count: more + 11)
            }
        }
        guard all.count == literals + distances else { return nil }
        return (Code(Array(all[..<literals])), Code(Array(all[literals...])))
    }

    private mutating func compressed(_ lengths: Code, _ distances: Code) -> Bool {
        while true {
            guard let value = symbol(lengths) else { return false }
            if value == 256 { return true }
            if value < 256 {
                guard output.count < limit else { return false }
                output.append(UInt8(value))
                continue
            }
            guard value - 257 < Inflate.lengthBase.count, let more = read(Inflate.lengthExtra[value - 257]),
                let code = symbol(distances), code < 30, let far = read(Inflate.distanceExtra[code])
            else { return false }
            let length = Inflate.lengthBase[value - 257] + more
            let distance = Inflate.distanceBase[code] + far
            guard distance <= output.count, output.count + length <= limit else { return false }
            for _ in 0..<length { output.append(output[output.count - distance]) }
        }
    }
}
