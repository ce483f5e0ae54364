import Ground
import SmartCard

@testable import GlobalPlatform

/// What a hostile card or a hostile CAP file can bring to the side that manages cards.
enum CardDoors {
    static let count: UInt8 = 7
    private static let key: Bytes = Bytes(0x40...0x4F)

    static func open(_ door: UInt8, _ bytes: Bytes) {
        switch door {
        case 0: _ = (try? CAPFile(bytes))?.loadFileDataBlock(withDescriptor: true)
        case 1: _ = (try? CAPFile(archive(bytes)))?.loadFileDataBlock()
        case 2: _ = Inflate.bytes(bytes, limit: ZipArchive.fileLimit)
        case 3:
            _ = (RegistryEntry.parse(bytes)?.map(\.privileges.names), KeyInformation.parse(bytes))
            for scope: CardManager.RegistryScope in [.applications, .loadFilesAndModules] {
                _ = RegistryEntry.parseLegacy(bytes, scope: scope)
            }
            _ = (CardRecognition(bytes), CardResources(bytes), CPLC(response: bytes)?.identity)
        case 4: session(bytes)
        case 5: manage(bytes)
        default:
            for transport: CompletingChannel.Transport in [.t0, .t1] {
                let channel = CompletingChannel(over: HostileChip(bytes), transport: transport)
                _ = try? channel.transmit(APDUCommand(0x80, 0xE2, 0, 0, data: Bytes(repeating: 1, count: 600), le: 256))
                _ = try? channel.transmit(APDUCommand(0x80, 0xCA, 0, 0x66, le: 256))
            }
        }
    }

    /// Stored files with right check sums, so that what is inside is reached: each one is tag, length and bytes of the input.
    private static func archive(_ bytes: Bytes) -> Bytes {
        var reader = ByteReader(bytes)
        var (local, central): (Bytes, Bytes) = ([], [])
        var count: UInt16 = 0
        func little(_ value: UInt32, _ size: Int) -> Bytes {
            (0..<size).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
        }
        while count < 16, let tag = reader.byte(), let length = reader.unsigned(2), let body = reader.read(Int(length))
        {
            let name = Bytes("p/javacard/\(CAPFile.order.first { $0.tag == tag }?.name ?? "Debug").cap".utf8)
            let file = [tag] + BigEndian.bytes(UInt16(body.count)) + body
            let head =
                little(20, 2) + little(0, 8) + little(sum(file), 4) + little(UInt32(file.count), 4)
                + little(UInt32(file.count), 4) + little(UInt32(name.count), 2) + little(0, 2)
            central +=
                [0x50, 0x4B, 1, 2] + little(20, 2) + head + little(0, 10) + little(UInt32(local.count), 4) + name
            local += [0x50, 0x4B, 3, 4] + head + name + file
            count += 1
        }
        return local + central + [0x50, 0x4B, 5, 6] + little(0, 4) + little(UInt32(count), 2) + little(UInt32(count), 2)
            + little(UInt32(central.count), 4) + little(UInt32(local.count), 4) + little(0, 2)
    }

    private static func sum(_ bytes: Bytes) -> UInt32 {
        var sum: UInt32 = 0xFFFF_FFFF
        for byte in bytes {
            sum ^= UInt32(byte)
            for _ in 0..<8 { sum = sum & 1 == 1 ? sum >> 1 ^ 0xEDB8_8320 : sum >> 1 }
        }
        return ~sum
    }

    private static func keys() -> CardKeys {
        func copy() -> SecretBytes {
            var bytes = key
            return SecretBytes(wiping: &bytes)
        }
        return CardKeys(enc: copy(), mac: copy(), dek: copy())
    }

    /// The answer to INITIALIZE UPDATE, then answers inside the session that follows from it.
    private static func session(_ bytes: Bytes) {
        for length in [28, 29, 32, 45, 48] where bytes.count >= length {
            guard let card = try? InitializeUpdate(Bytes(bytes.prefix(length))),
                let session = try? card.session(
                    keys: keys(), hostChallenge: Bytes(repeating: 1, count: card.isS16 ? 16 : 8))
            else { continue }
            _ = try? session.externalAuthenticate(card.highestLevel)
            let chip = HostileChip(Bytes(bytes.dropFirst(length)))
            for _ in 0..<4 {
                guard
                    let command = try? session.wrap(APDUCommand(0x80, 0xF2, 0x40, 0x02, data: [0x4F, 0x00], le: 256)),
                    let answer = try? chip.transmit(command)
                else { break }
                _ = try? session.unwrap(answer)
            }
        }
    }

    /// Everything that is asked of a card before and after keys are tried.
    private static func manage(_ bytes: Bytes) {
        let channel = CompletingChannel(over: HostileChip(bytes))
        let manager = CardManager(channel)
        guard let selection = try? manager.select([]) else { return }
        _ = CardRecognition(selection.fci)
        _ = (try? manager.cplc(), try? manager.recognition(), try? manager.keyInformation(), try? manager.resources())
        _ = (try? manager.sequenceCounter(), try? manager.issuerIdentification(), try? manager.cardImageNumber())
        for scope: CardManager.RegistryScope in [.issuerSecurityDomain, .loadFilesAndModules] {
            _ = try? manager.registry(scope)
        }
        _ = try? KeyRecovery.versions(on: channel, among: [1, 2])
        _ = try? SecureChannel.open(on: channel, keys: GivenKeys(keys()), keyVersion: 0)
    }
}
