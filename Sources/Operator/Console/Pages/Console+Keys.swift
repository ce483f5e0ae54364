import Ground
import Ledger
import OpenSSLCrypto
import Shipping

extension Console {
    /// The key officer's page: where each line's keys are, and how much its signers signed. It shows and changes nothing:
    /// keys are made and named at the token, by its officers (`sakk keys`).
    func keyRoutes() -> [Route] {
        [
            Route(
                "GET", "/keys", .roles([.keyOfficer, .supervisor, .auditor]),
                "Keys and document signers of each line: period, attempts signed, who signs now"
            ) { [unowned self] visit throws(SakkError) in
                let now = time.wall()
                var shown: [JSONValue] = []
                var known: Set<String> = []
                let used = try await books.read(SignerUseQuery())
                for line in lines {
                    var signs = false
                    var rows: [JSONValue] = []
                    for key in try await line.keys() {
                        let count = key.certificate.map { used[$0] ?? 0 }
                        let state = key.state(at: now, used: count ?? 0)
                        let isNext = key.use == .documentSigner && state == .ready && !signs
                        signs = signs || isNext
                        if let certificate = key.certificate { known.insert(certificate) }
                        rows.append(Console.json(key, count, isNext ? "signs" : state.rawValue))
                    }
                    shown.append([
                        "line": .string(line.id.rawValue), "keys": .array(rows),
                        "is_short": .bool(!rows.isEmpty && !signs),
                    ])
                }
                let past = used.filter { !known.contains($0.key) }.sorted { $0.key < $1.key }
                return .page(
                    "keys",
                    [
                        "lines": .array(shown), "dispatch": try dispatchKeyShown(), "has_past": .bool(!past.isEmpty),
                        "past": .array(
                            past.map { ["certificate": .string($0.key), "count": .integer(Int64($0.value))] }),
                    ])
            }
        ]
    }

    /// The key that signs labels, manifests and holders' codes: it belongs to no line.
    private func dispatchKeyShown() throws(SakkError) -> JSONValue {
        guard let signer else { return .null }
        let info = try signer.publicKeyInfo()
        return ["curve": .string(try PhoneKey(info: info).curve), "digest": .string(Digest.sha256.of(info).hex)]
    }

    private static func json(_ key: ServedKey, _ count: Int?, _ state: String) -> JSONValue {
        [
            "use": .string(key.use.rawValue), "place": .string(key.place),
            "certificate": key.certificate.map { .string($0) } ?? .null,
            "subject": key.subject.map { .string($0) } ?? .null,
            "from": key.from.map { .integer($0.microseconds) } ?? .null,
            "until": key.until.map { .integer($0.microseconds) } ?? .null,
            "count": count.map { .integer(Int64($0)) } ?? .null,
            "count_max": key.attemptsMax.map { .integer(Int64($0)) } ?? .null, "state": .string(state),
            "is_abnormal": .bool(["early", "over", "spent"].contains(state)),
        ]
    }
}
