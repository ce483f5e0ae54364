internal import Ground

extension SakkError {
    /// A fault of a template file, with its place.
    static func template(
        _ code: Code, file: String, line: Int, element: String? = nil, _ reason: String,
        remedy: String = "Correct the template and run `sakk check` again."
    ) -> SakkError {
        let place = element.map { ", \($0)" } ?? ""
        return SakkError(
            code, source: file, subject: element, text: "Line \(line)\(place): \(reason).", remedy: remedy)
    }

    /// A record that cannot be drawn. Names the field, never what it holds.
    static func field(_ code: Code, _ field: String, _ reason: String, remedy: String) -> SakkError {
        SakkError(code, source: "artwork", subject: field, text: reason, remedy: remedy)
    }
}
