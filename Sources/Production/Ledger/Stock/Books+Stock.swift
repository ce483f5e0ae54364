public import Ground

/// What came of a receipt.
public struct StockReceipt: Sendable, Hashable {
    public let lot: LotID
    public let registered: Int
    /// In the manifest, and not in the delivery.
    public let gaps: [SerialRange]
    /// In the delivery, and not in the manifest: not registered.
    public let extras: [SerialRange]
    /// Numbers that the manifest itself leaves out between its first and its last.
    public let skipped: [SerialRange]
}

extension Books {
    /// Registers a delivery in the vault: what is in the manifest and was delivered. Gaps and extras are named, in the
    /// answer and in the journal.
    /// - Parameter delivered: what was scanned or counted off the boxes; nil when the seals are whole and it is believed.
    ///
    /// A part that comes later is received with the same manifest. Errors: `stock.lot.known` for another manifest of the
    /// lot, `stock.serial.known` names serials that are in the books already (nothing is taken).
    public func receive(_ manifest: StockManifest, delivered: [SerialRange]?, by person: String)
        async throws(SakkError) -> StockReceipt
    {
        let compared = manifest.compare(delivered ?? manifest.serials)
        let known = try await read(KnownSerialsQuery(manifest, compared.present))
        guard known.isEmpty else {
            throw stockError(
                "stock.serial.known", "In the books already: \(SerialRange.compact(known).words).",
                "Put the delivery aside: a serial exists once. What came late is named alone (--delivered).",
                manifest.id.description)
        }
        let first = try await read(LotsQuery()).first { $0.id == manifest.id }?.manifest
        guard first == nil || first == manifest.digest else {
            throw stockError(
                "stock.lot.known", "The lot was received before, with another manifest.",
                "Compare the two manifests with the manufacturer.", manifest.id.description)
        }
        let before = try await read(KnownSerialsQuery(manifest, compared.gaps))
        let gaps = compared.gaps.flatMap { $0.without(SerialRange.compact(before)) }
        let count = compared.present.reduce(0) { $0 + $1.count }
        let lot = StockLot(
            id: manifest.id, chipLot: manifest.chipLot, transportKey: manifest.transportKey,
            category: manifest.category, isEngraved: manifest.isEngraved, manifest: manifest.digest, count: count,
            gaps: gaps, extras: compared.extras)
        var changes: [Change] = [.stock(.lot(lot))]
        for range in compared.present {
            for number in range.first...range.last {
                let serial = range.serial(number)
                let one = SerialRange(prefix: range.prefix, first: number, last: number, digits: range.digits)
                let box = manifest.boxes.first { $0.serials.overlaps(one) }?.box
                changes.append(
                    .stock(
                        .blank(
                            BlankID(stock: manifest.id.stock, serial: serial), manifest.id, ordinal: number, box: box)))
            }
        }
        try await act(changes, by: person)
        return StockReceipt(
            lot: manifest.id, registered: count, gaps: gaps, extras: compared.extras,
            skipped: manifest.skipped)
    }

    /// From the vault to a line, and into a hopper when a cell is named. All or nothing.
    ///
    /// `stock.lot.held` for a blank of a held lot, `stock.blank.elsewhere` names blanks that are not in the vault.
    public func issue(_ serials: SerialRange, stock: String, to line: LineID, cell: CellID?, by person: String)
        async throws(SakkError)
    {
        let blanks = try await blanks(serials, stock, in: .vault)
        try await act(
            blanks.flatMap { blank -> [Change] in
                [.stock(.issue(blank, line))] + (cell.map { [.stock(.load(blank, line, $0))] } ?? [])
            }, by: person)
    }

    /// Blanks of the line into a hopper, behind what lies there; in the order of their serials.
    public func load(_ serials: SerialRange, stock: String, line: LineID, cell: CellID, by person: String)
        async throws(SakkError)
    {
        let blanks = try await blanks(serials, stock, in: .line)
        try await act(blanks.map { .stock(.load($0, line, cell)) }, by: person)
    }

    /// Unused blanks of a line back to the vault.
    public func giveBack(_ serials: SerialRange, stock: String, reason: String, by person: String)
        async throws(SakkError)
    {
        let blanks = try await blanks(serials, stock, in: .line)
        try await act(blanks.map { .stock(.giveBack($0, reason: reason)) }, by: person)
    }

    /// Destroys spoiled blanks (and held or quarantined ones) and spent supplies before two people; the certificate is
    /// read back with `CertificateQuery`.
    public func destroy(_ certificate: DestructionCertificate, by person: String) async throws(SakkError) {
        var changes: [Change] = [.stock(.certificate(certificate))]
        for blank in certificate.blanks {
            guard let found = try await blanks(.blank(blank)).first,
                [.spoiled, .held, .quarantine, .returned].contains(found.account)
            else { throw elsewhere([blank.rawValue], "spoiled, held, quarantine or returned") }
            changes.append(.stock(.destroy(blank, from: found.account, certificate: certificate.number)))
        }
        for supply in certificate.consumables {
            changes.append(
                .stock(
                    .consumableMoved(
                        supply, from: .spent, to: .destroyed, line: nil, cell: nil, reason: "destroyed",
                        certificate: certificate.number)))
        }
        try await act(changes, by: person)
    }

    /// One change of the stock by a person; `stock.refused` when it breaks a rule.
    public func change(_ change: StockChange, by person: String) async throws(SakkError) {
        try await act([.stock(change)], by: person)
    }

    /// What a person at the desk got wrong is no disagreement of books and machine.
    func act(_ changes: [Change], by person: String) async throws(SakkError) {
        do throws(SakkError) {
            try await commit(Transition(plant: .vault, actor: person, changes: changes))
        } catch {
            guard error.code == "ledger.rule" else { throw error }
            let isTaken = error.text.contains("constraint") || error.text.contains("unique")
            throw stockError(
                "stock.refused", isTaken ? "It is in the books already, or its place is taken." : error.text,
                "Nothing is changed. See where it is (sakk stock report).", error.subject)
        }
    }

    /// A supply that is nowhere to be found, wherever the books have it.
    public func missing(_ supply: ConsumableID, reason: String, by person: String) async throws(SakkError) {
        let known = try await read(ConsumablesQuery()).first { $0.supply.id == supply }
        guard let known, known.account != .missing, known.account != .destroyed else {
            throw stockError(
                "stock.refused", "The books do not look for this.", "See `sakk stock report`.", supply.rawValue)
        }
        try await change(
            .consumableMoved(
                supply, from: known.account, to: .missing, line: nil, cell: nil, reason: reason, certificate: nil),
            by: person)
    }

    private func blanks(_ serials: SerialRange, _ stock: String, in account: Account) async throws(SakkError)
        -> [BlankID]
    {
        let blanks = serials.serials.map { BlankID(stock: stock, serial: $0) }
        let stray = try await read(ElsewhereQuery(blanks: blanks, account: account))
        guard stray.isEmpty else { throw elsewhere(stray.map(\.rawValue), account.rawValue) }
        return blanks
    }

    private func elsewhere(_ blanks: [String], _ account: String) -> SakkError {
        let serials = SerialRange.compact(blanks.map { String($0.drop { $0 != ":" }.dropFirst()) })
        return stockError(
            "stock.blank.elsewhere", "Not in \(account): \(serials.words).", "See where they are (sakk stock report).",
            blanks.first)
    }

    private func stockError(_ code: SakkError.Code, _ text: String, _ remedy: String, _ subject: String?) -> SakkError {
        SakkError(code, source: store.source, subject: subject, text: text, remedy: remedy)
    }
}

/// Serials of the ranges that the books know.
struct KnownSerialsQuery: LedgerQuery {
    let stock: String
    /// The serials are document numbers: none of another stock type is the same.
    let isEngraved: Bool
    let serials: [SerialRange]

    init(_ manifest: StockManifest, _ serials: [SerialRange]) {
        stock = manifest.id.stock
        isEngraved = manifest.isEngraved
        self.serials = serials
    }

    func answer(_ books: BooksReader) throws -> [String] {
        var known: [String] = []
        for range in serials {
            for serial in range.serials {
                let blank = BlankID(stock: stock, serial: serial)
                let row = try books.row(
                    "SELECT 1 AS n FROM blank WHERE blank = ? OR (number IS NOT NULL AND number = ?)",
                    [.text(blank.rawValue), .optional(isEngraved ? serial : nil)])
                if row != nil { known.append(serial) }
            }
        }
        return known
    }
}

/// Which of these blanks are not in the account.
struct ElsewhereQuery: LedgerQuery {
    let blanks: [BlankID]
    let account: Account
    func answer(_ books: BooksReader) throws -> [BlankID] {
        try blanks.filter { blank in
            try books.row(
                "SELECT 1 AS n FROM blank WHERE blank = ? AND account = ?",
                [.text(blank.rawValue), .text(account.rawValue)]) == nil
        }
    }
}
