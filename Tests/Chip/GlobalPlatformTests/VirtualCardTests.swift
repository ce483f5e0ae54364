import Ground
import OpenSSLCrypto
import PlantChip
import SmartCard
import Testing

@testable import GlobalPlatform

/// The host against the plant's card. Each side is judged alone by published transcripts; here it is whole sessions.
@Suite struct VirtualCardTests {
    @Test(arguments: Variant.all)
    func `a load file is loaded, installed, used and deleted under every protection`(variant: Variant) throws {
        let card = CardBox(Maker.card(variant.channel))
        let channel = try CardOnChannel(card.card)
        let plain = CardManager(channel)
        #expect(try plain.select(Maker.isd) != nil)
        let offered = try #require(try plain.recognition()?.protocols.first)
        #expect(offered.scp == variant.scp && offered.options == variant.options)
        let secure = try variant.open(on: channel)
        let manager = CardManager(secure)
        let cap = try CAPFile(CAPFileTests.specimen())
        let file = LoadFile(dataBlock: cap.loadFileDataBlock())
        var blocks = 0
        try manager.load(
            file, aid: cap.packageAID, hash: .sha256,
            parameters: InstallCommand.loadParameters(codeSize: file.dataBlock.count),
            progress: { sent, _ in blocks = sent })
        let size = manager.blockSize()
        #expect(blocks == (file.encoded.count + size - 1) / size)
        for applet in cap.applets {
            try manager.install(loadFile: cap.packageAID, module: applet.aid, instance: applet.aid)
        }
        let files = try manager.registry(.loadFilesAndModules)
        #expect(files.first { $0.aid == cap.packageAID }?.modules == cap.applets.map(\.aid))
        #expect(try manager.registry(.applications).map(\.aid) == cap.applets.map(\.aid))
        #expect(try manager.registry(.issuerSecurityDomain).first?.state == 0x0F)
        try manager.setLocked(true, application: cap.applets[0].aid)
        #expect(try manager.registry(.applications, aid: cap.applets[0].aid).first?.state == 0x87)
        try manager.setLocked(false, application: cap.applets[0].aid)
        #expect(throws: SakkError("chip.refused", source: "", text: "", remedy: "")) {
            try manager.delete(cap.packageAID)
        }
        #expect(try manager.delete(cap.packageAID, related: true))
        #expect(try !manager.delete(cap.packageAID))
    }

    @Test(arguments: [(UInt8(3), 0xFF, 255), (0x01, 0x40, 56), (0x03, 0x40, 47), (0x33, 0xFF, 239)])
    func `blocks are as large as the level and the card allow`(level: UInt8, limit: Int, size: Int) throws {
        let channel = try CardOnChannel(Maker.card(.scp03(options: 0x70)))
        if limit == 0xFF, level == 3 {
            #expect(CardManager(channel).blockSize(cardLimit: limit) == size)
            return
        }
        let secure = try Variant(3, 0x70, level).open(on: channel)
        #expect(CardManager(secure).blockSize(cardLimit: limit) == size)
    }

    @Test func `a changed load file is refused by its hash and a lost block by its number`() throws {
        let channel = try CardOnChannel(Maker.card(.scp03(options: 0x70)))
        let manager = CardManager(try Variant(3, 0x70, 0x33).open(on: channel))
        let cap = try CAPFile(CAPFileTests.specimen())
        var data = cap.loadFileDataBlock()
        let right = Digest.sha1(data)
        data[data.count - 1] ^= 1
        let install = InstallCommand.forLoad(loadFile: cap.packageAID, securityDomain: [], hash: right)
        try manager.perform(install)
        let commands = LoadFile(dataBlock: data).commands(blockSize: 200)
        for command in commands.dropLast() { _ = try manager.channel.expectSuccess(command, step: "LOAD") }
        #expect(try manager.channel.transmit(commands[commands.count - 1]).status == 0x6A80)
        try manager.perform(install)
        #expect(try manager.channel.transmit(commands[1]).status == 0x6A80)
        #expect(try manager.registry(.loadFiles).allSatisfy { $0.aid != cap.packageAID })
    }

    @Test(arguments: [Variant(2, 0x15, 3), Variant(2, 0x55, 1), Variant(3, 0x70, 0x33), Variant(3, 0x00, 1)])
    func `keys are put, confirmed by their check values, used and deleted`(variant: Variant) throws {
        let card = CardBox(Maker.card(variant.channel))
        let channel = try CardOnChannel(card.card)
        let type: CardKeyType = variant.scp == 2 ? .des : .aes
        func production() throws -> CardKeys {
            CardKeys(
                enc: Maker.secret("00112233445566778899AABBCCDDEEFF"),
                mac: Maker.secret("102132435465768798A9BACBDCEDFE0F"),
                dek: Maker.secret("F0E1D2C3B4A5968778695A4B3C2D1E0F"))
        }
        do {
            let secure = try variant.open(on: channel)
            try CardManager(secure).putKey(
                try PutKey.command(try production(), type: type, version: 0x42, replacing: 0x30, through: secure))
        }
        let fresh = try CardOnChannel(card.card)
        #expect(try KeyRecovery.versions(on: fresh, among: []) == [0x42])
        #expect(fresh.authentications == 0)
        let again = try SecureChannel.open(
            on: channel, keys: GivenKeys(try production()), keyVersion: 0x42,
            s16: variant.options & 1 != 0 && variant.scp == 3, scp02Options: variant.options)
        let manager = CardManager(again)
        try manager.putKey(
            try PutKey.command(
                Maker.secret("0F1E2D3C4B5A69788796A5B4C3D2E1F0"), type: .aes, identifier: 1, version: 0x73,
                replacing: 0,
                through: again))
        #expect(try manager.keyInformation().count == 4)
        #expect(try manager.deleteKey(version: 0x73, identifier: 1))
        #expect(try !manager.deleteKey(version: 0x73))
        #expect(throws: SakkError("chip.refused", source: "", text: "", remedy: "")) {
            try manager.deleteKey(version: 0x42)
        }
    }

    @Test func `a card that confirms other check values stops the work`() throws {
        let channel = try CardOnChannel(Maker.card(.scp03(options: 0x70)))
        let secure = try Variant(3, 0x70, 0x33).open(on: channel)
        let keys = CardKeys(
            enc: Maker.secret(Maker.master.hex), mac: Maker.secret(Maker.master.hex),
            dek: Maker.secret(Maker.master.hex))
        var prepared = try PutKey.command(keys, type: .aes, version: 0x31, replacing: 0, through: secure)
        prepared.expectedAnswer[3] ^= 1
        do {
            try CardManager(secure).putKey(prepared)
            Issue.record("another check value was taken for ours")
        } catch {
            #expect(error.code == "chip.keys.unconfirmed")
            #expect(error.outcome == .unknown)
        }
    }

    @Test(arguments: [false, true], [Variant(2, 0x15, 3), Variant(3, 0x70, 0x33)])
    func `a PUT KEY torn before its commit is told from one torn after it, without authenticating`(
        afterCommit: Bool, variant: Variant
    ) throws {
        let card = CardBox(Maker.card(variant.channel, behaviour: .tornPutKey(afterCommit: afterCommit)))
        let production = try Maker.keys(variant.diversification, master: Maker.master.map { $0 ^ 0x55 })
        let channel = try CardOnChannel(card.card)
        do {
            let secure = try variant.open(on: channel)
            let keys = try production.keys(forKDD: secure.card.kdd, version: 0x30)
            // the same version: key information cannot tell the two apart
            let prepared = try PutKey.command(
                keys, type: variant.scp == 2 ? .des : .aes, version: 0x30, replacing: 0x30, through: secure)
            #expect(throws: SakkError("chip.silent", source: "", text: "", remedy: "")) {
                try CardManager(secure).putKey(prepared)
            }
        }
        let fresh = try CardOnChannel(card.card)
        let transport = try Maker.keys(variant.diversification)
        #expect(
            try KeyRecovery.tornPutKey(
                old: transport, oldVersion: 0x30, new: production, newVersion: 0x30, on: fresh)
                == (afterCommit ? .after : .before))
        #expect(fresh.authentications == 0)
        #expect(try !KeyRecovery.holds(transport, version: 0x77, on: fresh))
    }

    @Test func `a registry of many pages is read whole, and in the old form from an old card`() throws {
        let channel = try CardOnChannel(Maker.card(.scp02(options: 0x15)) { $0.knowsOnlyLegacyStatus = true })
        let manager = CardManager(try Variant(2, 0x15, 1).open(on: channel))
        for index in UInt8(1)...12 {
            try manager.install(
                loadFile: Bytes(hex: "A0000001515350")!, module: Bytes(hex: "A000000151535041")!,
                instance: Bytes(hex: "A00000015153504100")! + [index], privileges: [0x80])
        }
        let listed = try manager.registry(.applications)
        #expect(listed.count == 12)
        #expect(listed.allSatisfy { $0.privileges.names == ["SecurityDomain"] && $0.state == 0x07 })
        #expect(try manager.registry(.loadFilesAndModules).first?.modules.count == 1)
    }

    @Test func `content goes to a security domain of its own, with tokens and signatures where they are asked for`()
        throws
    {
        let channel = try CardOnChannel(Maker.card(.scp03(options: 0x70)))
        let secure = try Variant(3, 0x70, 0x33).open(on: channel)
        let manager = CardManager(secure)
        let domain = Bytes(hex: "F0534B414B00FF01")!
        try manager.install(
            loadFile: Bytes(hex: "A0000001515350")!, module: Bytes(hex: "A000000151535041")!, instance: domain,
            privileges: [0xC0])
        // token key of the issuer, then the DAP key of the domain, which still opens with the issuer's keys
        let token = "00112233445566778899AABBCCDDEEFF"
        try manager.putKey(
            try PutKey.command(
                Maker.secret(token), type: .aes, identifier: 1, version: 0x70, replacing: 0, through: secure))
        #expect(try CardManager(channel).select(domain) != nil)
        let inDomain = try Variant(3, 0x70, 0x33).open(on: channel)
        try CardManager(inDomain).putKey(
            try PutKey.command(
                Maker.secret(Maker.master.hex), type: .aes, identifier: 1, version: 0x73, replacing: 0,
                through: inDomain))
        #expect(try CardManager(channel).select(Maker.isd) != nil)
        let again = CardManager(try Variant(3, 0x70, 0x33).open(on: channel))

        let cap = try CAPFile(CAPFileTests.specimen())
        var file = LoadFile(dataBlock: cap.loadFileDataBlock())
        let sign = ContentKey(Maker.secret(token), .aes)
        #expect(throws: SakkError("chip.refused", source: "", text: "", remedy: "")) {
            try again.load(file, aid: cap.packageAID, securityDomain: domain, hash: .sha256)
        }
        let dap = ContentKey(Maker.secret(Maker.master.hex), .aes)
        file.signatures = [LoadFile.Signature(securityDomain: domain, signature: try dap.sign(file.hash(.sha256)))]
        #expect(throws: SakkError("chip.refused", source: "", text: "", remedy: "")) {
            try again.load(file, aid: cap.packageAID, securityDomain: domain, hash: .sha256) { (_) throws(SakkError) in
                Bytes(repeating: 1, count: 16)
            }
        }
        try again.load(file, aid: cap.packageAID, securityDomain: domain, hash: .sha256, token: sign.sign)
        #expect(try again.registry(.loadFiles, aid: cap.packageAID).first?.securityDomain == domain)
        try again.install(loadFile: cap.packageAID, module: cap.applets[0].aid, instance: cap.applets[0].aid)
        try again.perform(InstallCommand.forExtradition(of: cap.applets[0].aid, to: domain))
        #expect(try again.registry(.applications, aid: cap.applets[0].aid).first?.securityDomain == domain)
        try again.perform(InstallCommand.forRegistryUpdate(of: cap.applets[0].aid, privileges: [0x04]))
        #expect(try again.registry(.applications, aid: cap.applets[0].aid).first?.privileges.names == ["CardReset"])
    }

    @Test func `a domain's data and keys are stored by tags and by groupings`() throws {
        for variant in [Variant(2, 0x15, 3), Variant(3, 0x70, 0x33)] {
            let channel = try CardOnChannel(Maker.card(variant.channel))
            let secure = try variant.open(on: channel)
            let manager = CardManager(secure)
            #expect(try manager.issuerIdentification() == nil)
            try manager.store(StoreData.raw(TLV(0x42, [0x36, 0x80]).encoded, p1: StoreData.tlvFormat, blockSize: 200))
            let image = Bytes(repeating: 0x12, count: 120)
            var key = Maker.secret("000102030405060708090A0B0C0D0E0F")
            let check = try CardKeyType.aes.checkValue(key)
            let template = TLV(
                0xB9,
                [
                    TLV(0x95, [0x84]), TLV(0x80, [0x88]), TLV(0x81, [16]), TLV(0x82, [1]), TLV(0x83, [0x73]),
                    TLV(0x84, check),
                ]
            ).encoded
            let groupings = [
                StoreData.Grouping(0x0070, TLV(0x45, image).encoded), StoreData.Grouping(0x00B9, template),
                StoreData.Grouping(0x8113, key.withBytes { Bytes($0) }, isEncrypted: true),
            ]
            key = Maker.secret("00")
            let commands = try StoreData.groupings(groupings, padding: .none, through: secure, blockSize: 50)
            #expect(commands.count == 5 && commands.map(\.p2) == [0, 1, 2, 3, 4])
            #expect(commands.map(\.p1) == [0x08, 0x08, 0x08, 0x08, 0xE8])
            try manager.store(commands)
            #expect(try manager.cardImageNumber() == image)
            #expect(try manager.issuerIdentification() == [0x36, 0x80])
            #expect(try manager.keyInformation().contains { $0.version == 0x73 && $0.id == 1 })
            #expect(try manager.resources()?.freeVolatile == 2048)
        }
    }

    @Test(arguments: [Variant(2, 0x35, 1), Variant(2, 0x75, 3), Variant(3, 0x70, 3), Variant(3, 0x31, 1)])
    func `responses are protected within an R-MAC session and bare outside`(variant: Variant) throws {
        let channel = try CardOnChannel(Maker.card(variant.channel))
        let secure = try variant.open(on: channel)
        let manager = CardManager(secure)
        try secure.beginResponseMAC(
            variant.options & 0x40 != 0 && variant.scp == 3 ? [.rMAC, .rEncryption] : .rMAC, data: [1, 2, 3])
        #expect(secure.level.contains(.rMAC))
        #expect(try manager.registry(.loadFiles).count == 2)
        #expect(try manager.registry(.applications).isEmpty)
        #expect(try manager.keyInformation().count == 3)
        try secure.endResponseMAC()
        #expect(!secure.level.contains(.rMAC))
        #expect(try manager.registry(.loadFiles).count == 2)
    }

    @Test func `faults of a card have their own codes`() throws {
        func code(_ behaviour: VirtualCardConfiguration.Behaviour, _ act: (SecureChannel) throws -> Void) -> String? {
            do {
                let secure = try Variant(3, 0x70, 0x33).open(
                    on: try CardOnChannel(Maker.card(.scp03(options: 0x70), behaviour: behaviour)))
                try act(secure)
                return nil
            } catch let error as SakkError {
                return [error.code.rawValue, error.native?.value].compactMap { $0 }.joined(separator: " ")
            } catch { return "\(error)" }
        }
        let install: (SecureChannel) throws -> Void = { secure in
            try CardManager(secure).install(
                loadFile: Bytes(hex: "A00000024710")!, module: Bytes(hex: "A0000002471001")!,
                instance: Bytes(hex: "A0000002471001")!)
        }
        #expect(code(.good, install) == nil)
        #expect(code(.wrongCryptogram, install) == "chip.keys.wrong")
        #expect(code(.wornKeyCounter, install) == "chip.keys.refused 6581")
        #expect(code(.memoryFull, install) == "chip.refused 6A84")
        #expect(code(.failsAt(apdu: 3, .reset), install) == "chip.refused 6982")
        #expect(code(.failsAt(apdu: 3, .answerLost), install) == "chip.silent")
    }

    @Test func `a key set at the end of its counter opens no channel`() throws {
        let channel = try CardOnChannel(Maker.card(.scp02(options: 0x15)) { $0.sequenceCounter = 0xFFFF })
        do {
            _ = try Variant(2, 0x15, 3).open(on: channel)
            Issue.record("the counter began anew")
        } catch {
            #expect(error.code == "chip.refused" && error.native?.value == "6985")
        }
        #expect(channel.authentications == 0)
    }
}

/// Keeps a card while several channels come and go.
private struct CardBox {
    let card: VirtualCard
    init(_ card: VirtualCard) { self.card = card }
}
