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

    /// Writes files and access fields in the applet's dialect, and locks.
    func personalise(files: [UInt16: Bytes], documentNumber: String, birth: String, expiry: String) throws(SakkError) {
        func send(_ ins: UInt8, _ p1: UInt8, _ p2: UInt8, _ data: Bytes) throws(SakkError) {
            _ = try expectSuccess(APDUCommand(0, ins, p1, p2, data: data), step: "test")
        }
        _ = try transmit(.select(aid: hex("A0000002471001")))
        for (fid, bytes) in files {
            let identifier = BigEndian.bytes(fid)
            try send(0xE0, 0, 0, [0x63, 4] + BigEndian.bytes(UInt16(bytes.count)) + identifier)
            try send(0xA4, 2, 0x0C, identifier)
            for offset in stride(from: 0, to: bytes.count, by: 200) {
                let part = Bytes(bytes[offset..<min(offset + 200, bytes.count)])
                try send(0xD6, UInt8(offset >> 8), UInt8(offset & 0xFF), part)
            }
        }
        let access = [(UInt32(0x81), documentNumber), (0x82, birth), (0x83, expiry)]
        try send(0xDA, 0, 0x62, TLV(0x62, access.map { TLV($0.0, Bytes($0.1.utf8)) }).encoded)
        try send(0xDA, 0xDE, 0xAD, [])
        _ = card.powerOn()
    }
}
