import Foundation
import Ground
import OpenSSLCrypto
import PlantChip
import SmartCard
import Testing

@testable import GlobalPlatform

/// The host against its facts page: nothing is sent that the page does not name, and what it names can be sent.
@Suite struct FirmwareSpecTests {
    /// All that the host can say to a card, as instruction and, for INSTALL and SET STATUS, their use.
    private func everything() throws -> Set<String> {
        let channel = try CardOnChannel(Maker.card(.scp03(options: 0x70)))
        let plain = CardManager(channel)
        _ = try plain.select(Maker.isd)
        _ = try plain.cplc()
        _ = try plain.recognition()
        _ = try plain.resources()
        _ = try plain.sequenceCounter()
        _ = try plain.issuerIdentification()
        _ = try plain.cardImageNumber()
        _ = try plain.keyInformation()
        _ = try plain.data(0x0067)
        let recorder = Recorder(channel)
        let secure = try Variant(3, 0x70, 0x01).open(on: channel)
        let manager = CardManager(Recorder(secure, into: recorder))
        let aid: Bytes = [1, 2, 3, 4, 5]
        let installs = [
            InstallCommand.forInstall(loadFile: aid, module: aid, instance: aid),
            InstallCommand.forInstallAndMakeSelectable(loadFile: aid, module: aid, instance: aid),
            InstallCommand.forMakeSelectable(instance: aid), InstallCommand.forExtradition(of: aid, to: aid),
            InstallCommand.forPersonalization(instance: aid), InstallCommand.forRegistryUpdate(of: aid),
        ]
        for install in installs { _ = try manager.channel.transmit(install) }
        _ = try? manager.load(LoadFile(dataBlock: [1]), aid: aid)
        _ = try? manager.store(StoreData.raw([0x42, 0x00], blockSize: 100))
        _ = try? manager.delete(aid)
        _ = try? manager.deleteKey(version: 9)
        _ = try? manager.registry(.applications)
        _ = try? manager.setLocked(true, application: aid)
        _ = try? manager.setCardState(.locked)
        _ = try manager.channel.transmit(APDUCommand(0x80, 0xD8, 0x00, 0x81, data: [1]))
        _ = try manager.channel.transmit(APDUCommand(0x80, 0x7A, 0x10, 0x01, data: [0]))
        _ = try manager.channel.transmit(APDUCommand(0x80, 0x78, 0x00, 0x03))
        return Set((channel.headers + recorder.headers).map(Self.family))
    }

    private static func family(_ header: String) -> String {
        let ins = header.dropFirst(2).prefix(2)
        let p1 = header.dropFirst(4).prefix(2)
        return switch ins {
        case "E6", "F0": "\(ins) \(p1)"
        case "CA": "CA \(header.suffix(4))"
        default: String(ins)
        }
    }

    @Test func `what the host sends and what the facts page names are the same`() throws {
        let named = Set(try FirmwareSpec().commands.map { Self.family($0.header.hex) })
        #expect(try everything() == named)
    }

    @Test func `each status word of the facts page has a text of its own`() throws {
        for (word, meaning) in try FirmwareSpec().statusWords {
            let text = StatusWord(rawValue: word).text
            #expect(!text.hasPrefix("status word unknown"), "\(meaning)")
        }
    }

    @Test func `every command is either proven or called unproven`() throws {
        let commands = try FirmwareSpec().commands
        #expect(commands.allSatisfy { ["V", "P"].contains($0.confidence) })
        #expect(commands.contains { $0.confidence == "P" })
    }
}

/// Notes what goes through it in the plain.
private final class Recorder: CardChannel {
    private let channel: any CardChannel
    private let notes: Recorder?
    private(set) var headers: [String] = []

    init(_ channel: any CardChannel, into notes: Recorder? = nil) {
        self.channel = channel
        self.notes = notes
    }

    func transmit(_ command: APDUCommand) throws(SakkError) -> APDUResponse {
        (notes ?? self).headers.append(command.header)
        return try channel.transmit(command)
    }
}
