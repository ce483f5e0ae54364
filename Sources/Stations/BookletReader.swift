public import Ground

/// What a booklet says about itself to the machine that holds it.
public struct BookletIdentity: Sendable, Hashable {
    /// The page that the machine can work on. `other` is any page but the data page, the cover included.
    public enum Page: String, Sendable, Hashable { case data, other }

    /// The number that is perforated through the leaves or engraved, as read here; nil when it cannot be read.
    public let number: String?
    /// Category as cover or page show it, for example `diplomatic`; nil when the reader does not tell them apart.
    public let category: String?
    public let page: Page

    public init(number: String?, category: String?, page: Page) {
        self.number = number
        self.category = category
        self.page = page
    }
}

/// What lies in a booklet machine. Presence is asked here because a machine may mark empty air: its commands do not look
/// whether a booklet is there.
public enum BookletReading: Sendable, Hashable {
    case absent
    case booklet(BookletIdentity)
}

/// The reader of a booklet machine: a camera or page reader that sees the booklet's own number. It moves nothing.
public protocol BookletReader: Sendable {
    /// Opens the reader.
    func connect() async throws(SakkError)
    /// Looks at what lies in the machine. Throws only when the reader failed: an empty machine and a number that cannot
    /// be read are readings.
    func read() async throws(SakkError) -> BookletReading
    func disconnect() async
}
