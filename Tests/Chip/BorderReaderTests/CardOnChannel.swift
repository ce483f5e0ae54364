import Ground
import PlantChip
import SmartCard

/// A virtual card of the plant, held directly instead of through a reader.
final class CardOnChannel: CardChannel {
    let card: VirtualCard
    private(set) var sent = 0

    init(serial: UInt32 = 1) {
        card = VirtualCard(
            configuration: .init(
                cplc: .init(serial: serial, batch: 1),
                transportKeys: .init(masterKey: Bytes(repeating: 0x40, count: 16), version: 1), seed: UInt64(serial),
                deliveredWithInstance: true))
        _ = card.powerOn()
    }

    func transmit(_ command: APDUCommand) throws(SakkError) -> APDUResponse {
        sent += 1
        guard let answer = card.process(command.encoded), let response = APDUResponse(encoded: answer) else {
            throw SakkError("chip.mute", source: "test", outcome: .unknown, text: "No answer.", remedy: "None.")
        }
        return response
    }

    /// Writes files and access fields by STORE DATA (firmware-specs/emrtd-store-data), and locks. Without an authority's
    /// certificate fingers open to Basic Access Control alone, as on documents of the first years.
    func personalise(files: [UInt16: Bytes], documentNumber: String, birth: String, expiry: String) throws(SakkError) {
        _ = try transmit(.select(aid: hex("A0000002471001")))
        var block: UInt8 = 0
        func store(_ grouping: UInt16, _ data: Bytes) throws(SakkError) {
            let content = BigEndian.bytes(grouping) + [UInt8(data.count)] + data
            _ = try expectSuccess(APDUCommand(0x80, 0xE2, 0x08, block, data: content), step: "test")
            block &+= 1
        }
        for (fid, bytes) in files {
            for offset in stride(from: 0, to: bytes.count, by: 200) {
                let part = Bytes(bytes[offset..<min(offset + 200, bytes.count)])
                try store(fid, BigEndian.bytes(UInt16(offset)) + part)
            }
        }
        let information = [documentNumber, birth, expiry].map { $0 + CardOnChannel.checkDigit($0) }.joined()
        try store(0xA001, Bytes(information.utf8))
        try store(0xAFFF, [1])
        _ = card.powerOn()
    }

    /// ICAO Doc 9303-3 clause 4.9.
    private static func checkDigit(_ text: String) -> String {
        let weights = [7, 3, 1]
        let sum = text.utf8.enumerated().reduce(0) { sum, next in
            let value = next.element < 0x3A ? Int(next.element) - 0x30 : Int(next.element) - 0x41 + 10
            return sum + value * weights[next.offset % 3]
        }
        return String(sum % 10)
    }
}
