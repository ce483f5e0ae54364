import Foundation
import Ground
import Ledger
import OpenSSLCrypto
import Shipping
import Stations
import Testing

/// The parcels in the books: what `Shipments` says of all is what a desk says that reads only what it needs.
@Suite struct BooksTests {
    /// `SAKK_SHIPPING_BOOKS=20000` runs a whole day of that size through the rows of the ledger; docs/results.md.
    static let size = ProcessInfo.processInfo.environment["SAKK_SHIPPING_BOOKS"].flatMap { Int($0) } ?? 60

    @Test(arguments: StoreKind.allCases)
    func aDayInTheBooksIsTheSameDay(kind: StoreKind) async throws {
        var day = try PackingDay(seed: 3, documents: kind == .sqlite ? Self.size : min(Self.size, 60))
        try day.run()
        let world = try await ShippingBooks(kind)
        try await world.produce(day.table.acts.compactMap { Self.document($0.act, $0.answer) })
        let begun = ContinuousClock.now
        for (number, step) in day.table.acts.enumerated() {
            let answer = await world.answer(step.act)
            #expect(answer.refusal == step.answer.refusal?.code, "act \(number): \(step.act)")
            #expect(answer.facts == step.answer.facts, "act \(number): \(step.act)")
        }
        let seconds = begun.duration(to: .now)
        #expect(try await world.desk.all() == day.table.shipments)
        let refused = day.table.acts.count { $0.answer.refusal != nil }
        #expect(try await world.count("scan_refused") == refused)
        let moved = day.table.shipments.parcels.values.count { $0.state != .withdrawn }
        #expect(try await world.count("blank WHERE account = 'dispatched'") == moved)
        let report = try await world.books.batchReport(Table.batch)
        #expect(report.totals.dispatched == moved && report.totals.records == day.table.shipments.parcels.count)
        let seen = try await world.books.verify()
        if Self.size > 60, kind == .sqlite {
            let rows = seen.logs.first { $0.log == "shipping" }?.rows ?? 0
            print("\(Self.size) documents, \(day.table.acts.count) acts, \(refused) refused, \(seconds), \(rows) rows")
        }
    }

    private static func document(_ act: ShippingAct, _ answer: ShippingAnswer) -> ReleasedDocument? {
        guard case .release(let document) = act, answer.refusal == nil else { return nil }
        return document
    }

    /// Each wrong scan of the table of wrong scans, on the books.
    @Test(arguments: WrongScanTests.rows.indices)
    func aWrongScanIsRefusedByTheBooksToo(index: Int) async throws {
        let row = WrongScanTests.rows[index]
        var table = try Table()
        let act = try row.act(&table)
        let world = try await ShippingBooks(.sqlite)
        try await world.produce(table.acts.compactMap { Self.document($0.act, $0.answer) })
        for step in table.acts {
            guard case .destroy = step.act else {
                let answer = await world.answer(step.act)
                #expect(answer.refusal == step.answer.refusal?.code, "\(step.act)")
                if step.answer.refusal == nil { #expect(answer.facts == step.answer.facts, "\(step.act)") }
                continue
            }
            return
        }
        let before = try await world.desk.all()
        #expect(before == table.shipments)
        let rows = try await world.count("journal WHERE kind <> 'scan.refused'")
        #expect(await world.answer(act).refusal == row.refusal.code)
        #expect(try await world.desk.all() == before)
        #expect(try await world.count("journal WHERE kind <> 'scan.refused'") == rows)
        #expect(try await world.count("scan_refused WHERE code = '\(row.refusal.rawValue)'") >= 1)
    }

    @Test(arguments: StoreKind.allCases)
    func twoTablesWithOneDocumentGiveItOneEnvelope(kind: StoreKind) async throws {
        let world = try await ShippingBooks(kind)
        let documents = (1...8).map { Table.document($0, WrongScanTests.baghdad) }
        try await world.produce(documents)
        let other = try ShippingBooks.desk(try await world.again())
        var wins = 0
        for document in documents {
            let scan = ScannedCode.document(document.blank)
            let number = try await world.desk.label(scan, by: "amal").number
            async let first = world.answer(.match(document: scan, envelope: .envelope(number)))
            async let second = world.answer(.match(document: scan, envelope: .envelope(number)), other)
            let answers = await [first, second]
            wins += answers.count { $0.refusal == nil }
            #expect(answers.compactMap(\.refusal) == [Refusal.documentTwice.code])
        }
        #expect(wins == 8)
        // labels asked for at the same time are different ones
        async let mine = world.desk.open(.box, for: WrongScanTests.baghdad, by: "amal")
        async let theirs = other.open(.box, for: WrongScanTests.baghdad, by: "basim")
        #expect(try await mine != theirs)
        _ = try await world.books.verify()
    }

    @Test func aDocumentThatIsNotGoodIsNotTakenOut() async throws {
        let world = try await ShippingBooks(.sqlite)
        let documents = (1...3).map { Table.document($0, WrongScanTests.baghdad) }
        try await world.produce(documents)
        try await world.books.commit(
            Transition(
                plant: .queue, actor: "authority", changes: [.withdraw(documents[0].production, reason: "death")]))
        #expect(await world.answer(.release(documents[0])).refusal == Refusal.documentStopped.code)
        try await world.books.commit(
            Transition(
                plant: .vault, actor: "test",
                changes: [.move(documents[1].blank, from: .good, to: .held, reason: "doubt", attempt: nil)]))
        #expect(await world.answer(.release(documents[1])).refusal == "shipping.refused")
        let stranger = await #expect(throws: SakkError.self) {
            try await world.desk.label(.document(BlankID("NID:99")), by: "amal")
        }
        #expect(stranger?.code == Refusal.unknownDocument.code)
        // what no blank of the plant bears is not repeated in the journal
        #expect(try await world.count("scan_refused WHERE items LIKE '%NID:99%'") == 0)
        guard case .missing(let gaps) = try await world.desk.closing(batch: Table.batch) else {
            Issue.record("nothing is missing")
            return
        }
        #expect(gaps.map(\.stage) == [.notPacked, .notPacked])
    }

    @Test func theSourceIsAskedAgainBeforeTheEnvelope() async throws {
        let world = try await ShippingBooks(.sqlite)
        let documents = (1...2).map { Table.document($0, WrongScanTests.baghdad) }
        try await world.produce(documents)
        let desk = try ShippingBooks.desk(world.books, standing: TakenBack(production: documents[0].production))
        for (document, refusal) in zip(documents, [Refusal.documentStopped.code, nil]) {
            let scan = ScannedCode.document(document.blank)
            let number = try await desk.label(scan, by: "amal").number
            let answer = await world.answer(.match(document: scan, envelope: .envelope(number)), desk)
            #expect(answer.refusal == refusal)
        }
        // and the books know it from now on
        #expect(try await world.books.read(StoppedQuery(documents[0].production)) == "court")
        let old = try ShippingBooks.desk(world.books, standing: TakenBack(production: nil))
        let error = await #expect(throws: SakkError.self) {
            try await old.perform(
                .match(document: .document(documents[1].blank), envelope: .envelope(try WrongScanTests.number(1))),
                by: "amal")
        }
        #expect(error?.suspendsForStanding == true)
    }

    private struct TakenBack: RecordStanding {
        let production: ProductionID?
        func standing(of production: ProductionID) async throws(SakkError) -> Standing {
            guard let taken = self.production else {
                throw SakkError("record.standing.old", source: "test", text: "Old.", remedy: "Wait.")
            }
            return production == taken ? .withdrawn(reason: "court") : .valid
        }
    }

    @Test(arguments: StoreKind.allCases)
    func theWholeWayToTheHolder(kind: StoreKind) async throws {
        let world = try await ShippingBooks(kind)
        let document = Table.document(1, WrongScanTests.baghdad)
        let packed = try await Self.atPlace(world, document)
        let desk = world.desk
        #expect(try await world.books.read(ShippingNoticesQuery()).isEmpty)
        try await desk.perform(.handOut(.envelope(packed), courier: "karim"), by: "karim")
        let code = try await desk.sendCode(.envelope(packed), by: "system")
        let wrong = code == "000000" ? "000001" : "000000"
        let error = await #expect(throws: SakkError.self) {
            try await desk.deliver(.envelope(packed), code: wrong, by: "karim")
        }
        #expect(error?.code == Refusal.codeWrong.code)
        #expect(try await desk.find(.envelope(packed)).code?.failures == 1)
        try await desk.deliver(.envelope(packed), code: code, by: "karim")
        #expect(try await desk.find(.envelope(packed)).state == .delivered)
        #expect(try await world.books.read(ShippingNoticesQuery()).map(\.notice) == ["active"])
        #expect(try await world.books.batchReport(Table.batch).totals.delivered == 1)
        #expect(try await world.count("handover_code") == 0)
        #expect(try await world.count("journal WHERE kind = 'parcel.code' AND body LIKE '%tag%'") == 0)
        _ = try await world.books.verify()
    }

    /// Packed, sent and scanned in; its envelope.
    static func atPlace(_ world: ShippingBooks, _ document: ReleasedDocument, seal: String = "S-1") async throws -> S10
    {
        try await world.produce([document])
        let desk = world.desk
        let scan = ScannedCode.document(document.blank)
        let envelope = try await desk.label(scan, by: "amal").number
        try await desk.perform(.match(document: scan, envelope: .envelope(envelope)), by: "amal")
        let box = try await desk.open(.box, for: document.address, by: "amal")
        let bag = try await desk.open(.bag, for: document.address, by: "amal")
        let consignment = try await desk.open(.consignment, for: document.address, by: "amal")
        try await desk.perform(.put(.envelope(envelope), into: .container(box)), by: "amal")
        try await desk.perform(.close(.container(box), count: 1), by: "amal")
        try await desk.perform(.put(.container(box), into: .container(bag)), by: "amal")
        try await desk.perform(.close(.container(bag), count: 1), by: "amal")
        try await desk.perform(.seal(.container(bag), seal: seal), by: "amal")
        try await desk.perform(.put(.container(bag), into: .container(consignment)), by: "amal")
        try await desk.perform(.close(.container(consignment), count: 1), by: "amal")
        try await desk.perform(
            .dispatch(.container(consignment), carrier: "van-7", signatures: ["amal", "basim"]), by: "amal")
        let place = document.address.place
        try await desk.perform(
            .arrive(.container(bag), at: place, seal: seal, signatures: ["dana", "esam"]), by: "dana")
        try await desk.perform(.arrive(.container(box), at: place, seal: nil, signatures: []), by: "dana")
        let paper = try await desk.manifest(consignment)
        try await desk.perform(.receive(.envelope(envelope), at: place), by: "dana")
        // the same paper whenever it is printed
        #expect(paper.documents == 1)
        #expect(try await desk.manifest(consignment).json == paper.json)
        return envelope
    }

    @Test(arguments: StoreKind.allCases)
    func whatComesBackIsDestroyedByTheStockOrGoesOutAgain(kind: StoreKind) async throws {
        let world = try await ShippingBooks(kind)
        let people = try WrongScanTests.people.get()
        let documents = (1...3).map { Table.document($0, WrongScanTests.baghdad) }
        var envelopes: [S10] = []
        for document in documents {
            envelopes.append(try await Self.atPlace(world, document, seal: "S-\(document.production)"))
        }
        for envelope in envelopes.dropLast() {
            try await world.desk.perform(
                .comeBack(.envelope(envelope), .wrongAddress, person: "amal", place: "cage"), by: "dana")
        }
        try await world.books.destroy(
            DestructionCertificate(
                number: "C-1", blanks: [documents[0].blank], consumables: [], method: "shredded", place: "room 4",
                people: people), by: "amal")
        #expect(try await world.desk.find(.document(documents[0].blank)).state == .destroyed)
        #expect(try await world.count("production WHERE state = 'held' AND reason = 'return.destroyed'") == 1)
        try await world.desk.perform(.reroute(.envelope(envelopes[1]), to: WrongScanTests.basra, people), by: "amal")
        #expect(try await world.desk.label(.document(documents[1].blank), by: "amal").isNew)
        #expect(try await world.count("blank WHERE account = 'good'") == 1)
        try await world.desk.perform(.lose(.envelope(envelopes[2]), people, incident: "I-1"), by: "amal")
        #expect(try await world.count("blank WHERE account = 'missing'") == 1)
        let notices = try await world.books.read(ShippingNoticesQuery()).map(\.notice)
        #expect(notices == ["suspended", "suspended", "destroyed", "lost"])
        _ = try await world.books.verify()
    }

    @Test func aRecalledDocumentGoesOnNowhere() async throws {
        let world = try await ShippingBooks(.sqlite)
        let documents = (1...2).map { Table.document($0, WrongScanTests.baghdad) }
        try await world.produce(documents)
        let scan = ScannedCode.document(documents[0].blank)
        let envelope = try await world.desk.label(scan, by: "amal").number
        try await world.desk.perform(.match(document: scan, envelope: .envelope(envelope)), by: "amal")
        var filter = RecallFilter()
        filter.lot = "L"
        let held = try await world.books.recall(filter, reason: "chips", custodian: "eve", place: "safe", by: "q")
        #expect(held.count == 2)
        let box = try await world.desk.open(.box, for: documents[0].address, by: "amal")
        let put = ShippingAct.put(.envelope(envelope), into: .container(box))
        #expect(await world.answer(put).refusal == Refusal.documentStopped.code)
        try await world.desk.perform(.setAside(.envelope(envelope), person: "eve", place: "safe"), by: "amal")
        // faultless after all
        try await world.books.change(
            .releaseRecall(documents[0].blank, reason: "tested", try WrongScanTests.people.get()), by: "q")
        #expect(try await world.desk.find(scan).state == .returned)
        _ = try await world.books.verify()
    }

    @Test(arguments: StoreKind.allCases)
    func theStoreRefusesASwapADoubleAndAnotherRoute(kind: StoreKind) async throws {
        let world = try await ShippingBooks(kind)
        let documents = [1, 2].map { Table.document($0, WrongScanTests.baghdad) }
        try await world.produce(documents)
        var numbers: [S10] = []
        for document in documents {
            numbers.append(try await world.desk.label(.document(document.blank), by: "amal").number)
        }
        let swap = [ShippingChange.enveloped(documents[0].production, envelope: numbers[1].description)]
        let used = [
            ShippingChange.labelled(
                documents[1].production, ShippingNumber(numbers[0].description, range: "home", serial: 900))
        ]
        let old = [
            ShippingChange.labelled(documents[1].production, ShippingNumber("RA000000005XX", range: "home", serial: 1))
        ]
        let box = try await world.desk.open(.box, for: Table.office("office-baghdad"), by: "amal")
        try await world.desk.perform(
            .match(document: .document(documents[0].blank), envelope: .envelope(numbers[0])), by: "amal")
        let other = [ShippingChange.put(envelope: numbers[0].description, into: box.digits)]
        for changes in [swap, used, old, other] {
            let error = await #expect(throws: SakkError.self) {
                try await world.books.ship(ScanNote(act: "test", items: []), by: "amal") { _ in
                    (ShippingVerdict(changes), true)
                }
            }
            #expect(error?.code == "shipping.refused" || error?.code == Refusal.numberUsed.code)
        }
        _ = try await world.books.verify()
    }

    @Test(arguments: StoreKind.allCases)
    func restoredBooksGiveOutNoNumberBeforeTwoPeopleSaidTheLast(kind: StoreKind) async throws {
        let world = try await ShippingBooks(kind)
        let documents = [1, 2, 3].map { Table.document($0, WrongScanTests.baghdad) }
        try await world.produce(documents)
        let backup = world.folder.appendingPathComponent("backup.db").path
        _ = try await world.desk.label(.document(documents[0].blank), by: "amal")
        try await world.books.backup(to: backup)
        let after = try await world.desk.label(.document(documents[1].blank), by: "amal").number
        let books = try await Books.restore(
            backup, to: world.folder.appendingPathComponent("restored.db").path, keys: world.keys, time: SystemTime(),
            by: "test")
        let desk = try ShippingBooks.desk(books)
        for _ in 0..<2 {
            let error = await #expect(throws: SakkError.self) {
                try await desk.label(.document(documents[2].blank), by: "amal")
            }
            #expect(error?.code == "shipping.numbers.restored")
        }
        let people = try WrongScanTests.people.get()
        let early = await #expect(throws: SakkError.self) {
            try await books.confirmNumbers(range: "home", last: 0, people, by: "amal")
        }
        #expect(early?.code == "ledger.rule")
        try await books.confirmNumbers(range: "home", last: after.serial, people, by: "amal")
        let next = try await desk.label(.document(documents[2].blank), by: "amal").number
        #expect(next.serial == after.serial + 1)
        _ = try await books.verify()
    }
}
