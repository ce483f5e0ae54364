import Glibc
import Ground
import PlantChip
import Testing

/// The driver's end of the vpcd protocol on a port that the kernel chose.
private final class Driver {
    private let listener: Int32
    private var peer: Int32 = -1
    let port: UInt16

    init() throws {
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = listener
        let bound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) == 0 && listen(descriptor, 1) == 0
                    && getsockname(descriptor, $0, &length) == 0
            }
        }
        try #require(bound)
        port = UInt16(bigEndian: address.sin_port)
    }

    deinit {
        close(listener)
        if peer >= 0 { close(peer) }
    }

    func accept() { peer = Glibc.accept(listener, nil, nil) }

    /// Length and payload in two sends, as the Debian driver does.
    func send(_ payload: Bytes) {
        let length = BigEndian.bytes(UInt16(payload.count))
        _ = Glibc.send(peer, length, 2, 0)
        _ = Glibc.send(peer, payload, payload.count, 0)
    }

    /// The next frame's payload; nil when the card has gone.
    func receive() -> Bytes? {
        var length = Bytes(repeating: 0, count: 2)
        guard recv(peer, &length, 2, Int32(MSG_WAITALL)) == 2 else { return nil }
        var payload = Bytes(repeating: 0, count: Int(length[0]) << 8 | Int(length[1]))
        guard recv(peer, &payload, payload.count, Int32(MSG_WAITALL)) == payload.count else { return nil }
        return payload
    }
}

@Suite struct VPCDSlotTests {
    @Test func `A card in a reader gives its answer to reset and its answers until it is taken out`() throws {
        let driver = try Driver()
        let slot = VPCDSlot(port: driver.port)
        try slot.insert(TestHost.card())
        driver.accept()
        #expect(slot.isOccupied)
        #expect(throws: SakkError("plant.reader.occupied", source: "", text: "", remedy: "")) {
            try slot.insert(TestHost.card())
        }
        driver.send([0x01])
        driver.send([0x04])
        #expect(driver.receive() == TestHost.card().reset())
        driver.send(hex("80CA00C100"))
        #expect(driver.receive() == hex("C1030000009000"))
        slot.remove()
        #expect(driver.receive() == nil && !slot.isOccupied)
    }

    @Test func `A mute card is present and has no answer to reset, a silent one answers too little`() throws {
        let driver = try Driver()
        let slot = VPCDSlot(port: driver.port)
        try slot.insert(TestHost.card(behaviour: .mute))
        driver.accept()
        driver.send([0x01])
        driver.send([0x04])
        #expect((driver.receive()?.count ?? 0) > 33)
        driver.send(hex("80CA9F7F00"))
        #expect(driver.receive()?.count == 1)
        slot.remove()
    }

    @Test func `A reader that is not there is an error with its port`() throws {
        let slot: VPCDSlot
        do { slot = VPCDSlot(port: try Driver().port) }
        #expect(throws: SakkError("plant.reader.unreachable", source: "", text: "", remedy: "")) {
            try slot.insert(TestHost.card(), timeoutMS: 1)
        }
    }
}
