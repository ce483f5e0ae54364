import Foundation
import Ground
import OpenSSLCrypto
import SmartCard
import Testing

@testable import GlobalPlatform

@Suite struct CAPFileTests {
    static func specimen() throws -> Bytes {
        let url = try #require(
            Bundle.module.url(forResource: "specimen", withExtension: "cap", subdirectory: "Vectors"))
        return Bytes(try Data(contentsOf: url))
    }

    @Test func `a CAP file is unpacked and put in loading order`() throws {
        let expected = try #require(try VectorFile.entries("cap", "cap").first).expected
        let cap = try CAPFile(Self.specimen())
        #expect(cap.packageAID.hex == (try expected["package"].text))
        #expect(cap.applets.map(\.aid.hex) == (try expected["applets"].list.map { try $0.text }))
        #expect(cap.version.major == 2 && cap.version.minor == 3)
        let file = LoadFile(dataBlock: cap.loadFileDataBlock())
        #expect(file.dataBlock.count == (try expected["blockLength"].number))
        #expect(file.hash(.sha1).hex == (try expected["sha1"].text))
        #expect(file.hash(.sha256).hex == (try expected["sha256"].text))
        let full = LoadFile(dataBlock: cap.loadFileDataBlock(withDescriptor: true))
        #expect(full.hash(.sha256).hex == (try expected["withDescriptor"].text))
    }

    @Test func `load blocks are numbered, wrap after FF and only the last is marked`() {
        let file = LoadFile(
            dataBlock: Bytes(repeating: 0x5A, count: 300),
            signatures: [LoadFile.Signature(securityDomain: [1, 2, 3, 4, 5], signature: [9, 9])])
        let commands = file.commands(blockSize: 1)
        #expect(commands.count == 13 + 4 + 300)
        #expect(commands[256].p2 == 0 && commands[255].p2 == 0xFF)
        #expect(commands.dropLast().allSatisfy { $0.p1 == 0 } && commands.last?.p1 == 0x80)
        // E2 { 4F, C3 }, then C4 with a length of three bytes
        #expect(commands.flatMap(\.data).hex.hasPrefix("E20B4F050102030405C3020909C482012C5A"))
    }

    @Test func `a damaged CAP file is refused with a reason, wherever the damage is`() throws {
        let whole = try Self.specimen()
        for count in stride(from: 0, to: whole.count, by: 61) {
            #expect(throws: SakkError("cap.malformed", source: "", text: "", remedy: "")) {
                _ = try CAPFile(Bytes(whole.prefix(count)))
            }
        }
        var refused = 0
        for index in stride(from: 0, to: whole.count, by: 31) {
            var altered = whole
            altered[index] ^= 0x41
            do { _ = try CAPFile(altered) } catch {
                #expect(error.code == "cap.malformed")
                refused += 1
            }
        }
        #expect(refused > whole.count / 62, "most bytes are under a check sum")
    }

    @Test func `what a token signs is the command without it`() throws {
        let command = InstallCommand.forLoad(
            loadFile: [1, 2, 3, 4, 5], securityDomain: [], hash: Bytes(repeating: 7, count: 20), parameters: [])
        #expect(
            command.encoded.hex == "80E602001E" + "050102030405" + "00" + "14" + String(repeating: "07", count: 20)
                + "00" + "00" + "00")
        #expect(
            InstallCommand.tokenInput(command).hex == "02001D" + "050102030405" + "00" + "14"
                + String(repeating: "07", count: 20) + "00")
        let signed = try InstallCommand.signed(command) { _ in Bytes(repeating: 0xAB, count: 200) }
        #expect(signed.data.suffix(202).prefix(2) == [0x81, 200])
    }

    @Test func `install commands have the fields of their tables`() {
        let (aid, domain): (Bytes, Bytes) = ([1, 2, 3, 4, 5], [6, 7, 8, 9, 10])
        #expect(
            InstallCommand.forMakeSelectable(instance: aid).data.hex == "0000" + "050102030405" + "0100" + "00" + "00")
        #expect(
            InstallCommand.forExtradition(of: aid, to: domain).data.hex
                == "05060708090A" + "00" + "050102030405" + "00" + "00" + "00")
        #expect(InstallCommand.forExtradition(of: aid, to: domain).p1 == 0x10)
        #expect(
            InstallCommand.forRegistryUpdate(of: aid, privileges: [0x04]).data.hex
                == "00" + "00" + "050102030405" + "0104" + "00" + "00")
        #expect(InstallCommand.loadParameters(codeSize: 0x7FFF).hex == "EF04C6027FFF")
        #expect(InstallCommand.loadParameters(codeSize: 0x8000).hex == "EF06C60400008000")
    }
}
