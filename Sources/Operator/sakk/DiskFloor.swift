import Glibc
import Ground

/// What the disk under a file costs without any store: one page written in place and synced, and again, as two
/// transactions must do at the least. No store that keeps what it promised is faster on this disk.
final class DiskFloor {
    private let file: Int32
    private let path: String
    private var place: off_t = 0

    private static let page = 4096
    /// Pages that are written over in turns, as a write-ahead log is.
    private static let pages = 1024

    /// Beside the store's file; nil for a store on a server.
    init?(beside store: String) {
        guard !store.contains("://") else { return nil }
        path = store + ".floor"
        file = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard file >= 0 else { return nil }
        let page = Bytes(repeating: 0x5A, count: DiskFloor.page)
        for index in 0..<DiskFloor.pages where pwrite(file, page, page.count, off_t(index * DiskFloor.page)) < 0 {
            return nil
        }
        guard fsync(file) == 0 else { return nil }
    }

    deinit {
        close(file)
        unlink(path)
    }

    /// Two pages, each on disk before the next. Errors: `bench.disk`.
    func twoSyncs() throws(SakkError) {
        for _ in 0..<2 {
            let page = Bytes(repeating: UInt8(truncatingIfNeeded: place), count: DiskFloor.page)
            guard pwrite(file, page, page.count, place * off_t(DiskFloor.page)) == page.count, fdatasync(file) == 0
            else {
                throw SakkError(
                    "bench.disk", source: path, text: "The disk cannot be written.", remedy: "See what `dmesg` says.")
            }
            place = (place + 1) % off_t(DiskFloor.pages)
        }
    }
}
