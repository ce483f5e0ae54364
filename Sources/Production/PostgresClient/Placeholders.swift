/// `?` becomes `$1`, `$2`, … outside of quotes and comments; `??` is the operator `?`.
///
/// A placeholder before `IS NULL` gets a type (`$1::text`), because the server cannot infer one there (SQLSTATE 42P18).
struct Placeholders {
    private(set) var text = ""
    private(set) var count = 0

    init(_ sql: String) throws(PostgresFailure) {
        var source = Scanner(Array(sql.utf8))
        var output: [UInt8] = []
        output.reserveCapacity(source.bytes.count + 16)
        while let byte = source.peek {
            guard byte == UInt8(ascii: "?") else {
                output += source.token()
                continue
            }
            source.skip(1)
            if source.peek == byte {
                source.skip(1)
                output.append(byte)
            } else if let next = source.peek, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(next) {
                throw PostgresFailure(.misuse, detail: "numbered placeholders (?1) are not understood")
            } else {
                count += 1
                output += Array("$\(count)".utf8)
                if source.looksAtIsNull { output += Array("::text".utf8) }
            }
        }
        text = String(decoding: output, as: UTF8.self)
    }

    private struct Scanner {
        let bytes: [UInt8]
        var position = 0

        init(_ bytes: [UInt8]) { self.bytes = bytes }

        var peek: UInt8? { position < bytes.count ? bytes[position] : nil }
        mutating func skip(_ count: Int) { position += count }

        /// A quoted part or comment as a whole, or one byte.
        mutating func token() -> ArraySlice<UInt8> {
            let start = position
            switch bytes[position] {
            case UInt8(ascii: "'"): quoted(by: UInt8(ascii: "'"), escapes: followsEscapeMark)
            case UInt8(ascii: "\""): quoted(by: UInt8(ascii: "\""), escapes: false)
            case UInt8(ascii: "-") where at(1) == UInt8(ascii: "-"):
                while let byte = peek, byte != UInt8(ascii: "\n") { position += 1 }
            case UInt8(ascii: "/") where at(1) == UInt8(ascii: "*"): comment()
            case UInt8(ascii: "$"): dollarQuoted()
            default: position += 1
            }
            return bytes[start..<position]
        }

        private func at(_ offset: Int) -> UInt8? {
            bytes.indices.contains(position + offset) ? bytes[position + offset] : nil
        }

        private static func isWord(_ byte: UInt8) -> Bool {
            byte == UInt8(ascii: "_") || byte >= 128 || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
        }

        /// `E'...'` knows backslashes, `name'` does not begin one.
        private var followsEscapeMark: Bool {
            guard let mark = at(-1), mark | 0x20 == UInt8(ascii: "e") else { return false }
            return at(-2).map { !Self.isWord($0) } ?? true
        }

        private mutating func quoted(by quote: UInt8, escapes: Bool) {
            position += 1
            while let byte = peek {
                position += 1
                if escapes, byte == UInt8(ascii: "\\") {
                    position = min(position + 1, bytes.count)
                } else if byte == quote {
                    guard peek == quote else { return }
                    position += 1
                }
            }
        }

        private mutating func comment() {
            var depth = 0
            while peek != nil {
                if peek == UInt8(ascii: "/"), at(1) == UInt8(ascii: "*") {
                    depth += 1
                    position += 2
                } else if peek == UInt8(ascii: "*"), at(1) == UInt8(ascii: "/") {
                    depth -= 1
                    position += 2
                    if depth == 0 { return }
                } else {
                    position += 1
                }
            }
        }

        /// `$tag$ ... $tag$`; a `$` that opens nothing is itself.
        private mutating func dollarQuoted() {
            var end = position + 1
            while end < bytes.count, Self.isWord(bytes[end]) { end += 1 }
            guard end < bytes.count, bytes[end] == UInt8(ascii: "$"), at(-1).map({ !Self.isWord($0) }) ?? true else {
                position += 1
                return
            }
            let tag = bytes[position...end]
            position = end + 1
            while position < bytes.count {
                if bytes[position...].starts(with: tag) {
                    position += tag.count
                    return
                }
                position += 1
            }
        }

        var looksAtIsNull: Bool {
            let rest = String(decoding: bytes[position...].prefix(32), as: UTF8.self).lowercased()
            guard rest.first?.isWhitespace == true else { return false }
            let words = rest.split(whereSeparator: \.isWhitespace).prefix(3).map { $0.prefix(while: \.isLetter) }
            return words.starts(with: ["is", "null"]) || words.starts(with: ["is", "not", "null"])
        }
    }
}
