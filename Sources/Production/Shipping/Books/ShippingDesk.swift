public import Ground
public import Ledger
public import Stations

/// A packing table, a place or a courier's hand scanner on the books: each act is one transaction, judged by `Shipments`
/// on what the books hold at that moment. What is refused changes nothing and is in the journal.
public struct ShippingDesk: Sendable {
    let books: Books
    public let plan: LogisticsPlan
    private let verification: any RecordVerification
    private let standing: (any RecordStanding)?
    private let time: any TimeSource

    /// - Parameters:
    ///   - verification: opens the signed record, which says where its document goes.
    ///   - standing: asked again before a document gets its envelope (stop-list or source); what the books know is
    ///     asked in any case.
    public init(
        books: Books, plan: LogisticsPlan, verification: any RecordVerification, standing: (any RecordStanding)?,
        time: any TimeSource = SystemTime()
    ) {
        self.books = books
        self.plan = plan
        self.verification = verification
        self.standing = standing
        self.time = time
    }

    /// The same table in the hand of a person at a screen (`Books.acting`).
    public func acting(_ act: PersonAct, approval: ApprovalUse? = nil) -> ShippingDesk {
        ShippingDesk(
            books: books.acting(act, approval: approval), plan: plan, verification: verification, standing: standing,
            time: time)
    }

    /// One act. Throws the refusal (`Refusal`), and what the ledger and the standing throw.
    @discardableResult
    public func perform(_ act: ShippingAct, by person: String) async throws(SakkError) -> [ShippingFact] {
        if case .match(.document(let blank), _) = act { try await ask(blank, act, by: person) }
        if case .withdraw(let production, let reason) = act {
            return try await withdraw(production, reason, by: person)
        }
        return try await judge(act.note, by: person) { _ in act }
    }

    /// Takes a good document out of the good box, when it is not out yet, and gives it the next label of its route, when
    /// it has none; `isNew` is false for a label that stood already. Whoever prints one again calls `relabel`.
    public func label(_ scan: ScannedCode, by person: String) async throws(SakkError) -> (number: S10, isNew: Bool) {
        guard case .document(let blank) = scan else { throw try await refuse(Refusal.scanKind, scan, "label", person) }
        if try await parcel(blank) == nil {
            try await perform(.release(try await document(blank, by: person)), by: person)
        } else if let label = try await find(scan).label {
            return (label, false)
        }
        return (try await relabel(scan, by: person), true)
    }

    /// A label that was printed again has a new number; the old one is void for ever.
    public func relabel(_ scan: ScannedCode, by person: String) async throws(SakkError) -> S10 {
        let facts = try await judge(ScanNote(act: "label", items: [scan.description]), by: person) { reader in
            try reader.add(scan)
            let route = try reader.shipments.find(scan).address.route
            return .label(scan, try reader.shipments.nextLabel(route))
        }
        guard case .labelled(_, let number)? = facts.first else { throw Refusal.labelMissing.error(scan) }
        return number
    }

    /// Opens the next box, bag or consignment for an address.
    public func open(_ kind: ContainerKind, for address: ShippingAddress, by person: String)
        async throws(SakkError) -> SSCC
    {
        let facts = try await judge(ScanNote(act: "open", items: []), by: person) { reader in
            .open(kind, try reader.shipments.nextContainer(kind), for: address)
        }
        guard case .opened(let number, _, _)? = facts.first else { throw Refusal.numbersExhausted.error(kind.rawValue) }
        return number
    }

    /// A fresh one-time code for the addressee. It is sent and forgotten: the books keep a keyed tag.
    public func sendCode(_ scan: ScannedCode, by person: String) async throws(SakkError) -> String {
        let parcel = try await find(scan)
        guard let envelope = parcel.envelope else { throw Refusal.envelopeEmpty.error(scan) }
        let hours = try plan.rule(parcel.address.route).codeHours
        let expires = WallTime(microseconds: time.wall().microseconds + Int64(hours) * 3_600_000_000)
        let (code, kept) = try HandoverCode.make(for: envelope, expires: expires) { message throws(SakkError) in
            try books.handoverTag(message)
        }
        try await perform(.sendCode(scan, kept), by: person)
        return code
    }

    /// Handed over against the code that the addressee said.
    @discardableResult
    public func deliver(_ scan: ScannedCode, code: String, by person: String) async throws(SakkError) -> [ShippingFact]
    {
        let parcel = try await find(scan)
        var tag = Bytes(repeating: 0, count: 32)
        if let envelope = parcel.envelope, let kept = parcel.code {
            tag = try books.handoverTag(HandoverCode.message(code, envelope, kept.salt))
        }
        return try await perform(.deliver(scan, .code(tag: tag)), by: person)
    }

    // MARK: what is asked

    /// By its mark or its envelope.
    public func find(_ scan: ScannedCode) async throws(SakkError) -> Parcel {
        try await read { reader in
            try reader.add(scan)
            return try reader.shipments.find(scan)
        }
    }

    /// With what lies in it.
    public func container(_ number: SSCC) async throws(SakkError) -> Container {
        try await read { reader in
            try reader.addDeep(number)
            guard let container = reader.shipments.containers[number] else {
                throw Refusal.unknownContainer.error(number)
            }
            return container
        }
    }

    /// Of a consignment that is closed.
    public func manifest(_ consignment: SSCC) async throws(SakkError) -> Manifest {
        try await read { reader in
            try reader.addDeep(consignment)
            return try reader.shipments.manifest(consignment)
        }
    }

    /// "Everything accounted for", or each document that is not. Good documents that nobody has taken out of the good
    /// box are named too.
    public func closing(batch: BatchID) async throws(SakkError) -> Closing {
        try await read { reader in
            try reader.add(batch)
            let packed = reader.shipments.closing(batch: batch)
            let waiting = try reader.books.rows(
                """
                SELECT a.production, a.blank FROM production p JOIN attempt a ON a.production = p.production
                WHERE p.batch = ? AND a.state = 'produced' AND NOT EXISTS (SELECT 1 FROM parcel q
                  WHERE q.production = p.production AND q.blank = a.blank) ORDER BY a.production
                """, [.text(batch.rawValue)]
            ).map { row in
                Gap(
                    production: ProductionID(try row.text("production")), blank: BlankID(try row.text("blank")),
                    envelope: nil, stage: .notPacked, container: nil, custodian: .plant)
            }
            guard !waiting.isEmpty else { return packed }
            guard case .missing(let gaps) = packed else { return .missing(waiting) }
            return .missing((waiting + gaps).sorted { $0.production < $1.production })
        }
    }

    /// Of a box that arrived.
    public func closing(arrived box: SSCC) async throws(SakkError) -> Closing {
        try await read { reader in
            try reader.addDeep(box)
            return try reader.shipments.closing(arrived: box)
        }
    }

    /// Everything that the books hold; for reports over all and for comparing.
    public func all() async throws(SakkError) -> Shipments {
        try await read { reader in
            try reader.addAll()
            return reader.shipments
        }
    }

    private func read<Answer: Sendable>(_ body: @escaping @Sendable (inout ShipmentsReader) throws -> Answer)
        async throws(SakkError) -> Answer
    {
        let plan = plan
        return try await books.read(ShipmentsQuery(plan: plan, body: body))
    }

    // MARK: acts

    private func judge(
        _ note: ScanNote, by person: String,
        _ choose: @escaping @Sendable (inout ShipmentsReader) throws -> ShippingAct
    ) async throws(SakkError) -> [ShippingFact] {
        let plan = plan
        let now = time.wall()
        return try await books.ship(note, by: person) { books in
            var reader = try ShipmentsReader(plan, books)
            let act = try choose(&reader)
            try reader.prepare(act)
            let shipments = reader.shipments
            let answer = try shipments.judge(act, at: now)
            let changes = try answer.facts.map { try shipments.change($0) }
            return (ShippingVerdict(changes, refusal: answer.refusal), answer.facts)
        }
    }

    /// Rule 8: at packing the approval is asked again.
    private func ask(_ blank: BlankID, _ act: ShippingAct, by person: String) async throws(SakkError) {
        guard let standing, let production = try await parcel(blank) else { return }
        guard case .withdrawn(let reason) = try await standing.standing(of: production) else { return }
        try await books.commit(
            Transition(plant: .queue, actor: person, changes: [.withdraw(production, reason: reason)]))
        let error = Refusal.documentStopped.error(blank)
        try await books.refused(act.note, error, by: person)
        throw error
    }

    /// What the authority takes back is a row of the queue, which stops the parcel too.
    private func withdraw(_ production: ProductionID, _ reason: String, by person: String)
        async throws(SakkError) -> [ShippingFact]
    {
        let act = ShippingAct.withdraw(production, reason: reason)
        let now = time.wall()
        let facts = try await read { reader in
            try reader.prepare(act)
            return try reader.shipments.judge(act, at: now).facts
        }
        if !facts.isEmpty {
            try await books.commit(
                Transition(plant: .queue, actor: person, changes: [.withdraw(production, reason: reason)]))
        }
        return facts
    }

    private func parcel(_ blank: BlankID) async throws(SakkError) -> ProductionID? {
        try await books.read(MarkQuery(blank: blank))
    }

    private func document(_ blank: BlankID, by person: String) async throws(SakkError) -> ReleasedDocument {
        guard let good = try await books.read(GoodDocumentQuery(blank: blank)) else {
            throw try await refuse(Refusal.unknownDocument, .document(blank), "label", person)
        }
        let delivery = try verification.verify(try await books.envelope(of: good.production)).delivery
        return ReleasedDocument(
            production: good.production, blank: blank, batch: good.batch,
            address: ShippingAddress(route: delivery.route, place: PlaceID(delivery.destination)))
    }

    private func refuse(_ refusal: Refusal, _ scan: ScannedCode, _ act: String, _ person: String)
        async throws(SakkError) -> SakkError
    {
        let error = refusal.error(scan)
        try await books.refused(ScanNote(act: act, items: [scan.description]), error, by: person)
        return error
    }
}
