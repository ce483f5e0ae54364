internal import Ground

/// A command APDU, short or with extended length (ISO/IEC 7816-4 clause 5.1).
struct CommandAPDU: Sendable, Equatable {
    var cla: UInt8
    var ins: UInt8
    var p1: UInt8
    var p2: UInt8
    var data: Bytes
    /// Expected length, 256 for an Le byte of 00, 65536 for an extended 0000; nil without Le.
    var le: Int?

    var header: Bytes { [cla, ins, p1, p2] }
    var p1p2: Int { Int(p1) << 8 | Int(p2) }

    init(cla: UInt8, ins: UInt8, p1: UInt8, p2: UInt8, data: Bytes, le: Int?) {
        self.cla = cla
        self.ins = ins
        self.p1 = p1
        self.p2 = p2
        self.data = data
        self.le = le
    }

    /// Nil when the length bytes contradict the length.
    init?(_ bytes: Bytes) {
        guard bytes.count >= 4 else { return nil }
        let body = Bytes(bytes.dropFirst(4))
        var data = Bytes()
        var le: Int?
        if body.count >= 3, body[0] == 0 {
            let first = Int(body[1]) << 8 | Int(body[2])
            if body.count == 3 {
                le = first == 0 ? 65536 : first
            } else {
                guard first > 0, body.count == 3 + first || body.count == 5 + first else { return nil }
                data = Bytes(body[3..<(3 + first)])
                if body.count == 5 + first {
                    let expected = Int(body[3 + first]) << 8 | Int(body[4 + first])
                    le = expected == 0 ? 65536 : expected
                }
            }
        } else if body.count == 1 {
            le = body[0] == 0 ? 256 : Int(body[0])
        } else if let lc = body.first.map(Int.init) {
            guard lc > 0, body.count == 1 + lc || body.count == 2 + lc else { return nil }
            data = Bytes(body[1..<(1 + lc)])
            if body.count == 2 + lc { le = body[1 + lc] == 0 ? 256 : Int(body[1 + lc]) }
        }
        self.init(cla: bytes[0], ins: bytes[1], p1: bytes[2], p2: bytes[3], data: data, le: le)
    }
}

/// What an application answers: data and status word.
struct Answer: Sendable, Equatable {
    var data: Bytes = []
    var status: UInt16 = 0x9000

    init(_ data: Bytes = [], status: UInt16 = 0x9000) {
        self.data = data
        self.status = status
    }

    static func status(_ word: UInt16) -> Answer { Answer(status: word) }

    var bytes: Bytes { data + BigEndian.bytes(status) }
}
