import Catalog
import Foundation
import GlobalPlatform
import Glibc
import Ground
import OpenSSLCrypto
import PlantChip
import Records
import Seeds
import Stations
import Testing

/// `sakk` after a session: its memory, its output and its errors are searched for what was in it. `scripts/pcsc-test` makes
/// the world.
@Suite(.serialized, .enabled(if: PCSCWorld.port != nil, "run by scripts/pcsc-test in a world of its own"))
struct SecretTests {
    /// Ends the child whatever happens.
    private final class Child {
        let pid: pid_t
        init(_ pid: pid_t) { self.pid = pid }
        deinit {
            kill(pid, SIGKILL)
            var status: Int32 = 0
            waitpid(pid, &status, 0)
        }
    }

    private static let program = FileManager.default.currentDirectoryPath + "/.build/debug/sakk"

    private func start(_ arguments: [String], environment: [String: String], output: String) throws -> Child {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        let texts = ([Self.program] + arguments).map { strdup($0) } + [nil]
        let variables =
            ProcessInfo.processInfo.environment.merging(environment) { $1 }
            .map { strdup("\($0)=\($1)") } + [nil]
        defer { (texts + variables).forEach { free($0) } }
        var pid: pid_t = 0
        try #require(posix_spawn(&pid, Self.program, &actions, nil, texts, variables) == 0)
        return Child(pid)
    }

    /// Where the threads of a stopped process have their stacks.
    private func stackPointers(_ pid: pid_t) throws -> [UInt64] {
        try FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/task").map { thread in
            // number of the call, its arguments, stack pointer, program counter (proc(5))
            let words = try String(contentsOfFile: "/proc/\(pid)/task/\(thread)/syscall", encoding: .utf8)
                .split(whereSeparator: \.isWhitespace)
            return try #require(words.dropLast().last.flatMap { UInt64($0.dropFirst(2), radix: 16) })
        }
    }

    /// Writable memory of a stopped process that belongs to no file, mapping by mapping: the heap and its arenas. Stacks are
    /// left out: a text of up to fifteen bytes lies in the Swift value itself and so on the stack of whoever held it.
    private func memory(_ pid: pid_t) throws -> [(name: String, bytes: Data)] {
        let maps = try String(contentsOfFile: "/proc/\(pid)/maps", encoding: .utf8)
        let file = open("/proc/\(pid)/mem", O_RDONLY)
        try #require(file >= 0)
        defer { close(file) }
        let stacks = try stackPointers(pid)
        var found: [(String, Data)] = []
        // a small mapping without rights below another one guards a stack, also one that its thread has left
        var guarded: UInt64 = 0
        for line in maps.split(separator: "\n") {
            let fields = line.split(separator: " ", omittingEmptySubsequences: true)
            let range = fields[0].split(separator: "-").compactMap { UInt64($0, radix: 16) }
            guard range.count == 2 else { continue }
            if fields[1].hasPrefix("---"), range[1] - range[0] <= 0x10000 { guarded = range[1] }
            guard fields[1].hasPrefix("rw"), range[0] != guarded,
                !stacks.contains(where: { range[0] <= $0 && $0 < range[1] })
            else { continue }
            let name = fields.count > 5 ? String(fields[5]) : ""
            guard name.isEmpty || name == "[heap]" || name.hasPrefix("[anon") else { continue }
            var bytes = Bytes(repeating: 0, count: Int(range[1] - range[0]))
            let count = pread(file, &bytes, bytes.count, off_t(range[0]))
            try #require(count == bytes.count || name != "[heap]")
            // the allocator's arenas begin at multiples of 64 MiB (glibc, HEAP_MAX_SIZE)
            let kind = name.isEmpty ? range[0] % (64 << 20) == 0 ? "arena" : "anonymous" : name
            if count > 0 { found.append((kind, Data(bytes.prefix(count)))) }
        }
        return found
    }

    private func places(of needle: Bytes, in haystack: [(name: String, bytes: Data)]) -> [String] {
        haystack.compactMap { $0.bytes.range(of: Data(needle)) == nil ? nil : $0.name }
    }

    @Test(arguments: [Specimen.Product.nationalID, .residence])
    func `no key, zone or portrait is left in memory, output or errors when a session has ended`(
        product: Specimen.Product
    ) throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "secrets-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        // keys of its own, so that nothing is found which stands in the program
        let (master, production) = (try RandomSource.bytes(16), try RandomSource.bytes(16))
        for name in ["ds.pem", "ds.key.pem", "csca.pem", "SPECIMEN", "cvca.cvcert"] {
            try Data(Specimen.file(name)).write(to: folder.appending(path: name))
        }
        try Data(master.hex.utf8).write(to: folder.appending(path: "transport-master.hex"))
        try Data(production.hex.utf8).write(to: folder.appending(path: "production-master.hex"))
        let seeds = Specimen.root.appending(path: "seeds").path
        let record = try BatchSeeder(seed: 77, folder: SeedFolder(path: seeds)).makeRecords(
            product: product.name, count: 1)[0]
        let file = folder.appending(path: "record.json").path
        try Data(RecordEncoder.encode(record)).write(to: URL(filePath: file))

        let cplc = CardProductionLifeCycle(serial: 0x51, batch: 1)
        let card = VirtualCard(
            configuration: VirtualCardConfiguration(
                cplc: cplc, transportKeys: .init(masterKey: master, version: 0x30), seed: 51))
        let slot = VPCDSlot(port: try #require(PCSCWorld.port))
        try slot.insert(card)
        defer { slot.remove() }
        let output = folder.appending(path: "output").path
        let child = try start(
            [
                "chip", "personalise", "--reader", PCSCWorld.readerName, "--product", product.name, "--record", file,
                "--keys", folder.path, "--json",
            ], environment: ["SAKK_FAULT_STOP": "chip.desk.done:1"], output: output)
        var status: Int32 = 0
        #expect(waitpid(child.pid, &status, WUNTRACED) == child.pid)
        // stopped by its own hand: the session is over, the process is not
        let told = (try? String(contentsOfFile: output, encoding: .utf8)) ?? ""
        try #require(status & 0xFF == 0x7F, "\(told)")
        #expect(card.census().locked)

        let memory = try memory(child.pid)
        #expect(memory.contains { $0.name == "[heap]" })
        let zone = try #require(card.census().dg1MRZ)
        var keyBytes = master
        let keys = try MasterKey(SecretBytes(wiping: &keyBytes), scheme: .kdf3).keys(
            forKDD: cplc.keyDiversificationData, version: 0x30)
        var productionBytes = production
        let left = try MasterKey(SecretBytes(wiping: &productionBytes), scheme: .kdf3).keys(
            forKDD: cplc.keyDiversificationData, version: 0x31)
        let portrait = record.portrait.bytes
        var planted: [(String, Bytes)] = [
            ("master key", master), ("master key in digits", Bytes(master.hex.utf8)),
            ("card key ENC", keys.enc.withBytes { Bytes($0) }), ("card key MAC", keys.mac.withBytes { Bytes($0) }),
            ("card key DEK", keys.dek.withBytes { Bytes($0) }), ("portrait", Bytes(portrait[200..<232])),
            ("portrait's end", Bytes(portrait.suffix(40))), ("zone", Bytes(zone.utf8.suffix(30))),
            ("zone's second line", Bytes(zone.utf8.dropFirst(zone.utf8.count / 3).prefix(20))),
            ("national number", Bytes(record.nationalNumber.utf8)),
            ("Arabic name", Bytes((record.names.arabic.given + record.names.arabic.father).utf8.prefix(24))),
        ]
        for (index, finger) in record.fingers.enumerated() {
            planted.append(("finger \(index)", Bytes(finger.record[300..<332])))
            planted.append(("end of finger \(index)", Bytes(finger.record.suffix(40))))
        }
        #expect(record.fingers.count == (product.name == "iq-residence-card" ? 2 : 0))
        if let signature = record.signature { planted.append(("signature", Bytes(signature.bytes[700..<732]))) }
        planted.append(("document number", Bytes(record.documentNumber.utf8)))
        planted += [
            ("production master key", production), ("the same in digits", Bytes(production.hex.utf8)),
            ("production key ENC", left.enc.withBytes { Bytes($0) }),
            ("production key MAC", left.mac.withBytes { Bytes($0) }),
            ("production key DEK", left.dek.withBytes { Bytes($0) }),
        ]
        // a text of up to fifteen bytes lies on the stacks of threads that have ended, which no mapping tells from others:
        // such a one is looked for in what was allocated
        let allocated = memory.filter { $0.name != "anonymous" }
        for (name, bytes) in planted {
            #expect(places(of: bytes, in: bytes.count > 15 ? memory : allocated) == [], "\(name)")
        }
        // the search finds what is there: the path of the record is in the result
        #expect(places(of: Bytes(file.utf8), in: memory) != [])

        kill(child.pid, SIGCONT)
        waitpid(child.pid, &status, 0)
        let said = try String(contentsOfFile: output, encoding: .utf8)
        #expect(status == 0 && said.contains("\"verdict\":\"good\""), "\(said)")
        for (name, bytes) in planted {
            #expect(Bytes(said.utf8).firstRange(of: bytes) == nil, "\(name)")
            #expect(!said.uppercased().contains(bytes.hex), "\(name)")
        }
    }
}
