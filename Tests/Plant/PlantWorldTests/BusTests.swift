import Foundation
import Glibc
import Ground
import Synchronization
import Testing

@testable import PlantUSB

/// A device that keeps what it gets and says what it is told to.
private final class EchoDevice: VirtualUSBDevice {
    private let state = Mutex<(received: Bytes, ready: Bytes, listener: (@Sendable () -> Void)?)>(([], [], nil))

    var descriptors: Bytes { USBDescriptors.printer(vendor: vendorID, product: productID) }
    var vendorID: UInt16 { 0x0F49 }
    var productID: UInt16 { 0x0A00 }
    var received: Bytes { state.withLock { $0.received } }

    func control(type: UInt8, request: UInt8, value: UInt16, index: UInt16, length: Int, data: Bytes) -> Bytes? {
        request == 1 ? [0x18] : nil
    }
    func receive(_ bytes: Bytes) { state.withLock { $0.received += bytes } }
    func take(upTo count: Int) -> Bytes {
        state.withLock { state in
            defer { state.ready = Bytes(state.ready.dropFirst(count)) }
            return Bytes(state.ready.prefix(count))
        }
    }
    func notify(_ ready: (@Sendable () -> Void)?) { state.withLock { $0.listener = ready } }

    func say(_ bytes: Bytes) {
        let listener = state.withLock { state in
            state.ready += bytes
            return state.listener
        }
        listener?()
    }
}

/// A program under the preload, played by hand: its memory is a dictionary, its calls are messages of three longs.
private final class Program {
    private let descriptor: Int32
    private var memory: [UInt: Bytes] = [:]

    init(_ path: String) throws {
        descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let connected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        try #require(connected == 0)
    }

    func end() { close(descriptor) }

    /// The ioctl's value, or the negated errno.
    func ioctl(_ number: UInt, _ argument: UInt) -> Int {
        send([1, Int(0x5500 | number), Int(argument)])
        while true {
            let words = receive(24).withUnsafeBytes { Array($0.bindMemory(to: Int.self)) }
            guard words.count == 3 else { return Int.min }
            let address = UInt(bitPattern: words[1])
            switch words[0] {
            case 5: sendBytes(Bytes(read(address, words[2])))
            case 6: write(receive(words[2]), at: address)
            default: return words[1] < 0 ? -words[2] : words[1]
            }
        }
    }

    /// Starts an ioctl, gives the first piece of memory that is asked for, and nothing more.
    func answerOnce(_ number: UInt, _ argument: UInt) {
        send([1, Int(0x5500 | number), Int(argument)])
        let words = receive(24).withUnsafeBytes { Array($0.bindMemory(to: Int.self)) }
        if words.count == 3, words[0] == 5 { sendBytes(Bytes(read(UInt(bitPattern: words[1]), words[2]))) }
    }

    func put(_ bytes: Bytes, at address: UInt) { memory[address] = bytes }
    func get(_ address: UInt) -> Bytes { memory[address] ?? [] }
    private func read(_ address: UInt, _ count: Int) -> ArraySlice<UInt8> { get(address).prefix(count) }
    private func write(_ bytes: Bytes, at address: UInt) { memory[address] = bytes }

    /// Submits a bulk or control transfer with its block at `address`; the buffer lies 4096 further.
    func submit(_ address: UInt, type: UInt8, endpoint: UInt8, data: Bytes, length: Int? = nil) -> Int {
        var block = Bytes(repeating: 0, count: 56)
        block[0] = type
        block[1] = endpoint
        let buffer = withUnsafeBytes(of: (address + 4096).littleEndian) { Bytes($0) }
        block.replaceSubrange(16..<24, with: buffer)
        let count = withUnsafeBytes(of: UInt32(length ?? data.count).littleEndian) { Bytes($0) }
        block.replaceSubrange(24..<28, with: count)
        put(block, at: address)
        put(data, at: address + 4096)
        return ioctl(10, address)
    }

    /// Status and count of the transfer that was reaped; nil for none.
    func reap() -> (block: UInt, status: Int32, count: Int)? {
        guard ioctl(13, 64) == 0 else { return nil }
        let block = get(64).reversed().reduce(UInt(0)) { $0 << 8 | UInt($1) }
        let bytes = get(block)
        let status = bytes[4..<8].reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        let count = bytes[28..<32].reversed().reduce(0) { $0 << 8 | Int($1) }
        return (block, Int32(bitPattern: status), count)
    }

    private func send(_ words: [Int]) { sendBytes(words.withUnsafeBytes { Bytes($0) }) }
    private func sendBytes(_ bytes: Bytes) {
        _ = bytes.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, 0) }
    }
    private func receive(_ count: Int) -> Bytes {
        var bytes = Bytes(repeating: 0, count: count)
        let got = recv(descriptor, &bytes, count, Int32(MSG_WAITALL))
        return got == count ? bytes : []
    }
}

/// The bus's own ioctl server, spoken to as the preload does.
struct BusTests {
    private let folder: String
    private let device = EchoDevice()
    private let server: DeviceServer
    private var path: String { folder + "/s" }
    private var node: String { folder + "/n" }

    init() throws {
        folder = NSTemporaryDirectory() + "bus-\(UUID().uuidString.prefix(8))"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        server = try DeviceServer(device: device, node: folder + "/n", socket: folder + "/s")
    }

    private func finish() {
        server.unplug()
        try? FileManager.default.removeItem(atPath: folder)
    }

    /// Whether poll says that the node can be written: something is there to be reaped.
    private func isReady() -> Bool {
        let descriptor = open(node, O_WRONLY | O_NONBLOCK)
        defer { close(descriptor) }
        var waiting = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        return poll(&waiting, 1, 0) == 1 && waiting.revents & Int16(POLLOUT) != 0
    }

    private func claim(_ program: Program) -> Int {
        program.put([0, 0, 0, 0], at: 8)
        return program.ioctl(15, 8)
    }

    @Test("A second claim is refused with EBUSY, the first goes on, and a dead program's claim ends with it")
    func claims() throws {
        defer { finish() }
        let first = try Program(path)
        let second = try Program(path)
        #expect(claim(first) == 0)
        #expect(claim(second) == -Int(EBUSY))
        #expect(second.submit(8192, type: 3, endpoint: 1, data: [1, 2]) == -Int(EBUSY))
        #expect(first.submit(8192, type: 3, endpoint: 1, data: [3, 4]) == 0)
        first.end()
        // the server's thread sees the end of file in its own time
        var answer = claim(second)
        while answer == -Int(EBUSY) { answer = claim(second) }
        #expect(answer == 0)
        #expect(device.received == [3, 4])
        second.end()
    }

    @Test("Bulk OUT reaches the device, bulk IN waits until it speaks, and the node is ready only meanwhile")
    func transfers() throws {
        defer { finish() }
        let program = try Program(path)
        #expect(claim(program) == 0)
        #expect(program.reap() == nil)
        #expect(!isReady())
        #expect(program.submit(8192, type: 3, endpoint: 1, data: Bytes("Rtp\r".utf8)) == 0)
        #expect(isReady())
        let out = try #require(program.reap())
        #expect(out == (8192, 0, 4))
        #expect(!isReady())
        #expect(program.submit(20480, type: 3, endpoint: 0x82, data: [], length: 64) == 0)
        #expect(program.reap() == nil)
        device.say(Bytes("KC200B\0".utf8))
        let answer = try #require(program.reap())
        #expect(answer == (20480, 0, 7))
        #expect(program.get(20480 + 4096) == Bytes("KC200B\0".utf8))
        program.end()
    }

    @Test("A control request that the device does not know stalls, another is answered")
    func control() throws {
        defer { finish() }
        let program = try Program(path)
        #expect(program.submit(8192, type: 2, endpoint: 0, data: [0xA1, 1, 0, 0, 0, 0, 1, 0, 0]) == 0)
        #expect(try #require(program.reap()) == (8192, 0, 1))
        #expect(program.get(8192 + 4096).last == 0x18)
        #expect(program.submit(8192, type: 2, endpoint: 0, data: [0xA1, 9, 0, 0, 0, 0, 1, 0, 0]) == 0)
        #expect(try #require(program.reap()).status == -EPIPE)
        program.end()
    }

    @Test("A transfer that is taken back ends with ENOENT")
    func discard() throws {
        defer { finish() }
        let program = try Program(path)
        #expect(claim(program) == 0)
        #expect(program.submit(8192, type: 3, endpoint: 0x82, data: [], length: 64) == 0)
        #expect(program.ioctl(11, 8192) == 0)
        #expect(try #require(program.reap()) == (8192, -ENOENT, 0))
        #expect(program.ioctl(11, 8192) == -Int(EINVAL))
        program.end()
    }

    @Test("Where a reader is demanded, bytes are stalled while no IN transfer waits, and taken while one does")
    func demandedReader() throws {
        defer { finish() }
        let program = try Program(path)
        #expect(claim(program) == 0)
        server.order(.demandReader)
        #expect(program.submit(8192, type: 3, endpoint: 1, data: [1]) == 0)
        #expect(try #require(program.reap()) == (8192, -EPIPE, 0))
        #expect(program.submit(20480, type: 3, endpoint: 0x82, data: [], length: 64) == 0)
        #expect(program.submit(8192, type: 3, endpoint: 1, data: [2]) == 0)
        #expect(try #require(program.reap()) == (8192, 0, 1))
        // an answer that lies there was posted for; once it is fetched, the next must be
        device.say([9])
        #expect(program.submit(8192, type: 3, endpoint: 1, data: [3]) == 0)
        #expect(try #require(program.reap()) == (20480, 0, 1))
        #expect(try #require(program.reap()) == (8192, 0, 1))
        #expect(program.submit(8192, type: 3, endpoint: 1, data: [4]) == 0)
        #expect(try #require(program.reap()) == (8192, -EPIPE, 0))
        #expect(device.received == [2, 3])
        program.end()
    }

    @Test("A pulled plug ends what waits with ESHUTDOWN and every further call with ENODEV")
    func unplug() throws {
        let program = try Program(path)
        #expect(claim(program) == 0)
        #expect(program.submit(8192, type: 3, endpoint: 0x82, data: [], length: 64) == 0)
        finish()
        #expect(try #require(program.reap()).status == -ESHUTDOWN)
        #expect(program.ioctl(13, 64) == -Int(ENODEV))
        #expect(program.submit(8192, type: 3, endpoint: 1, data: [1]) == -Int(ENODEV))
        #expect(claim(program) == -Int(ENODEV))
        program.end()
    }

    @Test("A program that dies while its bytes are fetched leaves the bus to the next (30 times)")
    func deaths() throws {
        defer { finish() }
        for round in 0..<30 {
            let dying = try Program(path)
            var answer = claim(dying)
            while answer == -Int(EBUSY) { answer = claim(dying) }
            #expect(answer == 0, "round \(round)")
            // the block says a length that is never delivered: the fetch meets the end of the file
            dying.submitAndDie(length: 1 << 20)
        }
        #expect(device.received.isEmpty)
        let next = try Program(path)
        var answer = claim(next)
        while answer == -Int(EBUSY) { answer = claim(next) }
        #expect(next.submit(8192, type: 3, endpoint: 1, data: [7]) == 0)
        #expect(device.received == [7])
        next.end()
    }
}

extension Program {
    /// Asks for a bulk OUT and is gone when the server comes for the bytes.
    fileprivate func submitAndDie(length: UInt32) {
        var block = Bytes(repeating: 0, count: 56)
        block[0] = 3
        block[1] = 1
        block.replaceSubrange(24..<28, with: withUnsafeBytes(of: length.littleEndian) { Bytes($0) })
        put(block, at: 8192)
        answerOnce(10, 8192)
        end()
    }
}
