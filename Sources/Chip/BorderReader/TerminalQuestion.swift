public import Ground

/// What a border process asks its line in the middle of a document: the signature of Terminal Authentication. The key is the
/// line's; the process that reads what a chip says never has it. In the frame of a `BorderAnswer`; the answer is the signature,
/// or nothing.
public enum TerminalQuestion {
    /// Who the chip is, its challenge, and the terminal's ephemeral key (Doc 9303-11 clause 7.1): 10 to 66 bytes (a document
    /// number, a hash, a coordinate), 8, and 20 to 66. Nothing else is signed.
    static let messageBytes = 10 + 8 + 20...66 + 8 + 66

    public static func encoded(_ message: Bytes) -> Bytes { BorderAnswer.frame(["to_sign": .string(message.hex)]) }

    /// The message to be signed; nil for what is no question, or asks for another kind of message.
    public static func message(_ bytes: Bytes) -> Bytes? {
        var reader = ByteReader(bytes)
        guard let length = reader.unsigned(4), let text = reader.read(Int(length)), reader.isAtEnd,
            let head = try? JSONValue(parsing: text), let message = head["to_sign"]?.string.flatMap({ Bytes(hex: $0) }),
            messageBytes.contains(message.count)
        else { return nil }
        return message
    }
}
