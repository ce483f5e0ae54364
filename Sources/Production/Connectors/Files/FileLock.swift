import Glibc

/// Holds a locked descriptor until it goes.
final class FileLock: Sendable {
    private let descriptor: Int32
    init?(_ descriptor: Int32?) {
        guard let descriptor else { return nil }
        self.descriptor = descriptor
    }
    deinit { close(descriptor) }
}
