internal import Ground

/// A picture as packets of the stream channel (GVSP, GigE Vision 1.2 chapter 24): leader, payload, trailer.
struct GigEFrame {
    let number: UInt16
    let pixels: Bytes
    private let exposure: GigEControl.Exposure
    /// IP, UDP and GVSP headers are part of the packet size.
    private var room: Int { max(exposure.packetBytes - 20 - 8 - 8, 64) }

    init(number: UInt16, pixels: Bytes, exposure: GigEControl.Exposure) {
        self.number = number
        self.pixels = pixels
        self.exposure = exposure
    }

    var target: GigEControl.Peer { exposure.target }
    /// Leader, payload, trailer.
    var count: Int { (pixels.count + room - 1) / room + 2 }

    /// What comes before the pixels of a packet, and which pixels these are.
    func packet(_ index: Int) -> (head: Bytes, pixels: Range<Int>) {
        func head(_ kind: UInt8) -> Bytes {
            [0, 0] + BigEndian.bytes(number) + BigEndian.bytes(UInt32(kind) << 24 | UInt32(index))
        }
        switch index {
        case 0:
            // image, no timestamp
            let leader: Bytes =
                [0, 0, 0, 1] + Bytes(repeating: 0, count: 8) + BigEndian.bytes(exposure.pixelFormat)
                + BigEndian.bytes(UInt32(exposure.width)) + BigEndian.bytes(UInt32(exposure.height))
                + Bytes(repeating: 0, count: 12)
            return (head(1) + leader, 0..<0)
        case count - 1: return (head(2) + [0, 0, 0, 1] + BigEndian.bytes(UInt32(exposure.height)), 0..<0)
        default:
            let from = (index - 1) * room
            return (head(3), from..<min(from + room, pixels.count))
        }
    }
}
