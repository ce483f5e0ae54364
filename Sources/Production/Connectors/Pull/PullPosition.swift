import Ground

/// How far a source was read, as it stands in the ledger.
///
/// Cursor and records are committed together, and the acknowledgement follows. So the ledger also keeps from where the
/// last page was pulled until its acknowledgement is through: after a crash in between that page is pulled once more,
/// the ledger knows its records already, and the source hears what became of each.
struct PullPosition: Equatable {
    /// The cursor behind the last page.
    var after: String?
    /// The cursor before the last page, while that page may be unacknowledged.
    var again: Again?

    struct Again: Equatable {
        var after: String?
    }

    init(after: String?, again: Again?) {
        self.after = after
        self.again = again
    }

    /// A text that is no position stands for the beginning: reading anew changes nothing.
    init(_ text: String?) {
        let value = text.flatMap { try? JSONValue(parsing: Bytes($0.utf8)) }
        after = value?["after"]?.string
        again = value?["again"].map { Again(after: $0["after"]?.string) }
    }

    var text: String {
        func member(_ cursor: String?) -> JSONValue { cursor.map { .string($0) } ?? .null }
        var members = ["after": member(after)]
        if let again { members["again"] = ["after": member(again.after)] }
        return JSONValue.object(members).canonicalText
    }
}
