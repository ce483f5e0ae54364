import COpenSSL
import Ground

/// A BIO with a copy of the bytes. `BIO_new_mem_buf` keeps the caller's pointer, and an array lends its own only for the
/// length of one call.
func memoryBIO(_ bytes: Bytes) -> OpaquePointer? {
    guard let count = Int32(exactly: bytes.count), let bio = BIO_new(BIO_s_mem()) else { return nil }
    guard count == 0 || BIO_write(bio, bytes, count) == count else {
        BIO_free(bio)
        return nil
    }
    return bio
}
