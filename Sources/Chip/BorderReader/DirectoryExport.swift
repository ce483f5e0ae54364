internal import Foundation
internal import Ground

/// An export of a directory as LDIF (RFC 2849), the form in which the Public Key Directory hands out master lists, revocation
/// lists and document signers: the binary values in it.
enum DirectoryExport {
    /// Whether a text begins as one does: comments and empty lines, then `version:` or `dn:`.
    static func isOne(_ bytes: Bytes) -> Bool {
        for line in bytes.prefix(4096).split(separator: 0x0A) {
            if line.first == UInt8(ascii: "#") || line.allSatisfy({ $0 == 0x20 || $0 == 0x0D }) { continue }
            return line.starts(with: Bytes("version:".utf8)) || line.starts(with: Bytes("dn:".utf8))
        }
        return false
    }

    /// Values in base64, in their order; a line that begins with a space goes on with the one before it.
    static func values(_ bytes: Bytes) -> [Bytes] {
        var found: [Bytes] = []
        var text: Bytes?
        func close() {
            if let text, let value = Data(base64Encoded: Data(text)), !value.isEmpty { found.append(Bytes(value)) }
        }
        for line in bytes.split(separator: 0x0A, omittingEmptySubsequences: false) {
            let content = line.last == 0x0D ? line.dropLast() : line
            if content.first == 0x20 {
                text?.append(contentsOf: content.dropFirst())
                continue
            }
            close()
            text = nil
            guard let colon = content.firstIndex(of: UInt8(ascii: ":")),
                content.dropFirst(colon - content.startIndex + 1).first == UInt8(ascii: ":")
            else { continue }
            text = Bytes(content[(colon + 2)...].drop { $0 == 0x20 })
        }
        close()
        return found
    }
}
