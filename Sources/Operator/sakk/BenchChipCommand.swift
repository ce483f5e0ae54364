import ArgumentParser
import Catalog
import DocumentWriter
import Foundation
import GlobalPlatform
import Ground
import KeyVault
import OpenSSLCrypto
import SmartCard

struct BenchChipCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "chip", abstract: "Chips through PC/SC, beside a plain C loop on the same reader in the same run.",
        discussion: """
            Started by scripts/bench-chip, which makes the readers, the cards, a token and the C program. Test keys only. \
            Rounds of both sides take turns, so what else the machine does meets both.
            """)

    @Option(help: "Name of a reader with a card; several for the crowd.") var reader: [String]
    @Option(help: "A reader whose card is bad (slow), for what it does to the others.") var bad: String?
    @Option(help: "The program with the C loops.") var floor: String
    @Option(help: "The line whose test keys are used.") var line = "seeds/demo/line.yaml"
    @Option(help: "Folder of the product that is written.") var product = "profiles/iq-passport-regular"
    @Option(help: "Exchanges on each side.") var exchanges = 10_000
    @Option(help: "Loads of 20 kB.") var loads = 20
    @Option(help: "Documents.") var documents = 20
    @Option(help: "Security objects on each side.") var sods = 20_000
    @Option(help: "Cards that come and go while memory is watched.") var cards = 1000
    @Option(help: "PKCS#11 module.") var module: String?
    @Option(help: "Label of the token.") var token: String?
    @Option(help: "File with its PIN.") var pinFile: String?
    @Option(help: "Label of the signing key.") var signingKey: String?
    @Option(help: "Certificate of the signing key.") var certificate: String?
    @Flag(help: "One JSON object (sakk.bench-chip/1).") var json = false

    private static let rounds = 10

    func run() async throws {
        let profile = try LineProfile(path: line)
        let keys = try IssuerKeys.cards(profile.keys.transportMaster)
        var table = BenchChipTable()
        try await exchanges(&table, keys)
        try await loads(&table, keys)
        try await documents(&table, profile)
        try signatures(&table)
        try await crowd(&table)
        try await memory(&table, keys)
        print(json ? table.json : table.text, terminator: json ? "\n" : "")
    }

    private func connected(_ name: String) async throws(SakkError) -> PCSCReader {
        let reader = PCSCReader(name: name)
        try await reader.connect()
        guard case .present = try await reader.waitForCard(timeoutMS: 5000) else {
            throw SakkError(
                "chip.absent", source: "reader \(name)", text: "There is no card in the reader.",
                remedy: "The bench needs a card in each reader.")
        }
        return reader
    }

    private func exchanges(_ table: inout BenchChipTable, _ keys: any CardKeySource) async throws {
        guard exchanges > 0 else { return }
        let loops = BenchChipFloor(path: floor)
        let device = try await connected(reader[0])
        let each = max(1, exchanges / Self.rounds)
        var (ours, floors, secured): ([Int64], [Int64], [Int64]) = ([], [], [])
        var (work, workOfLoop): (Int64, Int64) = (0, 0)
        for _ in 0..<Self.rounds {
            let loop = try loops.apdu(BenchChipExchanges.command.encoded.hex, count: each, reader: reader[0])
            let own = try await BenchChipExchanges.times(device, count: each)
            (floors, workOfLoop) = (floors + loop.times, workOfLoop + loop.processor)
            (ours, work) = (ours + own.times, work + own.processor)
            secured += try await BenchChipExchanges.securedTimes(device, keys: keys, count: each)
        }
        await device.disconnect()
        let (mine, theirs) = (BenchTimes(nanoseconds: ours), BenchTimes(nanoseconds: floors))
        for percent in [50, 95] {
            let (own, floor) = (mine.microseconds(percent), theirs.microseconds(percent))
            table.add(
                BenchChipRow(name: "one exchange, p\(percent)", unit: "us", value: own, floor: floor))
            table.add(
                BenchChipRow(
                    name: "added by our layers, p\(percent)", unit: "us", value: own - floor,
                    goal: percent == 50 ? 30 : nil))
        }
        table.add(
            BenchChipRow(
                name: "  processor time of one in our process", unit: "ns", value: work / Int64(max(1, ours.count)),
                floor: workOfLoop / Int64(max(1, floors.count)), note: "truer on a busy machine"))
        let rate = { (times: [Int64]) in Int64(Double(times.count) * 1e9 / Double(times.reduce(1, +))) }
        table.add(BenchChipRow(name: "exchanges, one reader", unit: "/s", value: rate(ours), floor: rate(floors)))
        table.add(
            BenchChipRow(
                name: "one exchange in SCP03 level 33, p50", unit: "us",
                value: BenchTimes(nanoseconds: secured).microseconds(50), note: "both sides' cryptography"))
    }

    private func loads(_ table: inout BenchChipTable, _ keys: any CardKeySource) async throws {
        guard loads > 0 else { return }
        let device = try await connected(reader[0])
        let bench = BenchChipLoads(keys: keys, bytes: 20_000)
        var times: [Int64] = []
        var (commands, level) = (0, UInt8(0))
        for _ in 0..<loads {
            let done = try await bench.load(on: device)
            times.append(done.nanoseconds)
            (commands, level) = (done.commands, done.level)
        }
        await device.disconnect()
        let measured = BenchTimes(nanoseconds: times)
        table.add(
            BenchChipRow(
                name: "load of 20 kB, p50", unit: "us", value: measured.microseconds(50), goal: 40_000,
                note: "level \([level].hex), \(commands) commands"))
        table.add(BenchChipRow(name: "load of 20 kB, p95", unit: "us", value: measured.microseconds(95)))
    }

    private func documents(_ table: inout BenchChipTable, _ profile: LineProfile) async throws {
        guard documents > 0 else { return }
        let bench = try BenchChipDocuments(reader: reader[0], product: product, line: profile)
        try await bench.connect()
        var times: [BenchChipDocuments.Times] = []
        for number in 0..<documents { times.append(try await bench.make(number)) }
        await bench.disconnect()
        func middle(_ part: (BenchChipDocuments.Times) -> Int64) -> Int64 {
            BenchTimes(nanoseconds: times.map(part)).microseconds(50)
        }
        let name = product.split(separator: "/").last.map(String.init) ?? product
        table.add(
            BenchChipRow(
                name: "\(name): whole, p50", unit: "us", value: middle(\.whole), goal: 250_000,
                note: "portrait \(bench.portraitBytes) bytes"))
        table.add(BenchChipRow(name: "  prepared and signed, p50", unit: "us", value: middle(\.preparing)))
        table.add(BenchChipRow(name: "  identified and written, p50", unit: "us", value: middle(\.writing)))
        table.add(BenchChipRow(name: "  opened as a border does, p50", unit: "us", value: middle(\.border)))
    }

    private func signatures(_ table: inout BenchChipTable) throws {
        guard let module, let token, let pinFile, let signingKey, let certificate, sods > 0 else { return }
        let vault = PKCS11Keys(module: module, tokenLabel: token, pin: .file(pinFile))
        let bench = BenchChipSignatures(
            signer: DocumentSigner(certificate: try Certificates.read(certificate), key: try vault.signer(signingKey)))
        let loops = BenchChipFloor(path: floor)
        let pin = String(decoding: FileBytes.read(pinFile) ?? [], as: UTF8.self).split(separator: "\n").first ?? ""
        // the security object, and the attributes that are signed
        let sizes = BenchChipSignatures.groups.map(\.bytes) + [271, 107]
        let each = max(1, sods / Self.rounds)
        var (ours, floors): (Int64, Int64) = (0, 0)
        var (work, workOfLoop): (Int64, Int64) = (0, 0)
        for _ in 0..<Self.rounds {
            let loop = try loops.sign(
                module: module, token: token, label: signingKey, pin: String(pin), count: each, sizes: sizes)
            let own = try bench.sign(each)
            (floors, workOfLoop) = (floors + loop.elapsed, workOfLoop + loop.processor)
            (ours, work) = (ours + own.elapsed, work + own.processor)
        }
        let rate = { (time: Int64) in Int64(Double(each * Self.rounds) * 1e9 / Double(max(1, time))) }
        table.add(BenchChipRow(name: "security objects", unit: "/s", value: rate(ours), floor: rate(floors)))
        table.add(
            BenchChipRow(
                name: "  of the C loop", unit: "thousandths", value: floors * 1000 / max(1, ours), goal: 900,
                isLeast: true))
        table.add(
            BenchChipRow(
                name: "  of the C loop by processor time", unit: "thousandths", value: workOfLoop * 1000 / max(1, work),
                goal: 900, isLeast: true, note: "truer on a busy machine"))
        let all = Int64(each * Self.rounds)
        table.add(
            BenchChipRow(
                name: "  processor time of one", unit: "us", value: work / 1000 / all, floor: workOfLoop / 1000 / all))
    }

    private func crowd(_ table: inout BenchChipTable) async throws {
        guard reader.count > 1 else { return }
        let loops = BenchChipFloor(path: floor)
        let hex = BenchChipExchanges.command.encoded.hex
        var devices: [PCSCReader] = []
        for name in reader { devices.append(try await connected(name)) }
        let milliseconds: Int64 = 2000
        let cores = ProcessInfo.processInfo.activeProcessorCount
        var speeds: [Int: (ours: Int64, floor: Int64)] = [:]
        for count in [1, 2, 4, 8, 16] where count <= reader.count {
            let floor = try loops.rate(hex, milliseconds: Int(milliseconds), readers: Array(reader.prefix(count)))
            let times = try await BenchChipExchanges.crowd(Array(devices.prefix(count)), milliseconds: milliseconds)
            let done = Int64(times.reduce(0) { $0 + $1.count })
            speeds[count] = (done * 1000 / milliseconds, floor * 1000 / milliseconds)
            table.add(
                BenchChipRow(
                    name: "exchanges, \(count) reader\(count == 1 ? "" : "s") at once", unit: "/s",
                    value: done * 1000 / milliseconds, floor: floor * 1000 / milliseconds))
        }
        if let one = speeds[1], let all = speeds[reader.count], one.ours > 0, one.floor > 0, all.floor > 0 {
            let (gain, possible) = (all.ours * 1000 / one.ours, all.floor * 1000 / one.floor)
            table.add(
                BenchChipRow(
                    name: "\(reader.count) readers against 1", unit: "thousandths", value: gain, floor: possible,
                    goal: 900 * Int64(min(reader.count, cores)), isLeast: true,
                    note: "0.9 of linear up to \(cores) cores, which cards and pcscd share"))
            table.add(
                BenchChipRow(
                    name: "  of what the C loop gains", unit: "thousandths", value: gain * 1000 / possible, goal: 900,
                    isLeast: true))
        }
        if let bad {
            let calm = try await BenchChipExchanges.crowd(devices, milliseconds: milliseconds).flatMap { $0 }
            let other = try await connected(bad)
            async let slow = BenchChipExchanges.crowd([other], milliseconds: milliseconds)
            let beside = try await BenchChipExchanges.crowd(devices, milliseconds: milliseconds).flatMap { $0 }
            let stalled = BenchTimes(nanoseconds: try await slow.flatMap { $0 })
            await other.disconnect()
            let (before, after) = (BenchTimes(nanoseconds: calm), BenchTimes(nanoseconds: beside))
            table.add(
                BenchChipRow(
                    name: "a bad card adds to the others, p95", unit: "us",
                    value: after.microseconds(95) - before.microseconds(95), goal: 5000,
                    note: "its own p50 \(stalled.microseconds(50)) us"))
        }
        for device in devices { await device.disconnect() }
    }

    private func memory(_ table: inout BenchChipTable, _ keys: any CardKeySource) async throws {
        guard cards > 0 else { return }
        let bench = BenchChipLoads(keys: keys, bytes: 2000)
        var steps: [Int64] = []
        let begun = BenchChipExchanges.now
        for number in 1...cards {
            try await bench.visit(reader[0])
            if number % max(1, cards / 10) == 0 {
                steps.append(BenchMeter.resident)
                Words.say("  after \(number) cards: \(BenchMeter.resident) kB")
            }
        }
        let each = (BenchChipExchanges.now - begun) / 1000 / Int64(cards)
        table.add(
            BenchChipRow(
                name: "a card's visit, \(cards) in a row", unit: "us", value: each,
                note: "connect, identity, channel, load of 2 kB, list, delete"))
        guard let first = steps.first, let last = steps.last else { return }
        table.add(
            BenchChipRow(
                name: "memory after a tenth and at the end", unit: "kB", value: last, floor: first,
                note: steps.map(String.init).joined(separator: " ")))
    }
}
