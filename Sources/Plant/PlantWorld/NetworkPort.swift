import Foundation
import Glibc
import Ground
import PlantPrinter

/// A machine's socket in the network: what a program sends goes to the machine, what the machine says goes back. One
/// connection at a time, as the machines of this kind have it.
final class NetworkPort: @unchecked Sendable {
    // guarded by `lock`
    private let lock = NSLock()
    private var listener: Int32 = -1
    private var current: Int32 = -1
    private let port: UInt16
    private let device: PrinterDevice

    init(port: UInt16, device: PrinterDevice) throws(SakkError) {
        self.port = port
        self.device = device
        try open()
    }

    /// Power is there: programs may connect.
    func open() throws(SakkError) {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var one: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &one, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let bound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard bound == 0, listen(descriptor, 4) == 0 else {
            throw SakkError(
                "plant.network", source: "port \(port)",
                native: SakkError.Native(kind: "errno", value: String(errno)),
                text: "The machine's port cannot be opened.", remedy: "Name a free port in the scenario.")
        }
        lock.withLock { listener = descriptor }
        Thread.detachNewThread { [self] in acceptAll(descriptor) }
    }

    /// Power went, or the plant ends.
    func close() {
        lock.withLock {
            for descriptor in [listener, current] where descriptor >= 0 { shutdown(descriptor, Int32(SHUT_RDWR)) }
            if listener >= 0 { Glibc.close(listener) }
            listener = -1
        }
    }

    private func acceptAll(_ listener: Int32) {
        while true {
            let connection = accept(listener, nil, nil)
            if connection < 0 {
                if errno == EINTR { continue }
                return
            }
            lock.withLock { current = connection }
            serve(connection)
            lock.withLock { current = -1 }
            Glibc.close(connection)
        }
    }

    private func serve(_ connection: Int32) {
        let send: @Sendable () -> Void = { [device] in
            while true {
                let bytes = device.take(upTo: 1 << 20)
                if bytes.isEmpty { return }
                ControlSocket.writeAll(connection, bytes)
            }
        }
        device.connectionBegins()
        send()
        device.notify(send)
        var buffer = Bytes(repeating: 0, count: 65536)
        while true {
            let count = recv(connection, &buffer, buffer.count, 0)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            device.receive(Bytes(buffer[..<count]))
        }
        device.notify(nil)
        device.connectionEnded()
    }
}
