internal import Ground

/// Why reading stopped: the station failed, or the chip did.
enum BorderFault: Error {
    /// No answer came; thrown on to the caller.
    case transport(SakkError)
    /// The chip answered wrongly; becomes a failed check with this text.
    case chip(String)
}
