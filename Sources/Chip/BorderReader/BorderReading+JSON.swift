public import Ground
internal import LDS
internal import OpenSSLCrypto

extension BorderReading {
    /// Members of a `sakk.border-check/1` document. Personal data is in it: the zone, and nothing else of the person.
    public var json: JSONValue {
        let hashes = Dictionary(
            uniqueKeysWithValues: files.map { fileID, bytes in
                (Hex.digits(of: BigEndian.bytes(fileID)), JSONValue.string(Digest.sha256(bytes).hex))
            })
        return [
            "passed": .bool(passed), "protocols": .array(protocols.map(JSONValue.string)),
            "mrz": .array(mrz.map(JSONValue.string)),
            "checks": .array(
                checks.map { check in
                    [
                        "name": .string(check.name), "passed": .bool(check.passed), "detail": .string(check.detail),
                        "reason": check.reason.map { .string($0.rawValue) } ?? .null,
                    ]
                }),
            "reasons": .array(reasons.map { .string($0.rawValue) }),
            "warnings": .array(warnings.map(JSONValue.string)), "sod_sha256": .string(sodHash.hex),
            "unread": .array(unread.sorted().map { .string("EF.DG\($0)") }),
            "portrait_format": .string(portraitFormat), "portrait_bytes": .integer(Int64(portrait.count)),
            "file_sha256": .object(hashes),
        ]
    }
}
