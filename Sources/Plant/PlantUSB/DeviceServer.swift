import Foundation
import Glibc
import Ground

/// Serves the ioctls of one device node to any number of programs, one thread for each open file.
///
/// A claim and its transfers belong to the open file: at its end (also when its program was killed) they are dropped,
/// while the device keeps its own state, half a command included.
final class DeviceServer: @unchecked Sendable {
    // everything below `lock` is used under it
    private let lock = NSLock()
    private let device: any VirtualUSBDevice
    private let node: ReadyNode
    private let listener: Int32
    private let path: String
    private var owner: ObjectIdentifier?
    private var files: [ObjectIdentifier: OpenFile] = [:]
    private var gone = false
    private var faults: [BusFault] = []
    private var outHalted = false
    private var inHalted = false
    private var demandsReader = false

    init(device: any VirtualUSBDevice, node: String, socket path: String) throws(SakkError) {
        self.device = device
        self.path = path
        for file in [node, path] {
            let folder = URL(fileURLWithPath: file).deletingLastPathComponent().path
            try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        }
        self.node = try ReadyNode(path: node)
        listener = try DeviceServer.listen(path)
        device.notify { [weak self] in self?.deviceIsReady() }
        Thread.detachNewThread { [self] in acceptAll() }
    }

    private static func listen(_ path: String) throws(SakkError) -> Int32 {
        unlink(path)
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let room = MemoryLayout.size(ofValue: address.sun_path)
        let bytes = Array(path.utf8)
        if bytes.count < room {
            withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        }
        let bound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard bytes.count < room, bound == 0, Glibc.listen(descriptor, 16) == 0 else {
            throw SakkError(
                "plant.usb", source: path, native: SakkError.Native(kind: "errno", value: String(errno)),
                text: "The device's socket cannot be made.", remedy: "Check the length of the temporary folder's path.")
        }
        return descriptor
    }

    /// Pulls the plug. The files go first: whoever opens the node now finds none, and whoever just did is still answered,
    /// by "no such device", since the preload ends a program that it cannot connect.
    func unplug() {
        node.unlink()
        Glibc.unlink(path)
        lock.lock()
        gone = true
        owner = nil
        for file in files.values { file.failPending(status: -ESHUTDOWN) }
        node.set(ready: true)
        lock.unlock()
        device.notify(nil)
        Thread.detachNewThread { [listener] in
            usleep(DeviceServer.lateMicroseconds)
            shutdown(listener, Int32(SHUT_RDWR))
            close(listener)
        }
    }

    /// Longer than from the open of a node to the connection that belongs to it.
    private static let lateMicroseconds: UInt32 = 1_000_000

    private func acceptAll() {
        while true {
            let descriptor = accept(listener, nil, nil)
            if descriptor < 0 {
                if errno == EINTR { continue }
                return
            }
            Thread.detachNewThread { [self] in serve(descriptor) }
        }
    }

    private func serve(_ descriptor: Int32) {
        let channel = IoctlChannel(descriptor)
        let file = OpenFile()
        let name = ObjectIdentifier(file)
        lock.withLock { files[name] = file }
        while let message = channel.next() {
            switch message.kind {
            case .ioctl(let request, let argument):
                let result = ioctl(request, argument, file: file, channel: channel)
                guard channel.done(result) else { break }
            case .other:
                guard channel.done(.notHandled) else { break }
            }
        }
        lock.withLock {
            files[name] = nil
            if owner == name { owner = nil }
            refreshNode()
        }
        close(descriptor)
    }

    private func deviceIsReady() {
        lock.lock()
        defer { lock.unlock() }
        fillPending()
    }

    func order(_ fault: BusFault) {
        lock.lock()
        defer { lock.unlock() }
        guard fault != .demandReader else {
            demandsReader = true
            return
        }
        faults.append(fault)
        if fault == .stallIn { haltIn() }
        refreshNode()
    }

    /// Every transfer that waits for the device ends with a stall. Under the lock.
    private func haltIn() {
        faults.removeAll { $0 == .stallIn }
        inHalted = true
        for file in files.values {
            while let index = file.pending.firstIndex(where: { $0.isBulkIn }) {
                var transfer = file.pending.remove(at: index)
                transfer.status = -EPIPE
                file.completed.append(transfer)
            }
        }
    }

    /// Takes an OUT transfer, as far as the wire lets it. Under the lock.
    private func takeOut(_ transfer: TransferBlock, file: OpenFile) {
        var transfer = transfer
        func take(_ count: Int) {
            let part = Bytes(transfer.data.prefix(count))
            device.receive(part)
            transfer.actual = part.count
            transfer.data = []
        }
        // an answer that the program has not fetched yet was posted for
        let isHeard = file.pending.contains { $0.isBulkIn } || file.completed.contains { $0.isBulkIn }
        if outHalted || (demandsReader && !isHeard) {
            transfer.status = -EPIPE
            transfer.data = []
            file.completed.append(transfer)
            return
        }
        guard let fault = faults.first, fault != .stallIn else {
            take(transfer.length)
            file.completed.append(transfer)
            return
        }
        let limit: Int
        switch fault {
        case .stallOut(let count), .partialOut(let count), .pullOut(let count): limit = count
        case .stallIn, .demandReader: limit = 0
        }
        guard transfer.length > limit else {
            // not yet: so many bytes fewer are left until then
            switch fault {
            case .stallOut: faults[0] = .stallOut(afterBytes: limit - transfer.length)
            case .partialOut: faults[0] = .partialOut(bytes: limit - transfer.length)
            case .pullOut: faults[0] = .pullOut(afterBytes: limit - transfer.length)
            case .stallIn, .demandReader: break
            }
            take(transfer.length)
            file.completed.append(transfer)
            return
        }
        faults.removeFirst()
        take(limit)
        switch fault {
        case .stallOut:
            outHalted = true
            transfer.status = -EPIPE
            file.completed.append(transfer)
        case .pullOut:
            file.pending.append(transfer)
            device.pulled()
        default: file.pending.append(transfer)
        }
    }

    /// CLEAR_HALT: the endpoint's number stands at `argument`.
    private func clearHalt(_ argument: UInt, channel: IoctlChannel) -> IoctlResult {
        guard let bytes = channel.fetch(argument, 4) else { return .failed(EFAULT) }
        return lock.withLock {
            if bytes[0] & 0x80 != 0 { inHalted = false } else { outHalted = false }
            return gone ? .failed(ENODEV) : .value(0)
        }
    }

    /// Gives what the device has ready to the transfers that wait for it. Under the lock.
    private func fillPending() {
        for file in files.values {
            while let index = file.pending.firstIndex(where: { $0.isBulkIn }) {
                let bytes = device.take(upTo: file.pending[index].length)
                if bytes.isEmpty { break }
                var transfer = file.pending.remove(at: index)
                transfer.data = bytes
                transfer.actual = bytes.count
                file.completed.append(transfer)
            }
        }
        refreshNode()
    }

    private func refreshNode() {
        node.set(ready: gone || files.values.contains { !$0.completed.isEmpty })
    }

    private func ioctl(_ request: UInt, _ argument: UInt, file: OpenFile, channel: IoctlChannel) -> IoctlResult {
        // fetched outside the lock: the program may have died, and a stopped one would hold everybody up
        let number = USBDevFS(request)
        switch number {
        case .submit:
            guard let header = channel.fetch(argument, TransferBlock.size),
                var transfer = TransferBlock(address: argument, bytes: header)
            else { return .failed(EFAULT) }
            if transfer.needsData {
                guard let data = channel.fetch(transfer.buffer, transfer.length) else { return .failed(EFAULT) }
                transfer.data = data
            }
            return submit(transfer, file: file)
        case .claim, .disconnectClaim, .release:
            guard channel.fetch(argument, 4) != nil else { return .failed(EFAULT) }
            return claim(file, take: number != .release)
        case .reap, .reapNoDelay: return reap(argument, file: file, channel: channel)
        case .discard: return discard(argument, file: file)
        case .capabilities:
            // zero packet, no packet size limit, scatter-gather, reap after disconnect
            return channel.store(argument, [0x1D, 0, 0, 0]) ? .value(0) : .failed(EFAULT)
        case .getDriver, .disconnect, .driverIoctl: return .failed(ENODATA)
        case .speed: return .value(3)
        case .clearHalt: return clearHalt(argument, channel: channel)
        case .resetEndpoint, .setInterface, .setConfiguration, .reset, .connect:
            return lock.withLock { gone ? .failed(ENODEV) : .value(0) }
        case .unknown: return .failed(ENOTTY)
        }
    }

    private func claim(_ file: OpenFile, take: Bool) -> IoctlResult {
        lock.lock()
        defer { lock.unlock() }
        if gone { return .failed(ENODEV) }
        let name = ObjectIdentifier(file)
        if take {
            if let owner, owner != name { return .failed(EBUSY) }
            owner = name
        } else if owner == name {
            owner = nil
        }
        return .value(0)
    }

    private func submit(_ transfer: TransferBlock, file: OpenFile) -> IoctlResult {
        lock.lock()
        defer { lock.unlock() }
        if gone { return .failed(ENODEV) }
        var transfer = transfer
        if transfer.isControl {
            guard let setup = transfer.setup else { return .failed(EINVAL) }
            let answer = answerControl(setup, data: Bytes(transfer.data.dropFirst(8)))
            if let answer {
                transfer.actual = setup.isIn ? min(answer.count, setup.length) : setup.length
                transfer.data = setup.isIn ? Bytes(transfer.data.prefix(8)) + answer.prefix(setup.length) : []
            } else {
                transfer.status = -EPIPE
                transfer.data = []
            }
            file.completed.append(transfer)
        } else {
            // another program's claim keeps this one out
            guard owner == ObjectIdentifier(file) else { return .failed(EBUSY) }
            if transfer.isBulkIn {
                guard !inHalted else {
                    transfer.status = -EPIPE
                    file.completed.append(transfer)
                    refreshNode()
                    return .value(0)
                }
                file.pending.append(transfer)
                fillPending()
            } else {
                takeOut(transfer, file: file)
            }
        }
        refreshNode()
        return .value(0)
    }

    private func answerControl(_ setup: ControlSetup, data: Bytes) -> Bytes? {
        if setup.type == 0x80, setup.request == 6, setup.value >> 8 == 1 { return Bytes(device.descriptors.prefix(18)) }
        if setup.type == 0x80, setup.request == 6, setup.value >> 8 == 2 {
            return Bytes(device.descriptors.dropFirst(18))
        }
        return device.control(
            type: setup.type, request: setup.request, value: setup.value, index: setup.index, length: setup.length,
            data: data)
    }

    private func reap(_ argument: UInt, file: OpenFile, channel: IoctlChannel) -> IoctlResult {
        let transfer: TransferBlock? = lock.withLock {
            guard !file.completed.isEmpty else { return nil }
            let first = file.completed.removeFirst()
            refreshNode()
            return first
        }
        guard let transfer else { return lock.withLock { .failed(gone ? ENODEV : EAGAIN) } }
        // the answer's bytes first, then the block, then its address
        guard transfer.data.isEmpty || channel.store(transfer.buffer, transfer.data),
            channel.store(transfer.address, transfer.encoded),
            channel.store(argument, transfer.addressBytes)
        else { return .failed(EFAULT) }
        return .value(0)
    }

    private func discard(_ address: UInt, file: OpenFile) -> IoctlResult {
        lock.lock()
        defer { lock.unlock() }
        guard let index = file.pending.firstIndex(where: { $0.address == address }) else { return .failed(EINVAL) }
        var transfer = file.pending.remove(at: index)
        transfer.status = -ENOENT
        file.completed.append(transfer)
        refreshNode()
        return .value(0)
    }
}

/// What belongs to one open file.
final class OpenFile {
    var pending: [TransferBlock] = []
    var completed: [TransferBlock] = []

    func failPending(status: Int32) {
        for var transfer in pending {
            transfer.status = status
            completed.append(transfer)
        }
        pending = []
    }
}
