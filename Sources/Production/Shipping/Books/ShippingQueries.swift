import Ground
import Ledger

/// Asks the books for a part of the parcels.
struct ShipmentsQuery<Answer: Sendable>: LedgerQuery {
    let plan: LogisticsPlan
    let body: @Sendable (inout ShipmentsReader) throws -> Answer

    func answer(_ books: BooksReader) throws -> Answer {
        var reader = try ShipmentsReader(plan, books)
        return try body(&reader)
    }
}

/// The document that bears this mark, when it was taken out of the good box.
struct MarkQuery: LedgerQuery {
    let blank: BlankID
    func answer(_ books: BooksReader) throws -> ProductionID? {
        try books.row("SELECT production FROM parcel_mark WHERE blank = ?", [.text(blank.rawValue)])
            .map { ProductionID(try $0.text("production")) }
    }
}

/// The good document with this mark.
struct GoodDocumentQuery: LedgerQuery {
    struct Good: Sendable {
        let production: ProductionID
        let batch: BatchID
    }
    let blank: BlankID
    func answer(_ books: BooksReader) throws -> Good? {
        try books.row(
            """
            SELECT a.production, p.batch FROM attempt a JOIN production p ON p.production = a.production
            WHERE a.blank = ? AND a.state = 'produced'
            """, [.text(blank.rawValue)]
        ).map { Good(production: ProductionID(try $0.text("production")), batch: BatchID(try $0.text("batch"))) }
    }
}
