internal import Ground
internal import OpenSSLCrypto

/// Keys of Basic Access Control (Doc 9303-11 clauses 4.3.2 and 9.7.2) and what opens a document.
enum AccessKeys {
    /// From `information`: document number, birth and expiry, each with its check digit.
    static func basic(information: String) -> SessionKeys {
        CipherSuite.tripleDES.keys(from: Bytes(Digest.sha1(Bytes(information.utf8)).prefix(16)))
    }

    /// The document number is filled to nine characters; a longer one is used whole (Doc 9303-5 clause 4.2.2).
    static func information(documentNumber: String, dateOfBirth: String, dateOfExpiry: String) -> String {
        let filler = String(repeating: "<", count: max(0, 9 - documentNumber.utf8.count))
        return [documentNumber + filler, dateOfBirth, dateOfExpiry].map { $0 + checkDigit($0) }.joined()
    }

    /// Weights 7 3 1 over digits, letters from A = 10, and `<` = 0 (Doc 9303-3 clause 4.9).
    private static func checkDigit(_ field: String) -> String {
        var sum = 0
        for (index, character) in field.utf8.enumerated() {
            let value =
                switch character {
                case 0x30...0x39: Int(character) - 0x30
                case 0x41...0x5A: Int(character) - 0x41 + 10
                default: 0
                }
            sum += value * [7, 3, 1][index % 3]
        }
        return String(sum % 10)
    }
}
