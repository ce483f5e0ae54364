import Ground
import Testing
import USBTransport

/// Rules 1 and 2 of the transport (reference on printers, section 3): partial transfers and halts. Codes are libusb's.
@Suite struct BulkSenderTests {
    private static let timeout: Int32 = -7
    private static let pipe: Int32 = -9
    private static let gone: Int32 = -4

    private final class Wire {
        var answers: [(code: Int32, taken: Int)]
        var taken = Bytes()
        var sizes: [Int] = []
        var clearings = 0
        init(_ answers: [(code: Int32, taken: Int)]) { self.answers = answers }
    }

    private static let bytes = Bytes((0..<1000).map { UInt8($0 % 251) })

    private static func send(
        _ wire: Wire, _ bytes: Bytes = bytes, chunk: Int = 256, empty: Bool = false
    ) -> BulkSender.Result {
        BulkSender(chunkBytes: chunk, packetBytes: 64, endsWithEmptyPacket: empty).send(bytes) { part in
            wire.sizes.append(part.count)
            let (code, taken) = wire.answers.isEmpty ? (0, part.count) : wire.answers.removeFirst()
            wire.taken += part.prefix(taken)
            return (code, taken)
        } clearHalt: {
            wire.clearings += 1
        }
    }

    @Test func whatATimedOutTransferTookIsNeverSentAgain() {
        let wire = Wire([(0, 256), (Self.timeout, 100), (0, 256)])
        #expect(Self.send(wire) == BulkSender.Result(code: 0, sent: 1000))
        #expect(wire.taken == Self.bytes, "each byte once, in its order")
        #expect(wire.sizes == [256, 256, 256, 256, 132], "it goes on where it stood")
    }

    @Test func aTransferThatTookNothingInTimeIsGivenUpWithWhatWasSent() {
        let wire = Wire([(0, 256), (Self.timeout, 0)])
        #expect(Self.send(wire) == BulkSender.Result(code: Self.timeout, sent: 256))
        #expect(wire.sizes.count == 2)
        #expect(wire.clearings == 0)
    }

    @Test func aHaltIsClearedOnceAndTheRestIsSent() {
        let wire = Wire([(0, 256), (Self.pipe, 64)])
        #expect(Self.send(wire) == BulkSender.Result(code: 0, sent: 1000))
        #expect(wire.clearings == 1)
        #expect(wire.taken == Self.bytes)
    }

    @Test func aSecondHaltIsAFault() {
        let wire = Wire([(Self.pipe, 0), (Self.pipe, 0)])
        #expect(Self.send(wire) == BulkSender.Result(code: Self.pipe, sent: 0))
        #expect(wire.clearings == 1)
    }

    @Test func aDeviceThatHasGoneIsTriedNoMore() {
        let wire = Wire([(0, 256), (Self.gone, 10)])
        #expect(Self.send(wire) == BulkSender.Result(code: Self.gone, sent: 266))
        #expect(wire.sizes.count == 2)
        #expect(wire.clearings == 0)
    }

    @Test(arguments: [(512, true, [256, 256, 0]), (512, false, [256, 256]), (500, true, [256, 244]), (0, true, [])])
    func anEmptyPacketEndsASendOfWholePacketsWhereTheModelWantsIt(count: Int, empty: Bool, sizes: [Int]) {
        let wire = Wire([])
        let sent = Self.send(wire, Bytes(repeating: 1, count: count), empty: empty)
        #expect(sent == BulkSender.Result(code: 0, sent: count))
        #expect(wire.sizes == sizes)
    }
}
