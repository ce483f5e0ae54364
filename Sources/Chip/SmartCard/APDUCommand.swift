public import Ground

/// A command APDU, ISO/IEC 7816-4 clause 5.1. It never describes its data.
public struct APDUCommand: Sendable, Hashable {
    public var cla: UInt8
    public var ins: UInt8
    public var p1: UInt8
    public var p2: UInt8
    /// Command data, at most 65 535 bytes.
    public var data: Bytes
    /// Response data expected at most: nil is none, 256 is Le 00, 65 536 is extended Le 0000.
    public var le: Int?

    public init(_ cla: UInt8, _ ins: UInt8, _ p1: UInt8, _ p2: UInt8, data: Bytes = [], le: Int? = nil) {
        precondition(data.count <= 0xFFFF && (1...0x1_0000).contains(le ?? 1), "lengths of ISO/IEC 7816-4 5.1")
        self.cla = cla
        self.ins = ins
        self.p1 = p1
        self.p2 = p2
        self.data = data
        self.le = le
    }

    /// Reads the seven forms of clause 5.1 (case 1, 2S, 3S, 4S, 2E, 3E, 4E); nil when the lengths do not fit.
    public init?(encoded bytes: Bytes) {
        guard bytes.count >= 4 else { return nil }
        var reader = ByteReader(Bytes(bytes.dropFirst(4)))
        self.init(bytes[0], bytes[1], bytes[2], bytes[3])
        guard let first = reader.byte() else { return }
        if reader.isAtEnd {
            le = first == 0 ? 0x100 : Int(first)
            return
        }
        let isExtended = first == 0
        var length = Int(first)
        if isExtended {
            guard let value = reader.unsigned(2) else { return nil }
            length = Int(value)
            if reader.isAtEnd {
                le = length == 0 ? 0x1_0000 : length
                return
            }
        }
        guard length > 0, let body = reader.read(length) else { return nil }
        data = body
        guard !reader.isAtEnd else { return }
        let count = isExtended ? 2 : 1
        guard let expected = reader.unsigned(count), reader.isAtEnd else { return nil }
        le = expected == 0 ? (isExtended ? 0x1_0000 : 0x100) : Int(expected)
    }

    public var isExtended: Bool { data.count > 255 || (le ?? 0) > 256 }

    /// The bytes on the wire: short form when both lengths allow it.
    public var encoded: Bytes {
        var bytes: Bytes = [cla, ins, p1, p2]
        if isExtended {
            bytes.append(0)
            if !data.isEmpty { bytes += BigEndian.bytes(UInt16(data.count)) + data }
            if let le { bytes += BigEndian.bytes(UInt16(truncatingIfNeeded: le)) }
        } else {
            if !data.isEmpty { bytes += [UInt8(data.count)] + data }
            if let le { bytes.append(UInt8(truncatingIfNeeded: le)) }
        }
        return bytes
    }

    /// The four header bytes in hexadecimal: enough for a log, and never personal.
    public var header: String { [cla, ins, p1, p2].hex }

    /// SELECT by AID, first or only occurrence, ISO/IEC 7816-4 clause 11.1.1.
    /// With `fci` the card is asked for its control information, else P2 0C says that none is wanted.
    public static func select(aid: Bytes, fci: Bool = false) -> APDUCommand {
        APDUCommand(0x00, 0xA4, 0x04, fci ? 0x00 : 0x0C, data: aid, le: fci ? 256 : nil)
    }

    /// SELECT an elementary file under the current application (P1 02, no response data, no Le).
    public static func select(file: UInt16) -> APDUCommand {
        APDUCommand(0x00, 0xA4, 0x02, 0x0C, data: BigEndian.bytes(file))
    }

    /// READ BINARY of the current file; `offset` at most 0x7FFF.
    public static func readBinary(offset: UInt16, count: Int) -> APDUCommand {
        precondition(offset < 0x8000, "bit 8 of P1 means a short file identifier")
        return APDUCommand(0x00, 0xB0, UInt8(offset >> 8), UInt8(offset & 0xFF), le: count)
    }
}

extension APDUCommand: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String {
        "\(header) Lc \(data.count)" + (le.map { " Le \($0)" } ?? "")
    }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: []) }
}
