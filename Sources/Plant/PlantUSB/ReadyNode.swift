import Glibc
import Ground

/// The device node as a FIFO: libusb polls it for writing, which is possible while a transfer is finished and not yet
/// reaped. One page and one byte in it make it unwritable.
final class ReadyNode {
    private let descriptor: Int32
    private let path: String
    private var isReady = true

    init(path: String) throws(SakkError) {
        self.path = path
        Glibc.unlink(path)
        guard mkfifo(path, 0o666) == 0, case let opened = open(path, O_RDWR | O_NONBLOCK), opened >= 0 else {
            throw SakkError(
                "plant.usb", source: path, native: SakkError.Native(kind: "errno", value: String(errno)),
                text: "The device node cannot be made.", remedy: "Check the space in the temporary folder.")
        }
        descriptor = opened
        _ = fcntl(descriptor, 1031, 4096)  // F_SETPIPE_SZ
        set(ready: false)
    }

    func unlink() { Glibc.unlink(path) }

    deinit { close(descriptor) }

    func set(ready: Bool) {
        guard ready != isReady else { return }
        var byte: UInt8 = 0
        if ready {
            _ = read(descriptor, &byte, 1)
        } else {
            _ = write(descriptor, &byte, 1)
        }
        isReady = ready
    }
}
