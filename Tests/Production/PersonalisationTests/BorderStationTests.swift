import BorderReader
import Foundation
import Glibc
import Ground
import OpenSSLCrypto
import Personalisation
import PlantChip
import SmartCard
import Stations
import Testing
import Workers

/// A line's read-back: our session is closed, `sakk-border` reads, we take the card again. At a real pcscd with the vpcd driver
/// (`scripts/pcsc-test`).
@Suite(.serialized, .enabled(if: PCSCWorld.port != nil, "run by scripts/pcsc-test in a world of its own"))
struct BorderStationTests {
    private static let program = FileManager.default.currentDirectoryPath + "/.build/debug/sakk-border"
    private static let trust = Specimen.root.appending(path: "seeds/test-pki/csca.pem").path

    private func worker(_ trust: String = trust) -> WorkerProcess {
        WorkerProcess(
            name: "border check", program: Self.program,
            arguments: ["--serve", "--reader", PCSCWorld.readerName, "--csca", trust])
    }

    private func station(_ border: BorderProcess, _ product: Specimen.Product = .nationalID) throws -> PCSCChipStation {
        PCSCChipStation(
            reader: PCSCReader(name: PCSCWorld.readerName), profile: try product.chip, keys: try Specimen.keys(),
            border: border)
    }

    private func made(
        _ product: Specimen.Product, serial: UInt32, in slot: VPCDSlot, at station: PCSCChipStation
    ) async throws -> (PreparedDocument, VirtualCard) {
        let card = Specimen.card(serial: serial)
        try slot.insert(card)
        let identity = try Specimen.identity(serial: serial)
        #expect(try await station.identify() == .answers(identity: identity, personalised: false))
        let document = try await Specimen.document(product)
        try await station.personalise(document.chip, on: identity) { _ in }
        return (document, card)
    }

    @Test(arguments: Specimen.Product.both)
    func `the process sees what a border in our own session sees`(_ product: Specimen.Product) async throws {
        let worker = worker()
        let station = try station(BorderProcess(worker: worker), product)
        try await station.connect()
        let pid = try #require(await worker.pid)
        // it can be asked who it is, and that tells nothing of a document
        let words = try String(contentsOfFile: "/proc/\(pid)/cmdline", encoding: .utf8).split(separator: "\0")
        #expect(words.dropFirst() == ["--serve", "--reader", "Plant 00 00 00", "--csca", Self.trust[...]])
        #expect(try String(contentsOfFile: "/proc/\(pid)/environ", encoding: .utf8) == "LC_ALL=C.UTF-8\0")
        let status = try String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)
        #expect(status.contains("NoNewPrivs:\t1") && status.contains("Seccomp:\t2"))
        let slot = VPCDSlot(port: try #require(PCSCWorld.port))
        defer { slot.remove() }
        let (document, _) = try await made(product, serial: 0x71, in: slot, at: station)
        let report = try await station.read(with: document.chip.access)
        let ours = PCSCChipStation(
            reader: PCSCReader(name: PCSCWorld.readerName), profile: try product.chip, keys: try Specimen.keys(),
            border: try Specimen.border(), time: Specimen.Clock())
        try await ours.connect()
        let here = try await ours.read(with: document.chip.access)
        await ours.disconnect()
        #expect(report.passed && report.checks == here.checks, "\(report.checks.filter { !$0.passed })")
        #expect(report.mrz == document.mrz && report.sodHash == document.chip.sodHash)
        #expect(report.portrait == here.portrait && !report.portrait.isEmpty && report.fileHashes == here.fileHashes)
        #expect(await worker.pid == pid, "one process for all documents")
        // the card is ours again
        #expect(try await station.kill() == .confirmed)
        await station.disconnect()
        #expect(await worker.pid == nil)
    }

    @Test func `another person's zone, a chip that is torn and a chip that was swapped do not pass`() async throws {
        let station = try station(BorderProcess(worker: worker()))
        try await station.connect()
        let slot = VPCDSlot(port: try #require(PCSCWorld.port))
        defer { slot.remove() }
        let (document, card) = try await made(.nationalID, serial: 0x72, in: slot, at: station)
        let access = document.chip.access
        let other = MRZAccess(
            documentNumber: "X00000000", dateOfBirth: access.dateOfBirth, dateOfExpiry: access.dateOfExpiry)
        #expect(try await station.read(with: other).passed == false)
        card.set(behaviour: .failsAt(apdu: 20, .silent))
        let torn = try await station.read(with: access)
        #expect(!torn.passed && torn.checks.map(\.name) == ["chip"])
        // silent once: it opens again
        card.set(behaviour: .good)
        #expect(try await station.read(with: access).passed)
        await station.disconnect()
    }

    private func inspecting() throws -> BorderProcess {
        let folder = Specimen.root.appending(path: "seeds/test-pki/inspection").path
        let key = try PrivateKey(pem: try Specimen.file("inspection/key.pem"))
        return BorderProcess(
            program: Self.program, reader: PCSCWorld.readerName, trust: [Self.trust],
            inspection: try InspectionSystem(folder: folder, key: key))
    }

    @Test func `fingers are read by a key that the process has not; open to anybody they are rejected`()
        async throws
    {
        let station = PCSCChipStation(
            reader: PCSCReader(name: PCSCWorld.readerName), profile: try Specimen.Product.residence.chip,
            keys: try Specimen.keys(), production: ProductionKeys(try Specimen.keys(master: Specimen.productionMaster)),
            border: try inspecting())
        try await station.connect()
        let slot = VPCDSlot(port: try #require(PCSCWorld.port))
        defer { slot.remove() }
        let (document, card) = try await made(.residence, serial: 0x75, in: slot, at: station)
        let report = try await station.read(with: document.chip.access)
        #expect(report.passed, "\(report.checks.filter { !$0.passed })")
        for name in ["ta", "dg3.closed", "dg3.read", "dg3.hash"] {
            #expect(report.checks.contains { $0.name == name && $0.passed }, "\(name)")
        }
        card.set(behaviour: .fingersOpen(untilProved: false))
        let open = try await station.read(with: document.chip.access)
        #expect(!open.passed && open.checks.filter { !$0.passed }.map(\.name) == ["dg3.closed"])
        #expect(try await station.kill() == .confirmed)
        #expect(!card.census().instanceInstalled)
        await station.disconnect()
    }

    @Test func `a document that another program opened and left so is read after a reset`() async throws {
        let station = try station(BorderProcess(worker: worker()))
        try await station.connect()
        let slot = VPCDSlot(port: try #require(PCSCWorld.port))
        defer { slot.remove() }
        let (document, _) = try await made(.nationalID, serial: 0x76, in: slot, at: station)
        let reader = PCSCReader(name: PCSCWorld.readerName)
        try await reader.connect()
        let access = DocumentAccess.mrz(
            documentNumber: document.chip.access.documentNumber, dateOfBirth: document.chip.access.dateOfBirth,
            dateOfExpiry: document.chip.access.dateOfExpiry)
        let border = try Specimen.border()
        let spent = try await reader.withCard(leaving: .leave) { channel throws(SakkError) in
            let first = try border.read(on: channel, access: access, at: Specimen.time)
            return (first, try border.read(on: channel, access: access, at: Specimen.time))
        }
        #expect(spent.0.passed && spent.1.reasons == [.challengeRefused])
        await reader.disconnect()
        #expect(try await station.read(with: document.chip.access).passed)
        await station.disconnect()
    }

    @Test func `killed in the middle of a document it is started anew; a slow chip cannot hold the line`() async throws
    {
        let worker = worker()
        let station = try station(BorderProcess(worker: worker))
        try await station.connect()
        let slot = VPCDSlot(port: try #require(PCSCWorld.port))
        defer { slot.remove() }
        let (document, card) = try await made(.nationalID, serial: 0x73, in: slot, at: station)
        let first = try #require(await worker.pid)
        card.set(behaviour: .slow(milliseconds: 30))
        // on a thread of its own: the worker's actor is at work
        let killer = Thread {
            while card.commandCount < 40 {}
            kill(first, SIGKILL)
        }
        killer.start()
        #expect(try await station.read(with: document.chip.access).passed)
        #expect(await worker.pid != first)
        await station.disconnect()

        let hasty = try self.station(BorderProcess(worker: self.worker(), limitMS: 400))
        try await hasty.connect()
        let late = try await hasty.read(with: document.chip.access)
        #expect(!late.passed && late.checks.map(\.name) == ["border"])
        await hasty.disconnect()
    }

    @Test func `a trust that is not there is told before the first card`() async throws {
        let station = try station(BorderProcess(worker: worker("/nonexistent/csca.pem")))
        await #expect(throws: SakkError("border.trust.folder", source: "", text: "", remedy: "")) {
            try await station.connect()
        }
        await station.disconnect()
    }

    /// A line that asks for one document, as a controller does, and waits.
    private static let line = """
        import os, socket, struct, subprocess, sys
        ours, its = socket.socketpair()
        program, reader, trust, zone = sys.argv[1:]
        words = [program, "--serve", "--reader", reader, "--csca", trust]
        subprocess.Popen(words, pass_fds=(3,), preexec_fn=lambda: os.dup2(its.fileno(), 3))
        ours.sendall(struct.pack(">I", len(zone)) + zone.encode())
        ours.recv(1)
        """

    @Test func `when the line is killed the process lets the card go in the middle of a document`() async throws {
        let slot = VPCDSlot(port: try #require(PCSCWorld.port))
        defer { slot.remove() }
        let making = try station(BorderProcess(worker: worker()))
        try await making.connect()
        let (document, card) = try await made(.nationalID, serial: 0x74, in: slot, at: making)
        await making.disconnect()
        card.set(behaviour: .slow(milliseconds: 200))
        let access = document.chip.access
        let zone = [access.documentNumber, access.dateOfBirth, access.dateOfExpiry].joined(separator: ",")
        let line = Process()
        line.executableURL = URL(filePath: "/usr/bin/python3")
        line.arguments = ["-c", Self.line, Self.program, PCSCWorld.readerName, Self.trust, zone]
        try line.run()
        let patience = ContinuousClock().now + .seconds(60)
        while card.commandCount < 3, ContinuousClock().now < patience { await Task.yield() }
        try #require(card.commandCount >= 3)
        kill(line.processIdentifier, SIGKILL)
        line.waitUntilExit()
        // a whole document would take 20 s at this pace
        let reader = PCSCReader(name: PCSCWorld.readerName)
        try await reader.connect()
        card.set(behaviour: .good)
        #expect(try await reader.withCard(busyMS: 3000) { _ in true })
        await reader.disconnect()
    }
}
