import Ground
import PlantChip

/// One chip in the words of an order, `scp=02 options=55 scheme=visa2 serial=7`. Read strictly, as a scenario is.
struct CardOrder {
    static let keys = [
        "serial", "batch", "scp", "options", "key", "version", "scheme", "memory", "counter", "uid", "state", "status",
        "instance", "cplc", "does",
    ]

    let configuration: VirtualCardConfiguration
    let serial: UInt32

    init(_ words: [String: String], next: UInt32) throws(SakkError) {
        if let strange = words.keys.sorted().first(where: { !CardOrder.keys.contains($0) }) {
            throw CardOrder.wrong("`\(strange)` is none of \(CardOrder.keys.joined(separator: ", "))")
        }
        let serial = try CardOrder.number("serial", words, radix: 10).map { UInt32(truncatingIfNeeded: $0) } ?? next
        let batch = UInt16(truncatingIfNeeded: try CardOrder.number("batch", words, radix: 16) ?? 0x2601)
        let isSCP02 = words["scp"] == "02"
        let master = words["key"] ?? "404142434445464748494A4B4C4D4E4F"
        guard let key = Bytes(hex: master), (isSCP02 ? [16] : [16, 24, 32]).contains(key.count) else {
            throw CardOrder.wrong("`key` has 16 bytes (AES also 24 or 32) in hexadecimal digits")
        }
        let scheme = words["scheme"] ?? (isSCP02 ? "visa2" : "kdf3")
        guard let scheme = VirtualCardConfiguration.TransportKeys.Scheme(rawValue: scheme) else {
            throw CardOrder.wrong("`scheme` is kdf3, visa2, visa, emv or none")
        }
        let version = UInt8(truncatingIfNeeded: try CardOrder.number("version", words, radix: 10) ?? 1)
        var card = VirtualCardConfiguration(
            cplc: CardProductionLifeCycle(serial: serial, batch: batch),
            transportKeys: .init(masterKey: key, version: version, scheme: scheme), seed: UInt64(serial))
        guard ["02", "03", nil].contains(words["scp"]) else { throw CardOrder.wrong("`scp` is 02 or 03") }
        let options = UInt8(
            truncatingIfNeeded: try CardOrder.number("options", words, radix: 16) ?? (isSCP02 ? 0x15 : 0x70))
        card.secureChannel = isSCP02 ? .scp02(options: options) : .scp03(options: options)
        card.memory = Int(try CardOrder.number("memory", words, radix: 10) ?? Int64(card.memory))
        card.sequenceCounter = UInt32(truncatingIfNeeded: try CardOrder.number("counter", words, radix: 10) ?? 0)
        card.knowsOnlyLegacyStatus = words["status"] == "legacy"
        card.deliveredSecured = words["state"] != "op_ready"
        card.deliveredWithInstance = words["instance"] == "yes"
        card.hidesCPLCAfterLock = words["cplc"] == "hidden"
        if let uid = words["uid"] {
            guard uid == "random" || Bytes(hex: uid) != nil else {
                throw CardOrder.wrong("`uid` is random or hexadecimal")
            }
            card.uid = Bytes(hex: uid).map { .fixed($0) } ?? .random
        }
        if let word = words["does"] { card.behaviour = try CardOrder.behaviour(word) }
        configuration = card
        self.serial = serial
    }

    /// `good`, `mute`, `slow:MS`, `silent:N`, `lost:N`, `reset:N`, `sw:N:WORD` (N is the number of the command, 1 is the next),
    /// `wrong-cryptogram`, `torn-put-key:before`, `torn-put-key:after`, `worn-counter`, `memory-full`,
    /// `fingers-open`, `fingers-open:until-proved`.
    static func behaviour(_ word: String) throws(SakkError) -> VirtualCardConfiguration.Behaviour {
        let parts = word.split(separator: ":").map(String.init)
        let number = parts.count > 1 ? Int(parts[1]) : nil
        switch (parts.first, number) {
        case ("good", nil): return .good
        case ("mute", nil): return .mute
        case ("slow", let value?): return .slow(milliseconds: UInt32(clamping: value))
        case ("silent", let value?): return .failsAt(apdu: value, .silent)
        case ("lost", let value?): return .failsAt(apdu: value, .answerLost)
        case ("reset", let value?): return .failsAt(apdu: value, .reset)
        case ("sw", let value?):
            if parts.count == 3, let status = UInt16(parts[2], radix: 16) {
                return .failsAt(apdu: value, .status(status))
            }
        case ("wrong-cryptogram", nil): return .wrongCryptogram
        case ("torn-put-key", nil):
            if word.hasSuffix(":before") { return .tornPutKey(afterCommit: false) }
            if word.hasSuffix(":after") { return .tornPutKey(afterCommit: true) }
        case ("worn-counter", nil): return .wornKeyCounter
        case ("memory-full", nil): return .memoryFull
        case ("fingers-open", nil): return .fingersOpen(untilProved: word.hasSuffix(":until-proved"))
        default: break
        }
        throw wrong(
            "a card does good, mute, slow:MS, silent:N, lost:N, reset:N, sw:N:WORD, wrong-cryptogram, "
                + "torn-put-key:before, torn-put-key:after, worn-counter, memory-full, fingers-open or "
                + "fingers-open:until-proved")
    }

    private static func number(_ key: String, _ words: [String: String], radix: Int) throws(SakkError) -> Int64? {
        guard let word = words[key] else { return nil }
        guard let value = Int64(word, radix: radix), value >= 0, value <= UInt32.max else {
            throw wrong("`\(key)` is a \(radix == 16 ? "hexadecimal" : "whole") number")
        }
        return value
    }

    static func wrong(_ reason: String) -> SakkError {
        SakkError(
            "plant.order", source: "order", text: "The order is not right: \(reason).",
            remedy: "See sakk-plant card --help.")
    }
}
