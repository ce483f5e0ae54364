import Ground
import SmartCard
import Testing

@testable import GlobalPlatform

@Suite struct CardManagementTests {
    @Test(arguments: try VectorFile.entries("gp-cplc", "cplc"))
    func `life cycle data is read field by field`(entry: VectorFile.Entry) throws {
        let cplc = try #require(CPLC(response: try entry.inputs["response"].bytes))
        let fields: [(String, Bytes)] = [
            ("icFabricator", cplc.icFabricator), ("icType", cplc.icType), ("operatingSystem", cplc.operatingSystem),
            ("operatingSystemDate", cplc.operatingSystemDate), ("operatingSystemLevel", cplc.operatingSystemLevel),
            ("fabricationDate", cplc.fabricationDate), ("serial", cplc.serial), ("batch", cplc.batch),
            ("moduleFabricator", cplc.moduleFabricator), ("modulePackagingDate", cplc.modulePackagingDate),
            ("iccManufacturer", cplc.iccManufacturer), ("icEmbeddingDate", cplc.icEmbeddingDate),
            ("prePersonalizer", cplc.prePersonalizer), ("prePersonalizationDate", cplc.prePersonalizationDate),
            ("prePersonalizationEquipment", cplc.prePersonalizationEquipment), ("personalizer", cplc.personalizer),
            ("personalizationDate", cplc.personalizationDate),
            ("personalizationEquipment", cplc.personalizationEquipment),
        ]
        for (name, value) in fields { #expect(value.hex == (try entry.expected[name].text), "\(name)") }
    }

    @Test func `a chip is named by the fields that differ from chip to chip`() throws {
        let entry = try #require(try VectorFile.entries("gp-cplc", "cplc").first { $0.id == "philips-jcop" })
        let identity = try #require(CPLC(response: try entry.inputs["response"].bytes)?.identity)
        // printf 4250327280390106C2BB1D3C | xxd -r -p | sha256sum
        #expect(identity.rawValue == "6EDA2364E49F6191AEAB0F93A1AEA4D789932715CDBE8C9D1DA3F415EF909E8B")
    }

    @Test func `blank life cycle data names no chip`() throws {
        let entry = try #require(try VectorFile.entries("gp-cplc", "cplc").first { $0.id == "all-ff" })
        let blank = try #require(CPLC(response: try entry.inputs["response"].bytes))
        #expect(blank.identity == nil)
        #expect(CPLC(response: Bytes(repeating: 0, count: 41)) == nil)
    }

    @Test(arguments: try VectorFile.entries("gp-cplc", "cplc_date"))
    func `a life cycle date is the latest that fits`(entry: VectorFile.Entry) throws {
        let latest = try #require(CivilDate(iso8601: try entry.inputs["notAfter"].text))
        let date = CPLC.date(try entry.inputs["bytes"].bytes, notAfter: latest)
        #expect(date?.iso8601 == (entry.expected["date"].isPresent ? try entry.expected["date"].text : nil))
    }

    @Test(arguments: try VectorFile.entries("gp-getstatus", "get_status"))
    func `the registry is read as published`(entry: VectorFile.Entry) throws {
        let entries = try #require(RegistryEntry.parse(try entry.inputs["response"].bytes))
        let wanted = try entry.expected["entries"].list
        #expect(entries.count == wanted.count)
        for (read, expected) in zip(entries, wanted) {
            func optional(_ name: String) throws -> String? {
                expected[name].isPresent ? try expected[name].text : nil
            }
            #expect(read.aid.hex == (try expected["aid"].text))
            #expect([read.state].hex == (try expected["state"].text))
            #expect(read.privileges.names == (try expected["privileges"].list.map { try $0.text }))
            #expect(read.uicc?.hex == (try optional("uicc")))
            #expect(read.loadFile?.hex == (try optional("loadFile")))
            #expect(read.version?.hex == (try optional("version")))
            #expect(read.securityDomain?.hex == (try optional("securityDomain")))
            let implicit =
                expected["implicitSelection"].isPresent
                ? try expected["implicitSelection"].list.map { try $0.text } : []
            #expect(read.implicitSelection.map { [$0].hex } == implicit)
        }
    }

    @Test(arguments: try VectorFile.entries("gp-getstatus", "privileges"))
    func `privileges have the standard's names`(entry: VectorFile.Entry) throws {
        let privileges = try #require(Privileges(bytes: try entry.inputs["bytes"].bytes))
        #expect(privileges.names == (try entry.expected["privileges"].list.map { try $0.text }))
    }

    @Test(arguments: try VectorFile.entries("gp-getstatus", "key_information"))
    func `key information is read as published`(entry: VectorFile.Entry) throws {
        let keys = try #require(KeyInformation.parse(try entry.inputs["response"].bytes))
        let wanted = try entry.expected["keys"].list
        #expect(keys.count == wanted.count)
        for (key, expected) in zip(keys, wanted) {
            #expect([key.id].hex == (try expected["id"].text))
            #expect([key.version].hex == (try expected["version"].text))
            let components = try expected["components"].list.map { "\(try $0["type"].text) \(try $0["length"].number)" }
            #expect(key.components.map { "\([$0.type].hex) \($0.length)" } == components)
        }
    }

    @Test(arguments: try VectorFile.entries("gp-getstatus", "tlv_tree"))
    func `card data is the published tree`(entry: VectorFile.Entry) throws {
        let objects = try #require(TLV.parseAll(try entry.inputs["data"].bytes))
        try compare(objects, try entry.expected["tree"].list)
    }

    private func compare(_ objects: [TLV], _ tree: [VectorFile.Node]) throws {
        #expect(objects.count == tree.count)
        for (object, node) in zip(objects, tree) {
            let pair = try node.list
            #expect(TLV.tagBytes(object.tag).hex == (try pair[0].text))
            if pair[1].raw is String {
                #expect(object.value.hex == (try pair[1].text))
            } else {
                try compare(try #require(object.children), try pair[1].list)
            }
        }
    }

    @Test(arguments: [
        ("card-data-scp0215", "02", "15"), ("card-data-scp0370", "03", "70"), ("select-isd-fci", "03", "70"),
    ])
    func `card data tells the secure channel protocol`(id: String, scp: String, options: String) throws {
        let entry = try #require(try VectorFile.entries("gp-getstatus", "tlv_tree").first { $0.id == id })
        let recognition = try #require(CardRecognition(try entry.inputs["data"].bytes))
        #expect(recognition.protocols.map { [$0.scp].hex } == [scp])
        #expect(recognition.protocols.map { [$0.options].hex } == [options])
    }

    @Test(arguments: try VectorFile.entries("gp-install-params", "install_parameters"))
    func `install parameters are the published bytes`(entry: VectorFile.Entry) throws {
        func quota(_ name: String) throws -> UInt16? {
            entry.inputs[name].isPresent ? UInt16(try entry.inputs[name].number) : nil
        }
        let parameters = InstallCommand.parameters(
            application: entry.inputs["application"].isPresent ? try entry.inputs["application"].bytes : [],
            systemNonVolatile: try quota("systemNonVolatile"), systemVolatile: try quota("systemVolatile"),
            toolkit: entry.inputs["toolkit"].isPresent ? try entry.inputs["toolkit"].bytes : nil)
        #expect(parameters.hex == (try entry.expected["parameters"].text))
    }

    @Test(arguments: try VectorFile.entries("gp-install-params", "install_command"))
    func `an install command has the standard's fields`(entry: VectorFile.Entry) throws {
        let inputs = entry.inputs
        let command: APDUCommand
        switch try inputs["p1"].text {
        case "02":
            command = InstallCommand.forLoad(
                loadFile: try inputs["loadFile"].bytes, securityDomain: try inputs["securityDomain"].bytes)
        case "0C":
            command = InstallCommand.forInstallAndMakeSelectable(
                loadFile: try inputs["loadFile"].bytes, module: try inputs["module"].bytes,
                instance: try inputs["instance"].bytes, privileges: try inputs["privileges"].bytes,
                parameters: try inputs["parameters"].bytes)
        default: command = InstallCommand.forPersonalization(instance: try inputs["instance"].bytes)
        }
        #expect(command.encoded.hex == (try entry.expected["apdu"].text))
    }

    @Test(arguments: try VectorFile.entries("gp-install-params", "store_data_blocks"))
    func `store data blocks are numbered and the last is marked`(entry: VectorFile.Entry) throws {
        let commands = StoreData.commands(
            p1: try entry.inputs["p1"].byte, blocks: try entry.inputs["blocks"].list.map { try $0.bytes })
        #expect(commands.map(\.encoded.hex) == (try entry.expected["apdus"].list.map { try $0.text }))
    }

    @Test func `a registry longer than one answer is asked for until it ends`() throws {
        let isd = "E3144F07A00000015100009F700107C50180EA028000"
        let card = ScriptedChannel(hex: [
            ("80F24002024F0000", isd + "6310"), ("80F24003024F0000", isd + "9000"),
        ])
        #expect(try CardManager(card).registry(.applications).count == 2)
        let empty = ScriptedChannel(hex: [("80F22002024F0000", "6A88")])
        #expect(try CardManager(empty).registry(.loadFiles).isEmpty)
    }

    @Test func `a locked card is still selected`() throws {
        let card = ScriptedChannel(hex: [("00A4040008A00000015100000000", "6283")])
        let isd = Bytes([0xA0, 0, 0, 1, 0x51, 0, 0, 0])
        #expect(try CardManager(card).select(isd)?.isLocked == true)
    }
}
