internal import Foundation
internal import Glibc
internal import Ground

extension VPCDSlot {
    /// One card's stay in the reader: a thread that answers the driver until one side closes.
    final class Connection: @unchecked Sendable {
        // `ended` is guarded by the condition; the rest is immutable or used by the thread only
        private let descriptor: Int32
        private let card: VirtualCard
        private let condition = NSCondition()
        private var ended = false

        init(descriptor: Int32, card: VirtualCard) {
            self.descriptor = descriptor
            self.card = card
            let thread = Thread { [self] in run() }
            thread.name = "card in reader"
            thread.start()
        }

        var hasEnded: Bool { condition.withLock { ended } }

        /// Ends the conversation and waits for the thread.
        func close() {
            condition.lock()
            if !ended { shutdown(descriptor, Int32(SHUT_RDWR)) }
            while !ended { condition.wait() }
            condition.unlock()
        }

        private func run() {
            var atr: Bytes?
            while let frame = receive() {
                var answer: Bytes?
                switch frame {
                case [0x00]:
                    card.powerOff()
                    atr = nil
                case [0x01]:
                    atr = card.powerOn()
                case [0x02]:
                    atr = card.reset()
                case [0x04]:
                    answer = atr ?? Self.presence
                default:
                    answer = card.process(frame) ?? Self.silence
                }
                if let answer, !send(answer) { break }
            }
            card.powerOff()
            condition.lock()
            Glibc.close(descriptor)
            ended = true
            condition.broadcast()
            condition.unlock()
        }

        /// Longer than any answer to reset (33 bytes): the driver's poll sees a card, its power-up fails.
        private static let presence = Bytes(repeating: 0, count: 40)

        /// Too short for a status word: no answer in time. The driver would wait for ever for a frame that never comes.
        private static let silence: Bytes = [0x00]

        private func receive() -> Bytes? {
            guard let length = receive(exactly: 2), let count = BigEndian.unsigned(length) else { return nil }
            return receive(exactly: Int(count))
        }

        /// The driver writes length and payload in two sends, so without an immediate acknowledgement each APDU costs
        /// 44 ms; the kernel takes the option back, so it is set before every receive.
        private func receive(exactly count: Int) -> Bytes? {
            var buffer = Bytes(repeating: 0, count: count)
            var filled = 0
            while filled < count {
                var on: Int32 = 1
                setsockopt(
                    descriptor, Int32(IPPROTO_TCP), TCP_QUICKACK, &on, socklen_t(MemoryLayout<Int32>.size))
                let got = buffer.withUnsafeMutableBytes {
                    recv(descriptor, $0.baseAddress! + filled, count - filled, 0)
                }
                if got < 0, errno == EINTR { continue }
                guard got > 0 else { return nil }
                filled += got
            }
            return buffer
        }

        private func send(_ payload: Bytes) -> Bool {
            let frame = BigEndian.bytes(UInt16(payload.count)) + payload
            var sent = 0
            while sent < frame.count {
                let count = frame.withUnsafeBytes {
                    Glibc.send(descriptor, $0.baseAddress! + sent, frame.count - sent, Int32(MSG_NOSIGNAL))
                }
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { return false }
                sent += count
            }
            return true
        }
    }
}
