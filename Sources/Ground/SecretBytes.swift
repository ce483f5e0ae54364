import Glibc

/// Key bytes in memory: locked against swapping, wiped when the owner lets go, not copyable, not printable.
/// A copy happens only where the caller says `copy()`.
public struct SecretBytes: ~Copyable, @unchecked Sendable {
    // immutable after init and freed once in deinit, so it may cross threads
    private let base: UnsafeMutableRawPointer
    public let count: Int

    /// Takes the bytes over and wipes the array it was given.
    public init(wiping bytes: inout Bytes) {
        self.init(count: bytes.count) { target in
            bytes.withUnsafeMutableBytes { source in
                target.copyMemory(from: UnsafeRawBufferPointer(source))
                if let address = source.baseAddress { explicit_bzero(address, source.count) }
            }
        }
        bytes = []
    }

    /// Fills `count` fresh bytes in place.
    public init(count: Int, fill: (UnsafeMutableRawBufferPointer) -> Void) {
        base = UnsafeMutableRawPointer.allocate(byteCount: max(count, 1), alignment: 16)
        self.count = count
        _ = mlock(base, max(count, 1))  // best effort: RLIMIT_MEMLOCK may forbid it
        memset(base, 0, max(count, 1))
        fill(UnsafeMutableRawBufferPointer(start: base, count: count))
    }

    deinit {
        explicit_bzero(base, max(count, 1))
        _ = munlock(base, max(count, 1))
        base.deallocate()
    }

    public borrowing func withBytes<Result: ~Copyable, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(UnsafeRawBufferPointer(start: base, count: count))
    }

    /// A second owner of the same secret.
    public borrowing func copy() -> SecretBytes {
        SecretBytes(count: count) { target in
            target.copyMemory(from: UnsafeRawBufferPointer(start: base, count: count))
        }
    }
}
