import Ground
import PlantChip
import SmartCard
import Testing

@testable import GlobalPlatform

/// The plant's card as a channel: what it answers, and what was sent to it.
final class CardOnChannel: CardChannel {
    let card: VirtualCard
    private(set) var headers: [String] = []
    private(set) var statuses: [StatusWord] = []

    init(_ card: VirtualCard) throws(SakkError) {
        self.card = card
        guard card.powerOn() != nil else { throw CardOnChannel.failure("chip.mute") }
    }

    func transmit(_ command: APDUCommand) throws(SakkError) -> APDUResponse {
        headers.append(command.header)
        guard let answer = card.process(command.encoded), let response = APDUResponse(encoded: answer) else {
            throw CardOnChannel.failure("chip.silent")
        }
        statuses.append(response.status)
        return response
    }

    /// How often EXTERNAL AUTHENTICATE was sent.
    var authentications: Int { headers.count { $0.hasPrefix("8482") } }

    private static func failure(_ code: SakkError.Code) -> SakkError {
        SakkError(code, source: "virtual card", outcome: .unknown, text: "The card is gone.", remedy: "Power it again.")
    }
}

/// Cards and keys of one invented maker.
enum Maker {
    static let master = Bytes(hex: "404142434445464748494A4B4C4D4E4F")!
    static let isd = Bytes(hex: "A000000151000000")!

    static func card(
        _ channel: VirtualCardConfiguration.SecureChannel,
        scheme: VirtualCardConfiguration.TransportKeys.Scheme? = nil, version: UInt8 = 0x30, serial: UInt32 = 0x17,
        behaviour: VirtualCardConfiguration.Behaviour = .good,
        _ change: (inout VirtualCardConfiguration) -> Void = { _ in }
    ) -> VirtualCard {
        var isDES = false
        if case .scp02 = channel { isDES = true }
        var configuration = VirtualCardConfiguration(
            cplc: CardProductionLifeCycle(serial: serial, batch: 0x0102),
            transportKeys: .init(masterKey: master, version: version, scheme: scheme ?? (isDES ? .visa2 : .kdf3)),
            behaviour: behaviour, seed: UInt64(serial))
        configuration.secureChannel = channel
        change(&configuration)
        return VirtualCard(configuration: configuration)
    }

    static func keys(_ scheme: Diversification, master: Bytes = Maker.master) throws -> MasterKey {
        var copy = master
        return try MasterKey(SecretBytes(wiping: &copy), scheme: scheme)
    }

    static func secret(_ hex: String) -> SecretBytes {
        var bytes = Bytes(hex: hex)!
        return SecretBytes(wiping: &bytes)
    }
}

/// Every variant of secure channel that the two sides speak, with its levels.
struct Variant: Sendable, CustomTestStringConvertible {
    let scp: UInt8
    let options: UInt8
    let level: UInt8

    var channel: VirtualCardConfiguration.SecureChannel {
        scp == 2 ? .scp02(options: options) : .scp03(options: options)
    }
    var diversification: Diversification { scp == 2 ? .visa2 : .kdf3 }
    var testDescription: String { "SCP0\(scp) i \([options].hex) level \([level].hex)" }

    static let all: [Variant] = {
        var all: [Variant] = []
        for options in [UInt8(0x15), 0x55] { for level in [UInt8(0), 1, 3] { all.append(Variant(2, options, level)) } }
        for options in [UInt8(0x35), 0x75] {
            for level in [UInt8(0x11), 0x13] { all.append(Variant(2, options, level)) }
        }
        for s16 in [UInt8(0), 1] {
            for options in [UInt8(0x00), 0x10, 0x20, 0x30, 0x60, 0x70] {
                var levels: [UInt8] = [0, 1, 3]
                if options & 0x20 != 0 { levels += [0x11, 0x13] }
                if options & 0x40 != 0 { levels.append(0x33) }
                for level in levels { all.append(Variant(3, options | s16, level)) }
            }
        }
        return all
    }()

    init(_ scp: UInt8, _ options: UInt8, _ level: UInt8) {
        self.scp = scp
        self.options = options
        self.level = level
    }

    func open(on channel: any CardChannel) throws(SakkError) -> SecureChannel {
        let keys: MasterKey
        var copy = Maker.master
        keys = try MasterKey(SecretBytes(wiping: &copy), scheme: diversification)
        return try SecureChannel.open(
            on: channel, keys: keys, keyVersion: 0, level: SecurityLevel(rawValue: level),
            s16: scp == 3 && options & 1 != 0, scp02Options: scp == 2 ? options : 0x15)
    }
}
