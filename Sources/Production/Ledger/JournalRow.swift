import Ground
import OpenSSLCrypto

/// One row of a line's journal. The leaf is SHA-256(00 ‖ row bytes); the row bytes are, in order and each preceded by
/// its length in four bytes (big endian): log, seq, tick, epoch, kind, kind version, wall, boot, mono, actor, subjects,
/// cause, body. Integers are eight bytes big endian, an absent cause has length zero; subjects and body are canonical
/// JSON (RFC 8785).
struct JournalRow {
    var log: String
    var seq: Int64
    /// Order across the logs of one ledger: of two rows that touch the same thing, the later has the larger tick.
    var tick: Int64
    var epoch: Int64
    var kind: String
    var kindVersion: Int64 = 1
    var wall: Int64
    var boot: String
    var mono: Int64
    var actor: String
    var subjects: Bytes
    var cause: Int64?
    var body: Bytes

    var bytes: Bytes {
        let fields: [Bytes] = [
            Bytes(log.utf8), BigEndian.bytes(seq), BigEndian.bytes(tick), BigEndian.bytes(epoch), Bytes(kind.utf8),
            BigEndian.bytes(kindVersion), BigEndian.bytes(wall), Bytes(boot.utf8), BigEndian.bytes(mono),
            Bytes(actor.utf8), subjects, cause.map { BigEndian.bytes($0) } ?? [], body,
        ]
        return fields.reduce(into: Bytes()) { $0 += BigEndian.bytes(UInt32($1.count)) + $1 }
    }

    var leaf: Bytes { Digest.sha256([0] + bytes) }
}

/// Merkle tree hash of RFC 6962, 2.1, fed leaf by leaf.
struct MerkleRoot {
    // complete subtrees from the left, the largest first
    private var subtrees: [(size: Int64, hash: Bytes)] = []

    mutating func append(_ leaf: Bytes) {
        subtrees.append((1, leaf))
        while subtrees.count >= 2, subtrees[subtrees.count - 1].size == subtrees[subtrees.count - 2].size {
            merge()
        }
    }

    private mutating func merge() {
        let right = subtrees.removeLast()
        let left = subtrees.removeLast()
        subtrees.append((left.size + right.size, Digest.sha256([1] + left.hash + right.hash)))
    }

    var root: Bytes {
        var rest = self
        guard !rest.subtrees.isEmpty else { return Digest.sha256([]) }
        while rest.subtrees.count > 1 { rest.merge() }
        return rest.subtrees[0].hash
    }
}
