public import Ground
internal import Stations

/// A visible digital seal (ICAO Doc 9303-13 section 2; BSI TR-03137-1): header, message and signature, drawn as a Data
/// Matrix. Built in two steps, because the key is elsewhere: `signedBytes` goes to the signer, and its plain signature
/// (r and s, fixed width) makes the `encoded` seal.
public struct VisibleDigitalSeal: Sendable {
    /// Document feature definition and document type category, for example FB 06 of a residence permit.
    public struct Feature: Sendable, Hashable {
        public let definition: UInt8
        public let category: UInt8

        public init(definition: UInt8, category: UInt8) {
            self.definition = definition
            self.category = category
        }

        /// Four hexadecimal digits, as in `FB06`.
        public init?(hex: String) {
            guard hex.utf8.count == 4, let value = UInt16(hex, radix: 16) else { return nil }
            self.init(definition: UInt8(value >> 8), category: UInt8(value & 0xFF))
        }
    }

    /// Who signs: two letters of the state and two characters of the signer, and the reference of its certificate.
    public struct Signer: Sendable, Hashable {
        public let identifier: String
        public let certificateReference: String

        /// Nil unless the identifier has four characters A-Z, 0-9 and the reference 1 to 15 of 0-9, A-F.
        public init?(identifier: String, certificateReference: String) {
            let letters = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")
            guard identifier.count == 4, identifier.allSatisfy({ letters.contains($0) }),
                (1...15).contains(certificateReference.count),
                certificateReference.allSatisfy({ "0123456789ABCDEF".contains($0) })
            else { return nil }
            self.identifier = identifier
            self.certificateReference = certificateReference
        }
    }

    /// Header and message: what is signed.
    public let signedBytes: Bytes

    /// - Parameters:
    ///   - issuer: ICAO three-letter code.
    ///   - message: tag and value of each feature; a value has at most 254 bytes.
    /// Throws `artwork.seal.content` for a value that C40 or the lengths cannot carry.
    public init(
        issuer: String, signer: Signer, issued: CivilDate, signed: CivilDate, feature: Feature,
        message: [(tag: UInt8, value: Bytes)]
    ) throws(SakkError) {
        let length = String(signer.certificateReference.count, radix: 16, uppercase: true)
        let reference = signer.identifier + (length.count < 2 ? "0" : "") + length + signer.certificateReference
        var bytes: Bytes = [0xDC, 0x03]
        bytes += try Self.c40(issuer.padding(toLength: 3))
        bytes += try Self.c40(reference)
        bytes += Self.date(issued) + Self.date(signed)
        bytes += [feature.definition, feature.category]
        for (tag, value) in message {
            guard tag != 0xFF, value.count <= 254 else { throw Self.refused("A feature is longer than 254 bytes.") }
            bytes += [tag, UInt8(value.count)] + value
        }
        signedBytes = bytes
    }

    /// The whole seal. `signature` is plain: r and s of equal width. Throws `artwork.seal.content` over 254 bytes.
    public func encoded(signature: Bytes) throws(SakkError) -> Bytes {
        guard !signature.isEmpty, signature.count <= 254, signature.count.isMultiple(of: 2) else {
            throw Self.refused("The signature is not two numbers of equal width.")
        }
        return signedBytes + [0xFF, UInt8(signature.count)] + signature
    }

    /// C40 as Doc 9303-13, 2.6 has it: basic set only, `<` becomes a space; three characters make two bytes, two are
    /// filled by shift 1, and a single last one is 254 and its ASCII code plus one.
    public static func c40(_ text: String) throws(SakkError) -> Bytes {
        var values: [UInt16] = []
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "<"), UInt8(ascii: " "): values.append(3)
            case UInt8(ascii: "0")...UInt8(ascii: "9"): values.append(UInt16(byte - UInt8(ascii: "0")) + 4)
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): values.append(UInt16(byte - UInt8(ascii: "A")) + 14)
            default: throw refused("C40 of a seal knows only A-Z, 0-9, space and '<'.")
            }
        }
        var bytes = Bytes()
        var rest = values[...]
        while rest.count > 1 {
            let group = Array(rest.prefix(3)) + (rest.count == 2 ? [0] : [])
            let packed = 1600 * group[0] + 40 * group[1] + group[2] + 1
            bytes += [UInt8(packed >> 8), UInt8(packed & 0xFF)]
            rest = rest.dropFirst(3)
        }
        if let last = rest.first {
            let ascii = last == 3 ? 32 : last < 14 ? last - 4 + 48 : last - 14 + 65
            bytes += [254, UInt8(ascii + 1)]
        }
        return bytes
    }

    /// A date as three bytes: the number MMDDYYYY (Doc 9303-13, 2.3.1).
    public static func date(_ date: CivilDate) -> Bytes {
        let number = date.month * 1_000_000 + date.day * 10_000 + date.year
        return [UInt8(number >> 16 & 0xFF), UInt8(number >> 8 & 0xFF), UInt8(number & 0xFF)]
    }

    private static func refused(_ reason: String) -> SakkError {
        SakkError(
            "artwork.seal.content", source: "seal", text: reason,
            remedy: "Correct the issuer's and signer's codes in the configuration; hold the record.")
    }
}

extension String {
    /// With `<` up to a length.
    fileprivate func padding(toLength length: Int) -> String {
        self + String(repeating: "<", count: max(length - count, 0))
    }
}
