import Ground

/// JSON from a server. Members that are not known are passed over, so that a server may grow.
enum WebJSON {
    static func object(_ body: Bytes, schema: String, source: String) throws(SakkError) -> JSONValue {
        let value: JSONValue
        do {
            value = try JSONValue(parsing: body)
        } catch {
            throw WebFailure.schema(source, "it is not JSON (\(error.reason), byte \(error.offset))")
        }
        guard value["schema"]?.string == schema else {
            throw WebFailure.schema(source, "its schema is not \(schema)")
        }
        return value
    }

    /// Visible ASCII, 1 to 128: such ids go to journals and logs.
    static func isName(_ text: String) -> Bool {
        (1...128).contains(text.utf8.count) && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
    }
}
