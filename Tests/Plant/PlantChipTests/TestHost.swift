import Ground

@testable import PlantChip

/// A small host for the issuer domain. Its arithmetic is the one that the published SCP03 sessions have judged.
struct TestHost {
    static let master = hex("404142434445464748494A4B4C4D4E4F")
    static let version: UInt8 = 0x30
    let card: VirtualCard
    private var sMac = Bytes()
    private var chain = Bytes(repeating: 0, count: 16)

    init(_ card: VirtualCard) { self.card = card }

    static func card(
        serial: UInt32 = 0x17, behaviour: VirtualCardConfiguration.Behaviour = .good
    ) -> VirtualCard {
        let configuration = VirtualCardConfiguration(
            cplc: CardProductionLifeCycle(serial: serial, batch: 0x0102),
            transportKeys: .init(masterKey: master, version: version), behaviour: behaviour, seed: UInt64(serial))
        let card = VirtualCard(configuration: configuration)
        _ = card.powerOn()
        return card
    }

    /// Sends plain hexadecimal; the answer as hexadecimal.
    func send(_ command: String) -> String? { card.process(hex(command))?.hex }

    /// SELECT, INITIALIZE UPDATE, EXTERNAL AUTHENTICATE at level 01; the last status word.
    mutating func open(master: Bytes = TestHost.master) -> String? {
        guard card.process(hex("00A4040000")) != nil else { return nil }
        let hostChallenge = hex("B13E5F938FC108C4")
        guard let answer = card.process(hex("8050000008") + hostChallenge + [0]) else { return nil }
        guard answer.count == 34 else { return answer.hex }
        let keys = StaticKeys(master: master, diversificationData: Bytes(answer.prefix(10)))
        let context = hostChallenge + answer[13..<21]
        sMac = SCP03Session.derive(keys.mac, constant: 0x06, bits: 128, context: context)
        chain = Bytes(repeating: 0, count: 16)
        return secured([0x84, 0x82, 0x01, 0x00], SCP03Session.derive(sMac, constant: 0x01, bits: 64, context: context))
    }

    /// A command with C-MAC; data and status word as hexadecimal.
    mutating func secured(_ header: Bytes, _ data: Bytes) -> String? {
        let head = [header[0] | 0x04] + header.dropFirst() + [UInt8(data.count + 8)] + data
        chain = ChipCrypto.cmac(key: sMac, chain + head)
        return card.process(head + chain.prefix(8))?.hex
    }

    mutating func secured(_ header: String, _ data: String = "") -> String? { secured(hex(header), hex(data)) }

    static let install = "06A00000024710 07A0000002471001 07A0000002471001 0100 02C900 00"
}
