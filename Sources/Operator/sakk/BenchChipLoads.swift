import GlobalPlatform
import Ground
import SmartCard

/// Code onto a card and off again, under the highest security level.
struct BenchChipLoads {
    static let aid: Bytes = [0xF0, 0x53, 0x4B, 0x41, 0x4B, 0x00, 0xBE]
    let keys: any CardKeySource
    let file: LoadFile

    /// A load file of so many bytes: a header, and the rest in a method component.
    init(keys: any CardKeySource, bytes: Int) {
        self.keys = keys
        let body: Bytes = [0xDE, 0xCA, 0xFF, 0xED, 0x01, 0x02, 0x04, 0x00, 0x01, UInt8(Self.aid.count)] + Self.aid
        let header = [0x01] + BigEndian.bytes(UInt16(body.count)) + body
        let rest = max(0, bytes - header.count - 3)
        let filler = (0..<rest).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        file = LoadFile(dataBlock: header + [0x07] + BigEndian.bytes(UInt16(rest)) + filler)
    }

    /// Nanoseconds of INSTALL [for load] and all LOAD commands in a channel that is open, and how many commands.
    func load(on reader: PCSCReader) async throws(SakkError) -> (nanoseconds: Int64, commands: Int, level: UInt8) {
        try await reader.withCard { channel throws(SakkError) in
            _ = try CardManager(channel).select([])
            let secure = try SecureChannel.open(on: channel, keys: keys, keyVersion: 0)
            let manager = CardManager(secure)
            let begun = BenchChipExchanges.now
            try manager.load(file, aid: Self.aid)
            let time = BenchChipExchanges.now - begun
            try manager.delete(Self.aid)
            let commands = file.commands(blockSize: manager.blockSize()).count + 1
            return (time, commands, secure.level.rawValue)
        }
    }

    /// A card's whole visit: connected anew, identity, secure channel, a load, a deletion.
    func visit(_ name: String) async throws(SakkError) {
        let reader = PCSCReader(name: name)
        try await reader.connect()
        guard case .present = try await reader.waitForCard(timeoutMS: 5000) else {
            throw SakkError(
                "chip.absent", source: "reader \(name)", text: "There is no card in the reader.",
                remedy: "The bench needs a card in each reader.")
        }
        try await reader.withCard { channel throws(SakkError) in
            let manager = CardManager(channel)
            _ = try manager.select([])
            let identity = try manager.cplc().identity
            let secure = try SecureChannel.open(on: channel, keys: keys, keyVersion: 0, chip: identity)
            let content = CardManager(secure)
            try content.load(file, aid: Self.aid)
            _ = try content.registry(.loadFiles)
            try content.delete(Self.aid)
        }
        await reader.disconnect()
    }
}
