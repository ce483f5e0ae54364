internal import Ground

/// The chip's random numbers: bytes put in by a test first, then SplitMix64 from the seed, so a run can be repeated.
struct ChipRandom: Sendable {
    private var state: UInt64
    private var forced: Bytes

    init(seed: UInt64, forced: Bytes = []) {
        state = seed
        self.forced = forced
    }

    mutating func bytes(_ count: Int) -> Bytes {
        var result = Bytes(forced.prefix(count))
        forced.removeFirst(result.count)
        while result.count < count {
            state &+= 0x9E37_79B9_7F4A_7C15
            var mixed = state
            mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
            result += BigEndian.bytes(mixed ^ (mixed >> 31))
        }
        return Bytes(result.prefix(count))
    }
}
