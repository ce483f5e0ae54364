import Catalog
import Foundation
import Ground
import Personalisation
import PlantChip
import SmartCard
import Stations
import Synchronization
import Testing

/// The reader that `scripts/pcsc-test` makes.
enum PCSCWorld {
    /// Port of the driver's first slot; nil outside of that world.
    static let port = ProcessInfo.processInfo.environment["SAKK_PCSC_PORT"].flatMap { UInt16($0) }
    static let readerName = "Plant 00 00 00"
}

/// Whole lives through libpcsclite, pcscd and the vpcd driver. `scripts/pcsc-test` makes the world and fails when these did not run.
@Suite(.serialized, .enabled(if: PCSCWorld.port != nil, "run by scripts/pcsc-test in a world of its own"))
struct PCSCStationTests {
    private func station(reader: PCSCReader, timeoutMS: Int = 5000) async throws -> PCSCChipStation {
        var profile = try Specimen.Product.nationalID.chip
        profile.presenceTimeoutMS = timeoutMS
        let station = PCSCChipStation(
            reader: reader, profile: profile, keys: try Specimen.keys(), border: try Specimen.border(),
            time: Specimen.Clock())
        try await station.connect()
        return station
    }

    @Test func `a card lives and dies at a real reader`() async throws {
        let trace = Mutex<[APDUTrace]>([])
        let reader = PCSCReader(name: PCSCWorld.readerName, trace: { entry in trace.withLock { $0.append(entry) } })
        let station = try await station(reader: reader)
        let slot = VPCDSlot(port: try #require(PCSCWorld.port))
        let card = Specimen.card()
        let document = try await Specimen.document()
        try slot.insert(card)
        defer { slot.remove() }

        #expect(try await station.identify() == .answers(identity: try Specimen.identity(), personalised: false))
        let steps = Mutex<[String]>([])
        try await station.personalise(document.chip, on: try Specimen.identity()) { step in
            steps.withLock { $0.append(step) }
        }
        #expect(steps.withLock { $0.last } == "lock")
        #expect(card.census().locked)

        let report = try await station.read(with: document.chip.access)
        #expect(report.passed, "\(report.checks.filter { !$0.passed })")
        #expect(report.sodHash == document.chip.sodHash)
        #expect(report.mrz == document.mrz)

        #expect(try await station.identify() == .answers(identity: try Specimen.identity(), personalised: true))
        #expect(try await station.kill() == .confirmed)
        #expect(card.census().cardState == "CARD_LOCKED" && !card.census().instanceInstalled)
        #expect(try await station.identify() == .answers(identity: try Specimen.identity(), personalised: false))
        #expect(try await station.kill() == .confirmed)

        #expect(trace.withLock { $0.count } > 80)
        #expect(trace.withLock { $0.allSatisfy { $0.revealed == nil } })
        await station.disconnect()
    }

    @Test func `the next card is another card`() async throws {
        let station = try await station(reader: PCSCReader(name: PCSCWorld.readerName))
        let slot = VPCDSlot(port: try #require(PCSCWorld.port))
        defer { slot.remove() }
        for serial in [UInt32(0x21), 0x22, 0x23] {
            try slot.insert(Specimen.card(serial: serial))
            #expect(
                try await station.identify()
                    == .answers(identity: try Specimen.identity(serial: serial), personalised: false))
            slot.remove()
        }
        await station.disconnect()
    }

    @Test func `an empty reader and a mute card are told apart`() async throws {
        let reader = PCSCReader(name: PCSCWorld.readerName)
        let station = try await station(reader: reader, timeoutMS: 3000)
        _ = try await reader.waitForRemoval(timeoutMS: 5000)
        #expect(try await station.identify() == .absent)
        let slot = VPCDSlot(port: try #require(PCSCWorld.port))
        let mute = Specimen.card()
        mute.set(behaviour: .mute)
        try slot.insert(mute)
        defer { slot.remove() }
        #expect(try await station.identify() == .mute)
        #expect(try await station.kill() == .unconfirmed)
        await station.disconnect()
    }

    @Test func `a chip that refuses a block is of unknown outcome, and dies`() async throws {
        let station = try await station(reader: PCSCReader(name: PCSCWorld.readerName))
        let slot = VPCDSlot(port: try #require(PCSCWorld.port))
        let card = Specimen.card(serial: 0x31)
        try slot.insert(card)
        defer { slot.remove() }
        #expect(
            try await station.identify()
                == .answers(identity: try Specimen.identity(serial: 0x31), personalised: false))
        card.set(behaviour: .failsAt(apdu: 20, .status(0x6581)))
        let job = try await Specimen.document().chip
        do {
            try await station.personalise(job, on: try Specimen.identity(serial: 0x31)) { _ in }
            Issue.record("the refusal was not noticed")
        } catch let error as SakkError {
            #expect(error.outcome == .unknown && error.code == "chip.refused")
        }
        card.set(behaviour: .good)
        #expect(try await station.kill() == .confirmed)
        await station.disconnect()
    }

    @Test func `a dozen tears through pcscd are each gone on with, and good`() async throws {
        let station = try await station(reader: PCSCReader(name: PCSCWorld.readerName))
        let slot = VPCDSlot(port: try #require(PCSCWorld.port))
        defer { slot.remove() }
        for number in 0..<12 {
            let serial = UInt32(0x40 + number)
            let card = Specimen.card(serial: serial)
            try slot.insert(card)
            let identity = try Specimen.identity(serial: serial)
            #expect(try await station.identify() == .answers(identity: identity, personalised: false))
            card.set(behaviour: .failsAt(apdu: 3 + number * 3, number % 2 == 0 ? .silent : .answerLost))
            let document = try await Specimen.document()
            try await station.personalise(document.chip, on: identity) { _ in }
            #expect(card.census().locked, "tear \(number)")
            let report = try await station.read(with: document.chip.access)
            #expect(report.passed && report.sodHash == document.chip.sodHash, "tear \(number)")
            slot.remove()
        }
        await station.disconnect()
    }

    @Test func `a passport is written by STORE DATA at a real reader, and torn there too`() async throws {
        let reader = PCSCReader(name: PCSCWorld.readerName)
        let profile = try Specimen.Product.passport.chip
        let station = PCSCChipStation(
            reader: reader, profile: profile, keys: try Specimen.keys(), border: try Specimen.border(),
            time: Specimen.Clock())
        try await station.connect()
        let slot = VPCDSlot(port: try #require(PCSCWorld.port))
        let card = Specimen.card(serial: 0x61)
        try slot.insert(card)
        defer { slot.remove() }
        let identity = try Specimen.identity(serial: 0x61)
        #expect(try await station.identify() == .answers(identity: identity, personalised: false))
        card.set(behaviour: .failsAt(apdu: 25, .silent))
        let document = try await Specimen.document(.passport)
        try await station.personalise(document.chip, on: identity) { _ in }
        let report = try await station.read(with: document.chip.access)
        #expect(report.passed && report.sodHash == document.chip.sodHash, "\(report.checks.filter { !$0.passed })")
        #expect(report.checks.contains { $0.name == "pace" && $0.passed })
        await station.disconnect()
    }

    @Test func `a reader of another name is missed, and those that are there are named`() async {
        do {
            try await PCSCReader(name: "No Such Reader").connect()
            Issue.record("a reader of this name is connected")
        } catch {
            #expect(error.code == "reader.missing")
            #expect(error.text.contains(PCSCWorld.readerName))
        }
    }
}
