internal import CJail
internal import Glibc
internal import Ground

/// Memory without a name that a controller writes and wipes and its worker reads. It never changes its size.
public final class WorkerMemory {
    public let bytes: UnsafeMutableRawBufferPointer
    let descriptor: Int32

    /// Made here; nil, and `errno`, when there is none to be had.
    public init?(count: Int) {
        descriptor = sakk_memory_make(count)
        let place = descriptor < 0 ? MAP_FAILED : mmap(nil, count, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0)
        guard let place, place != MAP_FAILED else {
            if descriptor >= 0 { close(descriptor) }
            return nil
        }
        bytes = UnsafeMutableRawBufferPointer(start: place, count: count)
        madvise(place, count, MADV_DONTDUMP)
    }

    deinit {
        munmap(bytes.baseAddress, bytes.count)
        close(descriptor)
    }

    /// Forgets what stands at its beginning.
    public func forget(_ count: Int) {
        Self.wipe(UnsafeMutableRawBufferPointer(rebasing: bytes[..<min(count, bytes.count)]))
    }

    /// Overwrites memory that is not read again.
    public static func wipe(_ bytes: UnsafeMutableRawBufferPointer) { sakk_memory_wipe(bytes.baseAddress, bytes.count) }
}
