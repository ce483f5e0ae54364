import Catalog
import Foundation
import Ground
import Testing

@Suite struct ProfileTests {
    private let product = """
        sakk: 1
        product: utopia-id
        document:
          code: ID
          format: TD1
          number:
            source: pool
            on_remake: new
            pattern: "[A-Z][0-9]{8}"
        blank:
          stock: pc-1
          identity: engraved
        print:
          ribbon: ymckok
          front: a/front.svg
          back: a/back.svg
        chip: chip.yaml
        inspection: look.yaml
        priorities:
          urgent: { head_start_hours: 5, quota_percent: 20 }
          campaign: { head_start_hours: 1, deadline: 2027-03-21, deadline_rise_days: 10 }
          normal: { head_start_hours: 0 }
        """
    private let line = """
        sakk: 1
        line: L-1
        mode: production
        profile: ../profiles/utopia-id
        ledger: /var/lib/ledger.sqlite
        cell:
          id: C-1
          printer:
            model: p.yaml
            serial: S-1
          reader: Reader 0
          camera:
            model: c.yaml
            address: 10.0.0.5
        trust:
          approval: [ca.pem, /etc/ca2.pem]
          country_signing: [csca.pem]
        keys:
          transport_master: master.hex
          document_signer_certificate: ds.pem
          document_signer_key: ds.key.pem
          vault: { folder: vault }
        """

    @Test func aProductIsItsFolder() throws {
        let scratch = try Scratch()
        try scratch.write(product, "utopia-id/profile.yaml")
        let folder = scratch.path + "/utopia-id"
        let profile = try ProductProfile(folder: folder)
        #expect(profile.product == "utopia-id")
        #expect(profile.documentCode == "ID")
        #expect(profile.format == "TD1")
        #expect(profile.numberSource == .pool)
        #expect(profile.numberOnRemake == .new)
        #expect(profile.numberPattern == "[A-Z][0-9]{8}")
        #expect(profile.blankIdentity == .engraved)
        #expect(profile.blankStock == "pc-1")
        #expect(profile.ribbon == "ymckok")
        #expect(profile.artworkFront == folder + "/a/front.svg")
        #expect(profile.artworkBack == folder + "/a/back.svg")
        #expect(profile.chipProfile == folder + "/chip.yaml")
        #expect(profile.inspectionPlan == folder + "/look.yaml")
        #expect(profile.headStart("urgent") == 5 * 3_600_000_000 && profile.headStart("unnamed") == 0)
        #expect(profile.quotas == ["urgent": 20])
        #expect(profile.priorities["campaign"]?.deadline == CivilDate(year: 2027, month: 3, day: 21))
        #expect(profile.priorities["campaign"]?.deadlineRiseDays == 10)
        #expect(profile.priorities["urgent"]?.deadline == nil)
    }

    @Test(arguments: [
        ("product: utopia-id", "product: other-id", "product", "config.value"),
        ("format: TD1", "format: TD9", "document.format", "config.value"),
        ("source: pool", "source: thin air", "document.number.source", "config.value"),
        ("on_remake: new", "on_remake: maybe", "document.number.on_remake", "config.value"),
        ("source: pool", "source: blank", "blank.category", "config.value"),
        ("identity: engraved", "identity: smell", "blank.identity", "config.value"),
        ("quota_percent: 20", "quota_percent: 0", "priorities.urgent.quota_percent", "config.value"),
        ("2027-03-21", "2027-02-30", "priorities.campaign.deadline", "config.value"),
        ("rise_days: 10", "rise_days: 0", "priorities.campaign.deadline_rise_days", "config.value"),
        ("deadline: 2027-03-21, ", "", "priorities.campaign.deadline_rise_days", "config.value"),
        ("hours: 5", "hours: -1", "priorities.urgent.head_start_hours", "config.value"),
        ("chip: chip.yaml\n", "", "chip", "config.missing"),
        ("ribbon: ymckok", "ribbon: ymckok\n  glitter: yes", "print.glitter", "config.unknown"),
        ("pattern: \"[A-Z][0-9]{8}\"", "pattern: \"x\"\n    prefix: A", "document.number.prefix", "config.unknown"),
    ])
    func aWrongProductIsRefusedByItsKey(part: String, other: String, key: String, code: String) throws {
        let scratch = try Scratch()
        #expect(product.contains(part))
        try scratch.write(product.replacing(part, with: other), "utopia-id/profile.yaml")
        let error = #expect(throws: SakkError.self) { try ProductProfile(folder: scratch.path + "/utopia-id") }
        #expect(error?.code.rawValue == code)
        #expect(error?.subject == key)
    }

    @Test func aNumberOfTheBookletIsEngravedAndNewOnARemake() throws {
        let booklet = product.replacing("source: pool", with: "source: blank")
            .replacing("stock: pc-1", with: "stock: pc-1\n  category: regular")
        for (part, other, key) in [
            ("identity: engraved", "identity: chip", "blank.identity"),
            ("on_remake: new", "on_remake: keep", "document.number.on_remake"),
        ] {
            let scratch = try Scratch()
            try scratch.write(booklet.replacing(part, with: other), "utopia-id/profile.yaml")
            let error = #expect(throws: SakkError.self) { try ProductProfile(folder: scratch.path + "/utopia-id") }
            #expect(error?.subject == key && error?.code == "config.value")
        }
    }

    @Test func thePassportsOfThisRepositoryTakeTheirNumbersFromBooklets() throws {
        for category in ["regular", "diplomatic", "service", "special"] {
            let profile = try ProductProfile(folder: Repository.path + "/profiles/iq-passport-\(category)")
            #expect(profile.numberSource == .blank && profile.numberOnRemake == .new)
            #expect(profile.blankIdentity == .engraved && profile.blankCategory == category)
            #expect(profile.format == "TD3" && profile.documentCode == "P")
            #expect(profile.blankStock == "passport-b-\(category)")
        }
    }

    @Test func aLinesPathsAreMeantFromItsOwnFolder() throws {
        let scratch = try Scratch()
        let line = try LineProfile(path: scratch.write(line, "lines/l1.yaml"))
        let folder = scratch.path + "/lines"
        #expect(line.id == LineID("L-1"))
        #expect(line.mode == .production)
        #expect(line.profile == folder + "/../profiles/utopia-id")
        #expect(line.ledger == "/var/lib/ledger.sqlite")
        #expect(line.pictures == nil)
        #expect(line.cell.id == CellID("C-1"))
        #expect(line.cell.printerModel == folder + "/p.yaml")
        #expect(line.cell.printerSerial == "S-1")
        #expect(line.cell.reader == "Reader 0")
        #expect(line.cell.deskReader == nil)
        #expect(line.cell.cameraModel == folder + "/c.yaml")
        #expect(line.cell.cameraAddress == "10.0.0.5")
        #expect(line.trust.approval == [folder + "/ca.pem", "/etc/ca2.pem"])
        #expect(line.trust.countrySigning == [folder + "/csca.pem"])
        #expect(line.keys.transportMaster == .file(folder + "/master.hex"))
        #expect(line.keys.productionMaster == nil)
        #expect(line.keys.documentSigners.map(\.certificate) == [folder + "/ds.pem"])
        #expect(line.keys.documentSigners.map(\.key) == [.file(folder + "/ds.key.pem")])
        #expect(line.keys.vault == .folder(folder + "/vault"))
    }

    @Test func aLineHasNoMoreReadersThanOneProgramIsServed() throws {
        let scratch = try Scratch()
        let parts = line.split(separator: "\n").map(String.init)
        let head = parts.prefix { $0 != "cell:" }
        let cell = parts.dropFirst(head.count + 1).prefix { $0.hasPrefix(" ") }
        let tail = parts.dropFirst(head.count + 1 + cell.count)
        func cells(_ count: Int) throws -> String {
            let all = (1...count).flatMap { number in
                cell.enumerated().map { index, row in
                    (index == 0 ? "  - " : "    ")
                        + row.dropFirst(2).replacing("C-1", with: "C-\(number)")
                        .replacing("Reader 0", with: "Reader \(number)")
                }
            }
            return try scratch.write((head + ["cells:"] + all + tail).joined(separator: "\n"), "lines/many.yaml")
        }
        #expect(try LineProfile(path: try cells(16)).cells.count == 16)
        let tooMany = try cells(17)
        let error = #expect(throws: SakkError.self) { try LineProfile(path: tooMany) }
        #expect(error?.code == "config.value" && error?.text.contains("17 readers") == true)
    }

    @Test func aLineOfSeveralProductsIsSetUpForOneOfThem() throws {
        let scratch = try Scratch()
        let several = line.replacing(
            "ledger:", with: "other_profiles: [../profiles/permit, /p/visa]\nstock_window_hours: 12\nledger:")
        let made = try LineProfile(path: scratch.write(several, "lines/l1.yaml"))
        let (first, second) = (
            scratch.path + "/lines/../profiles/utopia-id", scratch.path + "/lines/../profiles/permit"
        )
        #expect(made.profile == first && made.otherProfiles == [second, "/p/visa"])
        #expect(made.stockWindow == 12 * 3_600_000_000)
        let other = try #require(made.setUp(for: second))
        #expect(other.profile == second && other.otherProfiles == [first, "/p/visa"])
        #expect(made.setUp(for: "/p/none") == nil && made.setUp(for: first)?.profile == first)
        for wrong in ["other_profiles: [/p/visa, /p/visa]\nstock_window_hours: 1", "stock_window_hours: 1"] {
            let file = try scratch.write(line.replacing("ledger:", with: wrong + "\nledger:"), "lines/l2.yaml")
            #expect((#expect(throws: SakkError.self) { try LineProfile(path: file) })?.code == "config.value")
        }
    }

    @Test func theProductionMasterKeyIsAFileOrAKeyInTheVault() throws {
        let scratch = try Scratch()
        let file = line.replacing("  vault:", with: "  production_master: own.hex\n  vault:")
        #expect(
            try LineProfile(path: scratch.write(file, "lines/l1.yaml")).keys.productionMaster
                == .file(scratch.path + "/lines/own.hex"))
        let place = "{ module: /m.so, token: T, pin_file: /pin, label: own, bits: 128 }"
        let token = line.replacing("  vault:", with: "  production_master_token: \(place)\n  vault:")
        #expect(
            try LineProfile(path: scratch.write(token, "lines/l2.yaml")).keys.productionMaster
                == .token(module: "/m.so", label: "T", pinFile: "/pin", key: "own", bits: 128))
        let both = token.replacing("  vault:", with: "  production_master: own.hex\n  vault:")
        let error = #expect(throws: SakkError.self) { try LineProfile(path: scratch.write(both, "lines/l3.yaml")) }
        #expect(error?.subject == "keys.production_master" && error?.code == "config.value")
    }

    @Test func aLinesLeaseTimesAreItsOwn() throws {
        let scratch = try Scratch()
        #expect(try LineProfile(path: scratch.write(line, "l1.yaml")).lease == nil)
        let own = line.replacing(
            "mode: production", with: "mode: training\nlease: { duration_ms: 9000, margin_ms: 3000 }")
        let lease = try LineProfile(path: scratch.write(own, "l2.yaml")).lease
        #expect(lease?.duration == 9_000_000 && lease?.margin == 3_000_000)
    }

    @Test(arguments: [
        ("mode: production", "mode: party", "mode", "config.value"),
        ("mode: production\n", "", "mode", "config.missing"),
        ("    serial: S-1\n", "", "cell.printer.serial", "config.missing"),
        ("  reader: Reader 0", "  reader: Reader 0\n  tray: 1", "cell.tray", "config.unknown"),
        ("  vault: { folder: vault }", "  vault: { folder: vault, pin: 1234 }", "keys.vault.pin", "config.unknown"),
        (
            "mode: production", "mode: production\nlease: { duration_ms: 9000, margin_ms: 4000 }", "lease.margin_ms",
            "config.value"
        ),
        ("mode: production", "mode: production\nlease: { duration_ms: 9000 }", "lease.margin_ms", "config.missing"),
        ("  approval: [ca.pem, /etc/ca2.pem]\n", "", "trust.approval", "config.missing"),
        ("  country_signing: [csca.pem]\n", "  country_signing: []\n", "trust.country_signing", "config.value"),
    ])
    func aWrongLineIsRefusedByItsKey(part: String, other: String, key: String, code: String) throws {
        let scratch = try Scratch()
        #expect(line.contains(part))
        let path = try scratch.write(line.replacing(part, with: other), "l1.yaml")
        let error = #expect(throws: SakkError.self) { try LineProfile(path: path) }
        #expect(error?.code.rawValue == code)
        #expect(error?.subject == key)
        #expect(error?.description.contains("1234") == false, "a value is never repeated")
    }

    @Test func theInspectionSystemsKeyMayBeInATokenBesideItsCertificates() throws {
        let scratch = try Scratch()
        let token = "  inspection_system_key_token: { module: m.so, token: issuer, pin_file: pin, label: is-1 }\n"
        let alone = line.hasSuffix("\n") ? line + token : line + "\n" + token
        #expect(throws: SakkError.self) { try LineProfile(path: try scratch.write(alone, "line.yaml")) }
        let whole = alone.replacingOccurrences(of: "trust:\n", with: "trust:\n  inspection_system: inspection\n")
        let keys = try LineProfile(path: try scratch.write(whole, "line.yaml")).keys
        #expect(keys.inspectionSystem?.name == "issuer/is-1")
        let file = whole.replacingOccurrences(of: token, with: "")
        #expect(try LineProfile(path: try scratch.write(file, "line.yaml")).keys.inspectionSystem == nil)
    }

    @Test func aLinesDocumentSignersTakeOverInTheFilesOrder() throws {
        let scratch = try Scratch()
        let more = """
            \(line)
              document_signer_attempts_max: 50000
              next_document_signers:
                - document_signer_certificate: ds2.pem
                  document_signer_key_token: { module: m.so, token: issuer, pin_file: pin, label: ds-2 }
                  document_signer_attempts_max: 100
                - { document_signer_certificate: ds3.pem, document_signer_key: ds3.key.pem }
            """
        let signers = try LineProfile(path: try scratch.write(more, "line.yaml")).keys.documentSigners
        #expect(signers.map { $0.certificate.split(separator: "/").last } == ["ds.pem", "ds2.pem", "ds3.pem"])
        #expect(signers.map(\.attemptsMax) == [50_000, 100, nil])
        #expect(signers[1].key.path == nil)
        for wrong in ["document_signer_attempts_max: 0", "document_signer_attempts: 5"] {
            let text = more.replacingOccurrences(of: "document_signer_attempts_max: 100", with: wrong)
            #expect(throws: SakkError.self) { try LineProfile(path: try scratch.write(text, "line.yaml")) }
        }
    }
}
