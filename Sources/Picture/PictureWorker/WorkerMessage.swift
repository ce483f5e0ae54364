internal import Ground

/// What goes over the socket before anything else: of the controller, that so many bytes of the shared memory are to be
/// read; of the worker, that so many bytes follow.
struct WorkerMessage {
    enum Kind: Int64 { case settings = 0x53414B4B_01, picture = 0x53414B4B_02, answer = 0x53414B4B_03 }

    static let size = 24
    let kind: Kind
    /// Of the question; an answer repeats it.
    let number: Int64
    let length: Int

    init(_ kind: Kind, number: Int64, length: Int) {
        (self.kind, self.number, self.length) = (kind, number, length)
    }

    /// Nil when it is none.
    init?(_ bytes: Bytes) {
        guard bytes.count == Self.size else { return nil }
        let words = bytes.withUnsafeBytes { memory in
            [0, 8, 16].map { memory.loadUnaligned(fromByteOffset: $0, as: Int64.self) }
        }
        guard let kind = Kind(rawValue: words[0]), (0...Int64(WorkerLimits.requestBytes)).contains(words[2]) else {
            return nil
        }
        self.init(kind, number: words[1], length: Int(words[2]))
    }

    var bytes: Bytes {
        [kind.rawValue, number, Int64(length)].flatMap { value in withUnsafeBytes(of: value) { Bytes($0) } }
    }
}
