import Ground
import OpenSSLCrypto
import Stations

/// A vault that outlives every crash: the week's keys follow from the week. For invented people only.
struct SimulatedWeekKeys: WeekKeys {
    private func key(_ name: String) -> SecretBytes {
        var bytes = Digest.sha256(Bytes("sakk.simulation/\(name)".utf8))
        return SecretBytes(wiping: &bytes)
    }

    private func nonce(_ name: Bytes) -> Bytes { Bytes(Digest.sha256(name).prefix(12)) }

    func wrap(_ key: borrowing SecretBytes, week: ApprovalWeek, name: Bytes) throws(SakkError) -> Bytes {
        let wrapping = self.key("\(week)")
        return try key.withBytes { (bytes) throws(SakkError) in
            try AES.gcmSeal(key: wrapping, nonce: nonce(name), data: Bytes(bytes), aad: name)
        }
    }

    func unwrap(_ wrapped: Bytes, week: ApprovalWeek, name: Bytes) throws(SakkError) -> SecretBytes {
        var bytes = try AES.gcmOpen(key: key("\(week)"), nonce: nonce(name), sealed: wrapped, aad: name)
        return SecretBytes(wiping: &bytes)
    }

    func destroy(_ week: ApprovalWeek) throws(SakkError) {
        throw SakkError("vault.denied", source: "simulation", text: "Nothing is forgotten here.", remedy: "None.")
    }

    func weeks() throws(SakkError) -> [ApprovalWeek] { [] }
    func prepare() throws(SakkError) {}
    func tag(_ data: Bytes) throws(SakkError) -> Bytes { HMAC.sha256(key: key("tag"), data: data) }
    var check: Bytes { get throws(SakkError) { Digest.sha256(Bytes("sakk.simulation/check".utf8)) } }
}
