import CUSB
import Ground

/// Keeps one IN transfer posted, so that nothing that a device says is lost or held up. Its events are handled by whoever
/// handles events on the same thread: a send as well as a receive.
final class PostedReader {
    private let context: OpaquePointer
    private let handle: OpaquePointer
    private let endpoint: UInt8
    private let buffer: UnsafeMutablePointer<UInt8>
    private let transfer: UnsafeMutablePointer<libusb_transfer>
    private static let size = 65536
    /// What came, one entry for each transfer.
    private var inbox: [Bytes] = []
    private var isPosted = false
    /// The libusb code that ended the reading; 0 while all is well.
    private(set) var failure: Int32 = 0

    init?(context: OpaquePointer, handle: OpaquePointer, endpoint: UInt8) {
        guard let transfer = libusb_alloc_transfer(0) else { return nil }
        self.context = context
        self.handle = handle
        self.endpoint = endpoint
        self.transfer = transfer
        buffer = .allocate(capacity: PostedReader.size)
    }

    private var isFreed = false

    deinit { free() }

    /// To be called before the device's handle is closed: libusb looks at the handle while it frees a transfer. One that
    /// the library does not give back is left to it.
    func free() {
        guard !isFreed, !isPosted else { return }
        isFreed = true
        libusb_free_transfer(transfer)
        buffer.deallocate()
    }

    /// Posts the transfer (again); the libusb code.
    @discardableResult func post() -> Int32 {
        guard !isPosted, !isFreed else { return 0 }
        failure = 0
        transfer.pointee.dev_handle = handle
        transfer.pointee.endpoint = endpoint
        transfer.pointee.type = UInt8(LIBUSB_TRANSFER_TYPE_BULK.rawValue)
        transfer.pointee.timeout = 0
        transfer.pointee.flags = 0
        transfer.pointee.buffer = buffer
        transfer.pointee.length = Int32(PostedReader.size)
        transfer.pointee.user_data = Unmanaged.passUnretained(self).toOpaque()
        transfer.pointee.callback = { finished in
            guard let finished, let owner = finished.pointee.user_data else { return }
            Unmanaged<PostedReader>.fromOpaque(owner).takeUnretainedValue().finished(finished.pointee)
        }
        let code = libusb_submit_transfer(transfer)
        isPosted = code == 0
        if code != 0 { failure = code }
        return code
    }

    private func finished(_ transfer: libusb_transfer) {
        isPosted = false
        // what came counts even when the transfer failed
        if transfer.actual_length > 0 {
            inbox.append(Bytes(UnsafeBufferPointer(start: buffer, count: Int(transfer.actual_length))))
        }
        switch transfer.status {
        case LIBUSB_TRANSFER_COMPLETED: post()
        case LIBUSB_TRANSFER_CANCELLED: break
        case LIBUSB_TRANSFER_STALL: failure = LIBUSB_ERROR_PIPE.rawValue
        case LIBUSB_TRANSFER_NO_DEVICE: failure = LIBUSB_ERROR_NO_DEVICE.rawValue
        case LIBUSB_TRANSFER_OVERFLOW: failure = LIBUSB_ERROR_OVERFLOW.rawValue
        default: failure = LIBUSB_ERROR_IO.rawValue
        }
    }

    /// What came first, at most `count` bytes of it; nil when nothing came within the time or the reading has failed.
    func next(upTo count: Int, timeoutMS: Int) -> Bytes? {
        let deadline = SystemTime().boot().microseconds + Int64(timeoutMS) * 1000
        while inbox.isEmpty, failure == 0 {
            let left = deadline - SystemTime().boot().microseconds
            guard left > 0 else { return nil }
            var time = timeval(tv_sec: Int(left / 1_000_000), tv_usec: Int(left % 1_000_000))
            libusb_handle_events_timeout_completed(context, &time, nil)
        }
        guard let first = inbox.first else { return nil }
        if first.count <= count {
            inbox.removeFirst()
            return first
        }
        inbox[0] = Bytes(first.dropFirst(count))
        return Bytes(first.prefix(count))
    }

    /// Takes the transfer back; afterwards nothing of libusb points here any more.
    func end() {
        guard isPosted else { return }
        libusb_cancel_transfer(transfer)
        for _ in 0..<100 where isPosted {
            var time = timeval(tv_sec: 0, tv_usec: 20_000)
            libusb_handle_events_timeout_completed(context, &time, nil)
        }
    }
}
