internal import Foundation
import Glibc
public import Ground

/// A GigE Vision camera of our own on a loopback address, for what Aravis' fake cannot do: it paces its packets, sends again what
/// it is asked for, loses, doubles and disorders packets on order, can be unplugged, and its pictures follow exposure and gain.
public final class GigECamera: @unchecked Sendable {
    /// What the network does to each packet, in thousandths; the same seed does the same.
    public struct Network: Sendable {
        public var lost = 0
        public var doubled = 0
        public var late = 0
        public var seed: UInt64 = 1
        /// Packets sent in a row before a pause of `pauseMicroseconds`.
        public var burst = 8
        public var pauseMicroseconds: UInt32 = 200
        public init() {}
    }

    public struct Counters: Sendable, Equatable {
        public var triggers = 0
        public var packets = 0
        public var lost = 0
        public var resent = 0
        /// Commands that came while its plug was pulled.
        public var unheard = 0
    }

    /// What a picture is taken of: the number of its trigger, and the output lines that were on, bit 0 is Line1.
    public struct Shot: Sendable, Hashable {
        public let number: Int
        public let lines: UInt8
    }

    /// The picture under the camera at nominal exposure: width*height bytes (three times as many in colour).
    public typealias Scene = @Sendable (Shot) -> Bytes

    /// At which the scene is what it is.
    public static let nominalMicroseconds = 10_000.0

    private let lock = NSLock()
    private let condition = NSCondition()
    private let ended = DispatchSemaphore(value: 0)
    private let scene: Scene
    private let network: Network
    private let control: Int32
    private let stream: Int32
    // guarded by the lock
    private var state: GigEControl
    private var dice: Dice
    private var isPlugged = true
    private var isOver = false
    private var frames: [GigEFrame] = []
    private var counted = Counters()
    private var number: UInt16 = 0
    // guarded by the condition
    private var waiting: [GigEControl.Exposure] = []

    public var counters: Counters { lock.withLock { counted } }

    /// Errors: `plant.camera` when the address cannot be served.
    public init(
        address: String, serial: String, width: Int, height: Int, network: Network = Network(), scene: @escaping Scene
    ) throws(SakkError) {
        self.scene = scene
        self.network = network
        dice = Dice(seed: network.seed)
        guard let control = Self.socket(address, 3956), let stream = Self.socket(address, 0) else {
            throw SakkError(
                "plant.camera", source: "camera \(address)", text: "The virtual camera cannot be started.",
                remedy: "Check that the address belongs to this machine and that port 3956 is free.")
        }
        (self.control, self.stream) = (control, stream)
        state = GigEControl(serial: serial, width: width, height: height, sourcePort: Self.port(of: stream))
        for thread in [Thread { [self] in listen() }, Thread { [self] in send() }] {
            thread.name = "camera \(address)"
            thread.start()
        }
    }

    /// Off the network: silent from now on, and nobody's afterwards.
    public func unplug() {
        lock.withLock {
            isPlugged = false
            frames = []
            state.release()
        }
    }

    public func plug() { lock.withLock { isPlugged = true } }

    /// Ends its threads; nothing is served any more, and the address is free when this returns.
    public func close() {
        let wasOver = lock.withLock {
            defer { isOver = true }
            return isOver
        }
        guard !wasOver else { return }
        condition.withLock { condition.broadcast() }
        for _ in 0..<2 { ended.wait() }
    }

    // MARK: control channel

    private func listen() {
        var buffer = Bytes(repeating: 0, count: 2048)
        while !lock.withLock({ isOver }) {
            var entry = pollfd(fd: control, events: Int16(POLLIN), revents: 0)
            guard poll(&entry, 1, 100) > 0 else { continue }
            var sender = sockaddr_in()
            var size = socklen_t(MemoryLayout<sockaddr_in>.size)
            let count = withUnsafeMutablePointer(to: &sender) { sender in
                sender.withMemoryRebound(to: sockaddr.self, capacity: 1) { sender in
                    recvfrom(control, &buffer, buffer.count, 0, sender, &size)
                }
            }
            guard count > 0 else { continue }
            let peer = GigEControl.Peer(
                address: UInt32(bigEndian: sender.sin_addr.s_addr), port: UInt16(bigEndian: sender.sin_port))
            let acts = lock.withLock { () -> [GigEControl.Act] in
                guard isPlugged else {
                    counted.unheard += 1
                    return []
                }
                return state.handle(
                    Bytes(buffer[0..<count]), from: peer, now: SystemTime().boot().microseconds / 1000)
            }
            for act in acts { perform(act, peer) }
        }
        Glibc.close(control)
        ended.signal()
    }

    private func perform(_ act: GigEControl.Act, _ peer: GigEControl.Peer) {
        switch act {
        case .reply(let bytes): transmit(bytes, [], to: peer, over: control)
        case .drop: condition.withLock { waiting = [] }
        case .expose(let exposure):
            condition.withLock {
                waiting.append(exposure)
                condition.signal()
            }
        case .resend(let number, let first, let last):
            guard let frame = lock.withLock({ frames.last { $0.number == number } }) else { return }
            for index in first...min(last, frame.count - 1) where index < frame.count {
                lock.withLock { counted.resent += 1 }
                send(frame, index)
            }
        }
    }

    // MARK: stream channel

    private func send() {
        while true {
            condition.lock()
            while waiting.isEmpty, !lock.withLock({ isOver }) {
                _ = condition.wait(until: Date(timeIntervalSinceNow: 0.2))
            }
            let exposure = waiting.isEmpty ? nil : waiting.removeFirst()
            condition.unlock()
            guard let exposure else { break }
            let (number, count) = lock.withLock { () -> (UInt16, Int) in
                // 0 is no number of a frame
                self.number = self.number == .max ? 1 : self.number + 1
                counted.triggers += 1
                return (self.number, counted.triggers)
            }
            let frame = GigEFrame(
                number: number, pixels: exposed(scene(Shot(number: count, lines: exposure.lines)), exposure),
                exposure: exposure)
            lock.withLock { frames = frames.suffix(3) + [frame] }
            var held: Int?
            for index in 0..<frame.count {
                if roll(network.late), held == nil {
                    held = index
                } else {
                    send(frame, index)
                    if let late = held, late + 2 < index {
                        send(frame, late)
                        held = nil
                    }
                }
                if roll(network.doubled) { send(frame, index) }
                if index % network.burst == network.burst - 1 { usleep(network.pauseMicroseconds) }
            }
            if let held { send(frame, held) }
        }
        Glibc.close(stream)
        ended.signal()
    }

    private func roll(_ thousandths: Int) -> Bool {
        thousandths > 0 && lock.withLock { dice.next() % 1000 } < UInt64(thousandths)
    }

    private func send(_ frame: GigEFrame, _ index: Int) {
        let isLost = roll(network.lost)
        let goes = lock.withLock { () -> Bool in
            counted.packets += 1
            if isLost { counted.lost += 1 }
            return isPlugged && !isLost
        }
        guard goes else { return }
        let (head, part) = frame.packet(index)
        frame.pixels.withUnsafeBytes { pixels in
            transmit(head, UnsafeRawBufferPointer(rebasing: pixels[part]), to: frame.target, over: stream)
        }
    }

    /// Light is linear until the sensor is full.
    private func exposed(_ pixels: Bytes, _ exposure: GigEControl.Exposure) -> Bytes {
        let factor =
            Double(exposure.microseconds) / Self.nominalMicroseconds * pow(10, Double(exposure.gainTenths) / 200)
        guard abs(factor - 1) > 0.001 else { return pixels }
        let table = (0...255).map { UInt8(min(255, (Double($0) * factor).rounded())) }
        return pixels.map { table[Int($0)] }
    }

    // MARK: sockets

    private func transmit(_ head: Bytes, _ body: UnsafeRawBufferPointer, to peer: GigEControl.Peer, over socket: Int32)
    {
        var target = sockaddr_in()
        target.sin_family = sa_family_t(AF_INET)
        target.sin_port = peer.port.bigEndian
        target.sin_addr.s_addr = peer.address.bigEndian
        head.withUnsafeBytes { head in
            var parts = [
                iovec(iov_base: UnsafeMutableRawPointer(mutating: head.baseAddress), iov_len: head.count),
                iovec(iov_base: UnsafeMutableRawPointer(mutating: body.baseAddress), iov_len: body.count),
            ]
            withUnsafeMutablePointer(to: &target) { target in
                parts.withUnsafeMutableBufferPointer { parts in
                    var message = msghdr()
                    message.msg_name = UnsafeMutableRawPointer(target)
                    message.msg_namelen = socklen_t(MemoryLayout<sockaddr_in>.size)
                    message.msg_iov = parts.baseAddress
                    message.msg_iovlen = body.isEmpty ? 1 : 2
                    _ = sendmsg(socket, &message, 0)
                }
            }
        }
    }

    private func transmit(_ head: Bytes, _ body: Bytes, to peer: GigEControl.Peer, over socket: Int32) {
        transmit(head, UnsafeRawBufferPointer(start: nil, count: 0), to: peer, over: socket)
    }

    private static func socket(_ address: String, _ port: UInt16) -> Int32? {
        let made = Glibc.socket(AF_INET, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard made >= 0 else { return nil }
        var room: Int32 = 8 << 20
        setsockopt(made, SOL_SOCKET, SO_SNDBUF, &room, socklen_t(MemoryLayout<Int32>.size))
        var place = sockaddr_in()
        place.sin_family = sa_family_t(AF_INET)
        place.sin_port = port.bigEndian
        place.sin_addr.s_addr = inet_addr(address)
        let bound = withUnsafePointer(to: &place) { place in
            place.withMemoryRebound(to: sockaddr.self, capacity: 1) { place in
                bind(made, place, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard bound == 0 else {
            Glibc.close(made)
            return nil
        }
        return made
    }

    private static func port(of socket: Int32) -> UInt16 {
        var place = sockaddr_in()
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        _ = withUnsafeMutablePointer(to: &place) { place in
            place.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(socket, $0, &size) }
        }
        return UInt16(bigEndian: place.sin_port)
    }
}
