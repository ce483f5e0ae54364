import BorderReader
import Catalog
import Foundation
import GlobalPlatform
import Ground
import OpenSSLCrypto
import Personalisation
import PlantChip
import SmartCard
import Stations
import Testing

/// A card comes under transport keys (version 48) and leaves under production keys of its own (version 49).
@Suite struct KeyChangeTests {
    private let product = Specimen.Product.residence

    private func code(_ text: SakkError.Code) -> SakkError { SakkError(text, source: "", text: "", remedy: "") }

    private func versions(_ card: VirtualCard) throws -> Set<UInt8> {
        let channel = try VirtualChannel(card)
        _ = try CardManager(channel).select(product.chip.issuerSecurityDomain)
        return try KeyRecovery.versions(on: channel, among: [])
    }

    private func holds(_ card: VirtualCard, _ keys: any CardKeySource, _ version: UInt8) throws -> Bool {
        let channel = try VirtualChannel(card)
        _ = try CardManager(channel).select(product.chip.issuerSecurityDomain)
        return try KeyRecovery.holds(keys, version: version, on: channel)
    }

    private func own() throws -> MasterKey { try Specimen.keys(master: Specimen.productionMaster) }

    private func isGood(_ card: VirtualCard, _ job: ChipJob) throws -> Bool {
        let report = try Specimen.border().report(on: VirtualChannel(card), access: job.access, at: Specimen.time)
        return report.passed && report.sodHash == job.sodHash
    }

    /// Over as many sessions as the profile allows.
    private func write(
        _ job: ChipJob, _ torn: TornCard, by personaliser: ChipPersonaliser, serial: UInt32 = 0x17
    ) throws {
        let chip = try Specimen.identity(serial: serial)
        try personaliser.personalise(job, on: chip, opening: { () throws(SakkError) in try torn.power() }) { _ in }
    }

    /// The residence card's profile with something else in it.
    private func profile(_ changes: [(String, String)]) throws -> ChipSettings {
        let folder = FileManager.default.temporaryDirectory.appending(path: "keys-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        var text = try String(contentsOfFile: product.profile.chipProfile, encoding: .utf8)
        let specs = Specimen.root.appending(path: "firmware-specs").path
        for (from, to) in changes + [("../../firmware-specs", specs)] {
            try #require(text.contains(from))
            text = text.replacing(from, with: to)
        }
        let file = folder.appending(path: "chip.yaml")
        try text.write(to: file, atomically: true, encoding: .utf8)
        return try ChipSettings(path: file.path)
    }

    @Test func `a card leaves under keys that no other card has, and its transport keys are gone`() async throws {
        let (first, second) = (Specimen.card(serial: 1), Specimen.card(serial: 2))
        for (serial, card) in [(UInt32(1), first), (2, second)] {
            #expect(try versions(card) == [0x30])
            var steps: [String] = []
            let channel = try VirtualChannel(card)
            let job = try await Specimen.document(product, attempt: AttemptID("SPECIMEN-\(serial)")).chip
            try Specimen.personaliser(product).personalise(
                job, on: try Specimen.identity(serial: serial), channel: channel
            ) { steps.append($0) }
            #expect(steps.prefix(4) == ["identity", "keys", "secure-channel", "install"])
            #expect(channel.headers.filter { $0 == "84D83081" }.count == 1)
            #expect(try versions(card) == [0x31])
            #expect(try holds(card, try own(), 0x31))
            #expect(try !holds(card, try Specimen.keys(), 0x31) && !holds(card, try Specimen.keys(), 0x30))
            #expect(try isGood(card, job))
        }
        let kdd = CardProductionLifeCycle(serial: 1, batch: 1).keyDiversificationData
        let ofFirst = try own().keys(forKDD: kdd, version: 0x31)
        let given = GivenKeys(ofFirst)
        #expect(try holds(first, given, 0x31))
        #expect(try !holds(second, given, 0x31))
    }

    @Test func `every session reads which keys the chip holds before it opens a channel`() async throws {
        let card = Specimen.card()
        let job = try await Specimen.document(product).chip
        let personaliser = try Specimen.personaliser(product)
        let writing = try VirtualChannel(card)
        try personaliser.personalise(job, on: try Specimen.identity(), channel: writing) { _ in }
        let killing = try VirtualChannel(card)
        try personaliser.kill(on: killing)
        for channel in [writing, killing] {
            let looked = try #require(channel.headers.firstIndex(of: "80CA00E0"))
            let opened = try #require(channel.headers.firstIndex { $0.hasPrefix("8050") })
            #expect(looked < opened && channel.failedAuthentications == 0)
        }
        // the version that is held is the one that is asked for, and no other ever
        #expect(writing.headers.filter { $0.hasPrefix("8050") } == ["80503000", "80503100"])
        #expect(killing.headers.filter { $0.hasPrefix("8050") } == ["80503100"])
        #expect(try personaliser.isDead(on: try VirtualChannel(card)))
    }

    @Test(arguments: [false, true])
    func `a PUT KEY cut off in the chip is gone on with by what the chip then holds`(afterCommit: Bool) async throws {
        let card = Specimen.card()
        card.set(behaviour: .tornPutKey(afterCommit: afterCommit))
        let job = try await Specimen.document(product).chip
        let torn = TornCard(card)
        try write(job, torn, by: try Specimen.personaliser(product))
        #expect(torn.failedAuthentications == 0)
        #expect(try versions(card) == [0x31] && isGood(card, job))
    }

    @Test(arguments: [false, true])
    func `where the profile says kill, a chip torn in PUT KEY dies under the keys that it holds`(
        afterCommit: Bool
    ) async throws {
        let settings = try profile([("do: keys, resume: again", "do: keys, resume: kill")])
        let personaliser = ChipPersonaliser(
            profile: settings, keys: try Specimen.keys(), production: ProductionKeys(try own()))
        let card = Specimen.card()
        card.set(behaviour: .tornPutKey(afterCommit: afterCommit))
        let torn = TornCard(card)
        let job = try await Specimen.document(product).chip
        let error = #expect(throws: SakkError.self) { try write(job, torn, by: personaliser) }
        #expect(error?.code == "chip.silent" && error?.outcome == .unknown)
        #expect(try versions(card) == [afterCommit ? 0x31 : 0x30])
        try personaliser.kill(on: try torn.power())
        #expect(try personaliser.isDead(on: try torn.power()))
        #expect(torn.failedAuthentications == 0 && card.census().cardState == "CARD_LOCKED")
    }

    @Test(arguments: TornCard.Manner.allCases)
    func `a controller that dies at any command up to INSTALL leaves a blank that another record may have`(
        manner: TornCard.Manner
    ) async throws {
        let lost = try await Specimen.document(product).chip
        let next = try await Specimen.document(product, attempt: AttemptID("SPECIMEN-2")).chip
        let personaliser = try Specimen.personaliser(product)
        let whole = try VirtualChannel(Specimen.card())
        try personaliser.personalise(lost, on: try Specimen.identity(), channel: whole) { _ in }
        let install = try #require(whole.headers.firstIndex { $0.hasPrefix("84E60C") })
        let put = try #require(whole.headers.firstIndex { $0.hasPrefix("84D8") })
        try #require(put < install)
        for place in 1...install {
            let card = Specimen.card()
            let torn = TornCard(card, .once(place), manner, code: SimulatedCrash.code)
            #expect(throws: SakkError.self) { try write(lost, torn, by: personaliser) }
            let hasOwn = place > put + 1 || place == put + 1 && manner == .after
            #expect(try versions(card) == [hasOwn ? 0x31 : 0x30], "command \(place)")
            let presence = try personaliser.identify(on: try VirtualChannel(card))
            #expect(presence == .answers(identity: try Specimen.identity(), personalised: false))
            // killed in this state, by a controller that knows nothing of it
            let twin = Specimen.card()
            #expect(throws: SakkError.self) {
                try write(lost, TornCard(twin, .once(place), manner, code: SimulatedCrash.code), by: personaliser)
            }
            let killer = TornCard(twin)
            try personaliser.kill(on: try killer.power())
            #expect(try personaliser.isDead(on: try killer.power()) && killer.failedAuthentications == 0)

            let again = try VirtualChannel(card)
            try personaliser.personalise(next, on: try Specimen.identity(), channel: again) { _ in }
            #expect(again.headers.contains { $0.hasPrefix("84D8") } != hasOwn, "command \(place)")
            #expect(again.failedAuthentications == 0 && torn.failedAuthentications == 0)
            #expect(try versions(card) == [0x31] && isGood(card, next), "command \(place)")
        }
    }

    @Test(arguments: [VirtualChannel.Tear.before, .after])
    func `a killing under production keys, torn at any command, is finished by the next`(
        tear: VirtualChannel.Tear
    ) async throws {
        let job = try await Specimen.document(product).chip
        let personaliser = try Specimen.personaliser(product)
        func written() throws -> VirtualCard {
            let card = Specimen.card()
            try personaliser.personalise(job, on: try Specimen.identity(), channel: try VirtualChannel(card)) { _ in }
            return card
        }
        let whole = try VirtualChannel(try written())
        try personaliser.kill(on: whole)
        for index in 1...whole.headers.count {
            let card = try written()
            #expect(throws: SakkError.self, "command \(index)") {
                try personaliser.kill(on: try VirtualChannel(card, tearAt: index, tear: tear))
            }
            let second = try VirtualChannel(card)
            try personaliser.kill(on: second)
            #expect(second.failedAuthentications == 0)
            #expect(try personaliser.isDead(on: try VirtualChannel(card)), "command \(index)")
        }
    }

    @Test func `a card with another's production keys counts against these alone, and stays as it is`() async throws {
        let store = WrongCardMemory()
        let personaliser = ChipPersonaliser(
            profile: try product.chip, keys: try Specimen.keys(),
            guarding: KeySetGuard(keySet: "transport", store: store),
            production: ProductionKeys(try own(), guarding: KeySetGuard(keySet: "production", store: store)))
        let theirs = Specimen.card(serial: 0x22, master: Bytes(repeating: 0x77, count: 16), version: 0x31)
        let chip = try Specimen.identity(serial: 0x22)
        let job = try await Specimen.document(product).chip
        let channel = try VirtualChannel(theirs)
        let error = #expect(throws: SakkError.self) {
            try personaliser.personalise(job, on: chip, channel: channel) { _ in }
        }
        #expect(error?.code == "chip.keys.wrong" && error?.outcome == .notDone)
        #expect(!channel.headers.contains { $0.hasPrefix("8482") || $0.hasPrefix("84D8") })
        #expect(store.wrongCards(of: "production") == WrongCards(inARow: 1, cards: [chip.rawValue]))
        #expect(store.wrongCards(of: "transport") == WrongCards())
        let killing = try VirtualChannel(theirs)
        #expect(throws: code("chip.keys.other")) { try personaliser.kill(on: killing) }
        #expect(!killing.headers.contains { $0.hasPrefix("8050") })
        #expect(store.wrongCards(of: "production").inARow == 1)

        // a foreign transport key counts there, and a good card ends only the rows that it proved
        let foreign = Specimen.card(serial: 0x23, master: Bytes(repeating: 0x77, count: 16))
        #expect(throws: code("chip.keys.wrong")) {
            try personaliser.personalise(
                job, on: try Specimen.identity(serial: 0x23), channel: try VirtualChannel(foreign)
            ) { _ in }
        }
        #expect(store.wrongCards(of: "transport").inARow == 1 && store.wrongCards(of: "production").inARow == 1)
        try write(job, TornCard(Specimen.card()), by: personaliser)
        #expect(store.wrongCards(of: "transport").inARow == 0 && store.wrongCards(of: "production").inARow == 0)
    }

    @Test func `a card that has neither key set is never asked for one`() async throws {
        let channel = try VirtualChannel(Specimen.card(version: 0x20))
        let job = try await Specimen.document(product).chip
        #expect(throws: code("chip.keys.missing")) {
            try Specimen.personaliser(product).personalise(job, on: try Specimen.identity(), channel: channel) { _ in }
        }
        #expect(!channel.headers.contains { $0.hasPrefix("8050") })
    }

    @Test func `a card that still has its transport keys beside the new ones is not written, and dies`() async throws {
        let card = Specimen.card()
        do {
            let channel = try VirtualChannel(card)
            _ = try CardManager(channel).select(product.chip.issuerSecurityDomain)
            let session = try SecureChannel.open(on: channel, keys: try Specimen.keys(), keyVersion: 0x30)
            let keys = try own().keys(forKDD: session.card.kdd, version: 0x31)
            try CardManager(session).putKey(
                try PutKey.command(keys, type: .aes, version: 0x31, replacing: 0, through: session))
        }
        try #require(try versions(card) == [0x30, 0x31])
        let personaliser = try Specimen.personaliser(product)
        let channel = try VirtualChannel(card)
        let job = try await Specimen.document(product).chip
        #expect(throws: code("chip.keys.unchanged")) {
            try personaliser.personalise(job, on: try Specimen.identity(), channel: channel) { _ in }
        }
        #expect(!channel.headers.contains { $0.hasPrefix("8050") } && !card.census().instanceInstalled)
        try personaliser.kill(on: try VirtualChannel(card))
        #expect(try personaliser.isDead(on: try VirtualChannel(card)))
    }

    @Test(arguments: TornCard.Manner.allCases)
    func `where keys are added, the transport keys are deleted under the new ones, whatever is torn`(
        manner: TornCard.Manner
    ) async throws {
        let settings = try profile([("production_key_version: 0x31", "production_key_version: 0x31\nput_key: add")])
        // longer than the transport keys: nothing is replaced
        let long = try Specimen.keys(master: Bytes(0x50..<0x70))
        let personaliser = ChipPersonaliser(
            profile: settings, keys: try Specimen.keys(), production: ProductionKeys(long))
        let job = try await Specimen.document(product).chip
        let whole = try VirtualChannel(Specimen.card())
        try personaliser.personalise(job, on: try Specimen.identity(), channel: whole) { _ in }
        let put = try #require(whole.headers.firstIndex(of: "84D80081"))
        let deleted = try #require(whole.headers.firstIndex(of: "84E40000"))
        let install = try #require(whole.headers.firstIndex { $0.hasPrefix("84E60C") })
        try #require(put < deleted && deleted < install)
        for place in 1...install {
            let torn = TornCard(Specimen.card(), .once(place), manner)
            try write(job, torn, by: personaliser)
            #expect(torn.failedAuthentications == 0, "command \(place)")
            #expect(try versions(torn.card) == [0x31] && isGood(torn.card, job), "command \(place)")

            // nobody goes on: what the chip holds then, and its death
            let left = Specimen.card()
            #expect(throws: SakkError.self) {
                try write(job, TornCard(left, .once(place), manner, code: SimulatedCrash.code), by: personaliser)
            }
            let isPut = place > put + 1 || place == put + 1 && manner == .after
            let isDeleted = place > deleted + 1 || place == deleted + 1 && manner == .after
            let held: Set<UInt8> = isDeleted ? [0x31] : isPut ? [0x30, 0x31] : [0x30]
            #expect(try versions(left) == held, "command \(place)")
            let killer = TornCard(left)
            try personaliser.kill(on: try killer.power())
            #expect(try personaliser.isDead(on: try killer.power()) && killer.failedAuthentications == 0)
        }
    }

    @Test func `the maker's own keys go when production keys come`() async throws {
        let settings = try profile([("key_version: 0x30", "key_version: 0xFF")])
        let personaliser = ChipPersonaliser(
            profile: settings, keys: try Specimen.keys(), production: ProductionKeys(try own()))
        let card = Specimen.card(version: 0xFF)
        let job = try await Specimen.document(product).chip
        let channel = try VirtualChannel(card)
        try personaliser.personalise(job, on: try Specimen.identity(), channel: channel) { _ in }
        #expect(channel.headers.contains("84D80081"))
        #expect(try versions(card) == [0x31] && isGood(card, job))
    }

    @Test func `without production keys, or with ones of another length, no key is put`() async throws {
        let job = try await Specimen.document(product).chip
        let untouched = try VirtualChannel(Specimen.card())
        let without = ChipPersonaliser(profile: try product.chip, keys: try Specimen.keys())
        #expect(throws: code("keys.missing")) {
            try without.personalise(job, on: try Specimen.identity(), channel: untouched) { _ in }
        }
        #expect(untouched.headers.isEmpty)

        let card = Specimen.card()
        let channel = try VirtualChannel(card)
        let long = ChipPersonaliser(
            profile: try product.chip, keys: try Specimen.keys(),
            production: ProductionKeys(try Specimen.keys(master: Bytes(0x50..<0x70))))
        let error = #expect(throws: SakkError.self) {
            try long.personalise(job, on: try Specimen.identity(), channel: channel) { _ in }
        }
        #expect(error?.code == "chip.keys.length" && error?.outcome == .notDone)
        #expect(!channel.headers.contains { $0.hasPrefix("84D8") })
        #expect(try versions(card) == [0x30])
    }
}
