public import Ground

/// One reason why a record or batch is refused, as one line for the person who must mend it.
/// `reason` names the rule that is broken, never the value.
public struct RecordProblem: Sendable, Equatable, CustomStringConvertible {
    /// Name of the record in its batch, for example `0007.p7m`; the file's own name for problems of the whole file.
    public let recordName: String
    /// Path of the field, for example `names.latin.surname`; empty when it is about the whole record.
    public let field: String
    public let code: SakkError.Code
    public let reason: String

    public init(recordName: String, field: String = "", code: SakkError.Code, reason: String) {
        self.recordName = recordName
        self.field = field
        self.code = code
        self.reason = reason
    }

    public var description: String {
        "\(recordName): \(code)\(field.isEmpty ? "" : " \(field)"): \(reason)"
    }

    var error: SakkError {
        SakkError(
            code, source: "record \(recordName)", subject: field.isEmpty ? nil : field, text: reason,
            remedy: "Return the record to the authority that approved it.")
    }
}
