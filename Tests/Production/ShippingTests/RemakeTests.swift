import Ground
import Ledger
import Shipping
import Stations
import Testing

/// A document that had left and is made again: the old one void, the new one packed, at both stores.
@Suite struct RemakeTests {
    private static let people = WrongScanTests.people
    private static let address = WrongScanTests.baghdad

    private static func order(
        _ document: ReleasedDocument, _ cause: DocumentRemake.Cause, _ number: DocumentRemake.Number,
        _ other: ProductionID? = nil
    ) -> DocumentRemake {
        DocumentRemake(
            document.production, cause: cause, number: number, reference: "letter 7", replacement: other)
    }

    private static func refused(_ body: () async throws -> Void) async -> String? {
        do {
            try await body()
            return nil
        } catch {
            return (error as? SakkError)?.code.rawValue ?? "\(error)"
        }
    }

    /// The next document of the queue, made on this blank.
    private static func make(_ world: ShippingBooks, on blank: BlankID, booklet: String? = nil) async throws
        -> ProductionID?
    {
        let lease = try await world.books.takeOver(
            ShippingBooks.line, by: LeaseHolder(name: "test", host: "here", duration: 3_600_000_000))
        let request = ClaimRequest(
            lease: lease, cell: ShippingBooks.cell, product: "iq-national-id", stocks: ["NID"], actor: "test")
        guard let claim = try await world.books.claim(request) else { return nil }
        if booklet == nil {
            try await world.books.commit(
                Transition(
                    plant: .vault, actor: "test",
                    changes: [
                        .register(blank, stock: "NID", lot: "L", ordinal: 1),
                        .move(blank, from: .vault, to: .line, reason: "loaded", attempt: nil),
                    ]))
        }
        var changes: [Change] = [
            .move(blank, from: .line, to: .cell, reason: "fed", attempt: claim.attempt),
            .bind(claim.attempt, blank, ChipIdentity("chip-\(blank)")),
        ]
        if let booklet { changes.append(.number(claim.attempt, booklet)) }
        changes += [
            .attempt(claim.attempt, .produced, reason: nil), .record(claim.production, .produced, reason: nil),
            .move(blank, from: .cell, to: .good, reason: "produced", attempt: claim.attempt),
        ]
        try await world.books.commit(
            Transition(lease: lease, cell: ShippingBooks.cell, actor: "test", changes: changes))
        return claim.production
    }

    @Test(arguments: StoreKind.allCases)
    func `a document that came back and was destroyed is made again with its number, and packed`(kind: StoreKind)
        async throws
    {
        let world = try await ShippingBooks(kind)
        let people = try Self.people.get()
        let document = Table.document(1, Self.address)
        let envelope = try await BooksTests.atPlace(world, document)
        let kept = Self.order(document, .damaged, .kept)
        // while it can still be handed over, and while the number would be on two documents
        #expect(await Self.refused { try await world.books.remake(kept, people, by: "amal") } == "remake.alive")
        try await world.desk.perform(
            .comeBack(.envelope(envelope), .damaged, person: "amal", place: "cage"), by: "dana")
        #expect(await Self.refused { try await world.books.remake(kept, people, by: "amal") } == "remake.number")
        try await world.books.destroy(
            DestructionCertificate(
                number: "C-1", blanks: [document.blank], consumables: [], method: "shredded", place: "room 4",
                people: people), by: "amal")
        let lost = Self.order(document, .lost, .kept)
        #expect(await Self.refused { try await world.books.remake(lost, people, by: "amal") } == "remake.cause")
        try await world.books.remake(kept, people, by: "amal")
        #expect(await Self.refused { try await world.books.remake(kept, people, by: "amal") } == "remake.again")
        #expect(try await world.count("production WHERE state = 'queued' AND remake = 1") == 1)
        let blank = BlankID(stock: "NID", serial: "new")
        #expect(try await Self.make(world, on: blank) == document.production)
        #expect(try await world.desk.label(.document(blank), by: "amal").isNew)
        #expect(try await world.desk.find(.document(blank)).state == .released)
        let old = await #expect(throws: SakkError.self) { try await world.desk.find(.document(document.blank)) }
        #expect(old?.code == Refusal.unknownDocument.code)
        let label = await #expect(throws: SakkError.self) { try await world.desk.find(.envelope(envelope)) }
        #expect(label?.code == Refusal.labelVoid.code)
        _ = try await world.books.verify()
    }

    @Test(arguments: StoreKind.allCases)
    func `a lost document with the record's number ends with another request, which goes to the head`(kind: StoreKind)
        async throws
    {
        let world = try await ShippingBooks(kind)
        let people = try Self.people.get()
        let document = Table.document(1, Self.address)
        let envelope = try await BooksTests.atPlace(world, document)
        try await world.desk.perform(.lose(.envelope(envelope), people, incident: "I-1"), by: "amal")
        let names = [ProductionID("P-8"), ProductionID("P-9")]
        _ = try await world.books.intake(
            names.enumerated().map { index, name in
                IntakeRecord(
                    production: name, requestID: name.rawValue, authority: "UTO-MOI", product: "iq-national-id",
                    stock: "NID", numberSpace: "UTO/ID", documentNumber: "N\(name)", priorityClass: "normal",
                    approvedAt: WallTime(microseconds: Int64(index) + 2),
                    envelope: Bytes("\(document.address.route.rawValue) \(document.address.place)".utf8))
            }, batch: BatchHeader(batch: BatchID("B-2"), authority: "UTO-MOI", product: "iq-national-id"), cursor: nil)
        for wrong in [
            Self.order(document, .lost, .kept), Self.order(document, .lost, .booklet),
            Self.order(document, .damaged, .request, names[1]),
        ] {
            let code = await Self.refused { try await world.books.remake(wrong, people, by: "amal") }
            #expect(code == (wrong.cause == .lost ? "remake.number" : "remake.cause"))
        }
        for other in [nil, document.production, ProductionID("P-77")] {
            let wrong = Self.order(document, .lost, .request, other)
            let code = await Self.refused { try await world.books.remake(wrong, people, by: "amal") }
            #expect(code == "remake.replacement")
        }
        try await world.books.remake(Self.order(document, .lost, .request, names[1]), people, by: "amal")
        #expect(
            try await world.count(
                "production WHERE production = 'P-1' AND state = 'withdrawn' AND reason = 'remade.lost'")
                == 1)
        // the old one turns up: it is given to nobody, and destroyed
        try await world.desk.perform(
            .turnUp(.document(document.blank), person: "amal", place: "cage"), by: "amal")
        let again = ShippingAct.reroute(.document(document.blank), to: Self.address, people)
        #expect(await world.answer(again).refusal == Refusal.documentStopped.code)
        try await world.books.destroy(
            DestructionCertificate(
                number: "C-2", blanks: [document.blank], consumables: [], method: "shredded", place: "room 4",
                people: people), by: "amal")
        #expect(try await world.count("production WHERE production = 'P-1' AND state = 'withdrawn'") == 1)
        #expect(try await Self.make(world, on: BlankID(stock: "NID", serial: "new")) == names[1])
        _ = try await world.books.verify()
    }

    @Test(arguments: StoreKind.allCases)
    func `a lost booklet's number is void once, and the next booklet has the next one`(kind: StoreKind) async throws {
        let world = try await ShippingBooks(kind)
        let people = try Self.people.get()
        let document = ReleasedDocument(
            production: ProductionID("P-1"), blank: BlankID(stock: "NID", serial: "A1"), batch: Table.batch,
            address: Self.address)
        try await Self.booklets(world, document)
        #expect(try await Self.make(world, on: document.blank, booklet: "A1") == document.production)
        let envelope = try await world.desk.label(.document(document.blank), by: "amal").number
        let order = Self.order(document, .lost, .booklet)
        #expect(await Self.refused { try await world.books.remake(order, people, by: "amal") } == "remake.alive")
        try await world.desk.perform(.lose(.envelope(envelope), people, incident: "I-1"), by: "amal")
        try await world.books.remake(order, people, by: "amal")
        #expect(try await world.count("void_number WHERE number = 'A1'") == 1)
        #expect(try await world.count("document_remake WHERE void = 'A1' AND was = 'lost'") == 1)
        let next = BlankID(stock: "NID", serial: "A2")
        #expect(try await Self.make(world, on: next, booklet: "A2") == document.production)
        #expect(try await world.desk.label(.document(next), by: "amal").isNew)
        #expect(try await world.count("void_number") == 1)
        #expect(try await world.count("attempt WHERE state = 'produced' AND engraved = 'A2'") == 1)
        _ = try await world.books.verify()
    }

    /// Booklets A1 to A3 of the line, and a record without a number of its own.
    private static func booklets(_ world: ShippingBooks, _ document: ReleasedDocument) async throws {
        let range = try #require(SerialRange("A1..A3"))
        let manifest = try StockManifest(
            id: LotID(stock: "NID", lot: "B"), chipLot: nil, transportKey: nil, category: "regular", isEngraved: true,
            serials: [range], boxes: [], count: 3, digest: Bytes(repeating: 7, count: 32))
        _ = try await world.books.receive(manifest, delivered: nil, by: "vault")
        try await world.books.issue(range, stock: "NID", to: ShippingBooks.line, cell: ShippingBooks.cell, by: "vault")
        _ = try await world.books.intake(
            [
                IntakeRecord(
                    production: document.production, requestID: "R-1", authority: "UTO-MOI", product: "iq-national-id",
                    stock: "NID", numberSpace: "UTO/P", documentNumber: nil, priorityClass: "normal",
                    approvedAt: WallTime(microseconds: 1),
                    envelope: Bytes("\(document.address.route.rawValue) \(document.address.place)".utf8))
            ], batch: BatchHeader(batch: document.batch, authority: "UTO-MOI", product: "iq-national-id"), cursor: nil)
    }

    @Test(arguments: StoreKind.allCases)
    func `an approval that was taken back is made again by nobody`(kind: StoreKind) async throws {
        let world = try await ShippingBooks(kind)
        let people = try Self.people.get()
        let document = Table.document(1, Self.address)
        let envelope = try await BooksTests.atPlace(world, document)
        try await world.desk.perform(.lose(.envelope(envelope), people, incident: "I-1"), by: "amal")
        try await world.books.commit(
            Transition(plant: .queue, actor: "authority", changes: [.withdraw(document.production, reason: "court")]))
        let order = Self.order(document, .lost, .request, ProductionID("P-9"))
        #expect(await Self.refused { try await world.books.remake(order, people, by: "amal") } == "remake.withdrawn")
        #expect(try await world.count("document_remake") == 0)
    }
}
