import BorderReader
import Catalog
import Foundation
import Ground
import OpenSSLCrypto
import Personalisation
import PlantChip
import SmartCard
import Stations
import Testing

/// A new applet is a new file: nothing of this one is in the code.
@Suite struct DialectTests {
    /// An applet of a maker that nobody has: one object per file, a password object, a close command.
    private static let dialect = """
        sakk: 1
        dialect: invented
        channel: plain
        file_bytes_max: 4096
        steps:
          file:
            each: file
            commands:
              - { header: "B0 10 {file.id}", data: "C1[{file.tag}] C2[{file.size}]", expect: [9000, 6A89] }
              - { header: "B0 12 {offset}", data: "C3[{block}]", each: block, expect: [9001] }
          password:
            commands:
              - { header: B0 20 00 00, data: "E0[ 80[{document_number}] 81[{date_of_birth}{date_of_expiry}] ]" }
              - { header: B0 21 00 00, data: "{mrz_information}", answer_bytes: 2 }
          close:
            locks: true
            commands:
              - { header: B0 FF 00 01 }
            done_when: { header: B0 F0 00 00, expect: [6E01] }
        """
    private static let chip = """
        sakk: 1
        issuer_security_domain: A000000151000000
        load_file: F00000000001
        module: F0000000000101
        instance: A0000002471001
        key_version: 0
        security_level: 0x01
        dialect: dialect.yaml
        block_bytes: 100
        presence_timeout_ms: 1000
        document:
          lds_version: "0107"
          data_groups: [1, 2]
          face: iso19794
          access: [bac]
        steps:
          - { do: install, resume: kill }
          - { do: password, resume: kill }
          - { do: file, resume: kill }
          - { do: close, resume: kill }
        continuations_max: 0
        """

    /// A card whose issuer security domain is the plant's and whose applet is recorded.
    private final class Recorder: CardChannel {
        let card: VirtualCard
        var commands: [APDUCommand] = []
        var refused: UInt8?
        /// What the applet answers about a file.
        var shown = Bytes()
        private var isApplet = false
        private var isInstalled = false

        init(_ card: VirtualCard) {
            self.card = card
            _ = card.powerOn()
        }

        func transmit(_ command: APDUCommand) throws(SakkError) -> APDUResponse {
            if command.header.hasPrefix("00A40400") {
                isApplet = command.data == Bytes(hex: "A0000002471001")
                if isApplet { return APDUResponse(data: [], status: isInstalled ? 0x9000 : 0x6A82) }
            }
            if isApplet {
                commands.append(command)
                if command.ins == 0x30 { return APDUResponse(data: shown, status: 0x9000) }
                if command.ins == refused { return APDUResponse(data: [], status: 0x6A80) }
                return APDUResponse(data: [], status: command.ins == 0x12 ? 0x9001 : 0x9000)
            }
            // the plant's card has another load file: its INSTALL is taken for done
            if command.header.hasPrefix("84E6") {
                isInstalled = true
                _ = card.process(command.encoded)
                return APDUResponse(data: [0], status: 0x9000)
            }
            guard let answer = card.process(command.encoded), let response = APDUResponse(encoded: answer) else {
                throw SakkError("chip.silent", source: "", outcome: .unknown, text: "", remedy: "")
            }
            return response
        }
    }

    private func profile(_ chip: String = chip, _ dialect: String = dialect) throws -> ChipSettings {
        let folder = FileManager.default.temporaryDirectory.appending(path: "dialect-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try dialect.write(to: folder.appending(path: "dialect.yaml"), atomically: true, encoding: .utf8)
        try chip.write(to: folder.appending(path: "chip.yaml"), atomically: true, encoding: .utf8)
        return try ChipSettings(path: folder.appending(path: "chip.yaml").path)
    }

    private func job() -> ChipJob {
        ChipJob(
            attempt: AttemptID("NEW-1"),
            files: [
                ChipFile(fileID: 0x0101, bytes: [0x61, 0x01, 0x02]), ChipFile(fileID: 0x0102, bytes: Bytes(0..<150)),
            ],
            access: MRZAccess(documentNumber: "L898902C", dateOfBirth: "690806", dateOfExpiry: "940623"), sodHash: [1])
    }

    @Test func `an applet that the program never heard of is written as its file says`() throws {
        var settings = try profile()
        settings.presenceTimeoutMS = 1
        let recorder = Recorder(Specimen.card())
        try ChipPersonaliser(profile: settings, keys: try Specimen.keys()).personalise(
            job(), on: try Specimen.identity(), channel: recorder
        ) { _ in }
        let sent = recorder.commands.map { $0.header + " " + $0.data.hex }
        #expect(
            sent == [
                "B0200000 E01880084C38393839303243810C363930383036393430363233",
                // 9303-11 appendix D.2: number, birth and expiry with their check digits
                "B0210000 " + Bytes("L898902C<369080619406236".utf8).hex,
                "B0100101 C10161C2020003", "B0120000 C303610102",
                "B0100102 C10100C2020096", "B0120000 C364" + Bytes(0..<100).hex, "B0120064 C332" + Bytes(100..<150).hex,
                "B0FF0001 ",
            ])
        #expect(recorder.commands[1].le == 2)
    }

    /// Keeps what a card is sent in clear.
    private final class Listener: CardChannel {
        private let channel: VirtualChannel
        var commands: [APDUCommand] = []

        init(_ card: VirtualCard) throws(SakkError) { channel = try VirtualChannel(card) }

        func transmit(_ command: APDUCommand) throws(SakkError) -> APDUResponse {
            if command.cla == 0x00, command.ins != 0xCA { commands.append(command) }
            return try channel.transmit(command)
        }
    }

    /// Byte for byte what the applet's source reads (firmware-specs/jmrtd-passport-applet): its scanner finds a key behind an empty
    /// object, takes the fields of the zone from inside theirs, and has short lengths only.
    @Test func `the open applet gets the bytes that its scanner reads, in its order`() async throws {
        let job = try await Specimen.document().chip
        let listener = try Listener(Specimen.card())
        try Specimen.personaliser().personalise(job, on: try Specimen.identity(), channel: listener) { _ in }
        let start = try #require(listener.commands.firstIndex { $0.header == "00DA0060" })
        var commands = listener.commands[start...]
        for (tag, header) in [("60", "00DA0060"), ("61", "00DA0061")] {
            let command = commands.removeFirst()
            #expect(command.header == header && command.data.count == 133)
            #expect(Bytes(command.data.prefix(5)).hex == tag + "00048180")
        }
        for file in job.files {
            let size = BigEndian.bytes(UInt16(file.bytes.count)).hex
            let identifier = BigEndian.bytes(file.fileID).hex
            let (created, selected) = (commands.removeFirst(), commands.removeFirst())
            #expect(created.header == "00E00000" && created.data.hex == "6304" + size + identifier)
            #expect(selected.header == "00A4020C" && selected.data.hex == identifier)
            var written = Bytes()
            while commands.first?.ins == 0xD6 {
                let block = commands.removeFirst()
                #expect(block.header == "00D6" + BigEndian.bytes(UInt16(written.count)).hex)
                #expect((1...255).contains(block.data.count))
                written += block.data
            }
            #expect(written == file.bytes)
        }
        let access = commands.removeFirst()
        #expect(access.header == "00DA0062")
        let fields = "5F1F09" + Bytes("AB1234567".utf8).hex + "5F1806" + Bytes("900402".utf8).hex
        #expect(access.data.hex == "621E" + fields + "5F1906" + Bytes("361031".utf8).hex)
        let lock = commands.removeFirst()
        #expect(lock.header == "00DADEAD" && lock.data.isEmpty)
        #expect(listener.commands.allSatisfy { !$0.isExtended })
    }

    @Test func `a status word that the dialect does not expect ends the writing, with what it was`() throws {
        let recorder = Recorder(Specimen.card())
        recorder.refused = 0x21
        do {
            try ChipPersonaliser(profile: try profile(), keys: try Specimen.keys()).personalise(
                job(), on: try Specimen.identity(), channel: recorder
            ) { _ in }
            Issue.record("the refusal was not noticed")
        } catch let error as SakkError {
            #expect(error.code == "chip.refused" && error.outcome == .unknown && error.native?.value == "6A80")
            #expect(error.text.contains("password"))
        }
    }

    @Test(arguments: [true, false])
    func `a file that the chip holds otherwise than it was written ends the writing before the lock`(isSame: Bool)
        throws
    {
        let step = [
            "  compare:", "    each: closed_file", "    commands:",
            #"      - { header: "B0 30 {file.id}", answer_bytes: 32, shows: "{file.sha256}" }"#,
        ]
        let dialect = ([Self.dialect] + step).joined(separator: "\n")
        let chip = Self.chip.replacing("  - { do: close,", with: "  - { do: compare, resume: kill }\n  - { do: close,")
        let fingers = Bytes([0x63, 0x01, 0x07])
        let job = ChipJob(
            attempt: AttemptID("NEW-1"), files: job().files + [ChipFile(fileID: 0x0103, bytes: fingers)],
            access: job().access, sodHash: [1])
        let recorder = Recorder(Specimen.card())
        recorder.shown = Digest.sha256(isSame ? fingers : [0x63, 0x01, 0x08])
        func write() throws {
            try ChipPersonaliser(profile: try profile(chip, dialect), keys: try Specimen.keys()).personalise(
                job, on: try Specimen.identity(), channel: recorder
            ) { _ in }
        }
        if isSame {
            try write()
        } else {
            let error = #expect(throws: SakkError.self) { try write() }
            #expect(error?.code == "chip.file.differs" && error?.outcome == .unknown)
        }
        // the open files are not asked about
        #expect(recorder.commands.filter { $0.ins == 0x30 }.map(\.header) == ["B0300103"])
        #expect(recorder.commands.contains { $0.ins == 0xFF } == isSame)
    }

    @Test func `a file that the applet cannot hold is refused before anything is sent`() throws {
        let recorder = Recorder(Specimen.card())
        let job = ChipJob(
            attempt: AttemptID("NEW-1"), files: [ChipFile(fileID: 0x0101, bytes: Bytes(repeating: 0, count: 4097))],
            access: job().access, sodHash: [1])
        #expect(throws: SakkError("chip.file.size", source: "", text: "", remedy: "")) {
            try ChipPersonaliser(profile: try profile(), keys: try Specimen.keys()).personalise(
                job, on: try Specimen.identity(), channel: recorder
            ) { _ in }
        }
        #expect(recorder.commands.isEmpty)
    }

    @Test(arguments: [
        ("data: \"C3[{block}]\", each: block", "data: \"C3[{block}]\"", "commands[2].header", "without `each: block`"),
        ("{file.size}", "{file.sice}", "commands[1].data", "{file.sice}, which nobody knows"),
        ("B0 21 00 00", "B0 21 00", "commands[2].header", "must come to four bytes, these are 3"),
        ("B0 FF 00 01", "\"B0 FF {block}\"", "commands[1].header", "asks for {block} without `each: block`"),
        ("C1[{file.tag}]", "C1[{file.tag}", "commands[1].data", "has no closing `]`"),
        ("C2[{file.size}]", "C2[{file.size]", "commands[1].data", "has no closing `}`"),
        ("C1[{file.tag}]", "C[{file.tag}]", "commands[1].data", "must be pairs of hexadecimal digits"),
        ("C1[{file.tag}]", "C1<{file.tag}>", "commands[1].data", "needs an identifier of two bytes"),
        ("[9001]", "[90]", "commands[2].expect", "must be status words of four hexadecimal digits"),
        ("answer_bytes: 2", "gives: active_authentication", "commands[2].gives", "needs `answer_bytes`"),
        ("answer_bytes: 2", "awaits: 2", "commands[2].awaits", "is not a key that is known here"),
        ("each: file", "each: moon", "file.each", "must be one of file, closed_file"),
        ("answer_bytes: 2", "shows: \"9000\"", "commands[2].shows", "needs `answer_bytes`"),
        ("answer_bytes: 2", "answer_bytes: 2, shows: \"{ca.number}\"", "commands[2].shows", "and no secret"),
        ("channel: plain", "channel: open", "channel", "must be one of plain, secure"),
    ]) func `a wrong dialect is named with file, line and reason`(
        from: String, to: String, place: String, reason: String
    ) throws {
        let text = Self.dialect.replacingOccurrences(of: from, with: to)
        try #require(text != Self.dialect)
        do {
            _ = try profile(Self.chip, text)
            Issue.record("the fault was not noticed")
        } catch let error as SakkError {
            #expect(error.subject?.hasSuffix(place) == true, "\(error.subject ?? "")")
            #expect(error.text.contains(reason), "\(error.text)")
            let line = try #require(Int(error.source.split(separator: ":").last ?? ""))
            #expect(error.source.contains("dialect.yaml:") && line > 1)
        }
    }

    @Test(arguments: [
        ("- { do: close, resume: kill }", "", "must end with the one step that locks"),
        ("- { do: install, resume: kill }", "", "must begin with install"),
        ("- { do: password, resume: kill }", "", "must give the chip its password"),
        ("- { do: file, resume: kill }", "", "must hold a step that writes the files"),
        ("do: file", "do: flie", "is no step of the dialect invented: there are install, close, file, password"),
        ("do: file, resume: kill", "do: file, resume: hope", "must be one of kill, again"),
        ("do: file", "do: password", "comes twice"),
        ("continuations_max: 0", "continuations_max: 3", "must lie between 0 and 2"),
        ("access: [bac]", "access: [pace]", "must both speak of PACE, or neither"),
        ("[1, 2]", "[2, 1]", "in this order"),
        (
            "access: [bac]", "access: [bac]\n  active_authentication: { key: p256, made: chip }",
            "differ in the keys that are born in the chip: active_authentication"
        ),
        (
            "access: [bac]", "access: [bac]\n  active_authentication: { key: p256, made: host }",
            "differ in the keys that the host makes: active_authentication"
        ),
        (
            "access: [bac]", "access: [bac]\n  active_authentication: { key: p255, made: host }",
            "must be an RSA key or a curve"
        ),
        ("key_version: 0", "key_version: 0\nkey: 1", "is not a key that is known here"),
        ("key_version: 0", "key_version: 0\nput_key: add", "is about the step keys, which there is not"),
        ("key_version: 0", "key_version: 128", "must lie between 0 and 127, or be 255"),
        ("key_version: 0", "key_version: 48\nproduction_key_version: 49", "needs the step keys, which puts them"),
        ("key_version: 0", "key_version: 48\nproduction_key_version: 0", "must lie between 1 and 127"),
        ("- { do: install,", "- { do: keys, resume: kill }\n  - { do: install,", "is missing: the step keys puts them"),
        (
            "- { do: install, resume: kill }", "- { do: install, resume: kill }\n  - { do: keys, resume: kill }",
            "must begin with install, or with keys and then install"
        ),
        (
            "- { do: close, resume: kill }", "- { do: keys, resume: kill }\n  - { do: close, resume: kill }",
            "must begin with install, or with keys and then install"
        ),
    ]) func `a wrong order is named with file, line and reason`(from: String, to: String, reason: String) throws {
        let text = Self.chip.replacingOccurrences(of: from, with: to)
        try #require(text != Self.chip)
        do {
            _ = try profile(text)
            Issue.record("the fault was not noticed")
        } catch let error as SakkError {
            #expect(error.text.contains(reason), "\(error.text)")
            let line = try #require(Int(error.source.split(separator: ":").last ?? ""))
            #expect(error.source.contains("chip.yaml:") && line >= 1)
        }
    }

    @Test(arguments: [
        ("key_version: 48\nproduction_key_version: 48", "must be another version than key_version"),
        ("key_version: 0\nproduction_key_version: 49", "must tell the transport keys' version"),
        ("key_version: 48\nproduction_key_version: 49\nput_key: maybe", "must be one of replace, add"),
    ]) func `production keys whose version tells nothing are refused`(versions: String, reason: String) throws {
        let text = Self.chip.replacing("key_version: 0", with: versions)
            .replacing("- { do: install,", with: "- { do: keys, resume: again }\n  - { do: install,")
        let error = #expect(throws: SakkError.self) { try profile(text) }
        #expect(error?.text.contains(reason) == true, "\(error?.text ?? "")")
        let good = text.replacing(versions, with: "key_version: 255\nproduction_key_version: 49")
        let settings = try profile(good)
        #expect(settings.keyVersion == 0xFF && settings.productionKeyVersion == 49)
    }

    @Test(arguments: ["install", "keys"])
    func `a dialect cannot take a step of the card for its own`(name: String) throws {
        let text = Self.dialect.replacing("  password:", with: "  \(name):")
        let error = #expect(throws: SakkError.self) { try profile(Self.chip, text) }
        #expect(error?.text.contains("is a step of the card itself") == true, "\(error?.text ?? "")")
    }

    @Test(arguments: [
        "iq-national-id", "iq-passport-regular", "iq-passport-diplomatic", "iq-passport-service",
        "iq-passport-special", "iq-residence-card",
    ])
    func `every product of the repository can be written`(name: String) async throws {
        let product = Specimen.Product(name: name)
        let card = Specimen.card()
        let document = try await Specimen.document(product)
        try Specimen.personaliser(product).personalise(
            document.chip, on: try Specimen.identity(), channel: try TornCard(card).power()
        ) { _ in }
        let report = try Specimen.border().report(
            on: try TornCard(card).power(), access: document.chip.access, at: Specimen.time)
        #expect(report.passed, "\(report.checks.filter { !$0.passed })")
        #expect(document.mrz.count == (name.contains("passport") ? 2 : 3))
    }
}
