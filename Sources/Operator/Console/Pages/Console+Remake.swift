import Ground
import Ledger
import Shipping

extension Console {
    func remakeRoutes() -> [Route] {
        [
            Route(
                "POST", "/dispatch/astray/remake", Console.packers,
                "A lost, returned or recalled document is void and made again, before two people, as the authority asks "
                    + "(`reference`); `request` names the record that takes its place, where the number may not stay",
                fields: ["scan", "reference", "request", "second", "second_password"]
            ) { [unowned self] visit throws(SakkError) in try await remake(visit) },
            Route(
                "POST", "/dispatch/astray/destroy", Console.packers,
                "What came back or was set aside is destroyed before two people, with a certificate",
                fields: ["scan", "certificate", "method", "place", "second", "second_password"]
            ) { [unowned self] visit throws(SakkError) in try await destroy(visit) },
        ]
    }

    private func destroy(_ visit: Visit) async throws(SakkError) -> Route.Answer {
        let scan = try await scanned(try visit.required("scan"), visit)
        let blank = try await shippingDesk().find(scan).document.blank
        let (certificate, method) = (try visit.required("certificate"), try visit.required("method"))
        let place = try visit.required("place")
        let agreement = try await agreed(
            visit, .destroy, item: blank.rawValue,
            facts: [
                "blank": .string(blank.rawValue), "certificate": .string(certificate), "method": .string(method),
                "place": .string(place),
            ], reason: "\(certificate): \(method)")
        try await hand(visit, "document.destroy", blank.rawValue, approval: agreement.use).destroy(
            DestructionCertificate(
                number: certificate, blanks: [blank], consumables: [], method: method, place: place,
                people: agreement.people), by: visit.person.signature)
        return .done(to: "/dispatch/astray", ["said": "destroyed", "number": .string(blank.rawValue)])
    }

    private func remake(_ visit: Visit) async throws(SakkError) -> Route.Answer {
        let scan = try await scanned(try visit.required("scan"), visit)
        let parcel = try await shippingDesk().find(scan)
        let production = parcel.document.production
        let reference = try visit.required("reference")
        var replacement: ProductionID?
        if let name = visit.form["request"] {
            guard name.count <= 100, let record = try await books.read(RecordQuery(name: name)),
                let other = record["production"]?.string
            else { throw Console.unknown("record", String(name.prefix(100))) }
            replacement = ProductionID(other)
        }
        let order = DocumentRemake(
            production, cause: try await cause(of: parcel),
            number: try await number(of: parcel, hasReplacement: replacement != nil), reference: reference,
            replacement: replacement)
        let agreement = try await agreed(
            visit, .remake, item: production.rawValue,
            facts: [
                "cause": .string(order.cause.rawValue), "number": .string(order.number.rawValue),
                "production": .string(production.rawValue), "reference": .string(reference),
                "replacement": replacement.map { .string($0.rawValue) } ?? .null,
            ], reason: reference)
        try await hand(visit, "document.remake", production.rawValue, approval: agreement.use)
            .remake(order, agreement.people, by: visit.person.signature)
        await figures.forget()
        return .done(
            to: "/dispatch/astray",
            ["said": .string("remade_\(order.number.rawValue)"), "number": .string(production.rawValue)])
    }

    private func cause(of parcel: Parcel) async throws(SakkError) -> DocumentRemake.Cause {
        if parcel.state == .lost { return .lost }
        let record = try await books.read(RecordQuery(name: parcel.document.production.rawValue))
        let isRecall = parcel.stopped == "recall" || record?["reason"]?.string == "recall.destroyed"
        return isRecall ? .recalled : .damaged
    }

    /// A booklet's is void with it. A record's own stays only where its profile lets it.
    private func number(of parcel: Parcel, hasReplacement: Bool) async throws(SakkError) -> DocumentRemake.Number {
        if try await books.blanks(.blank(parcel.document.blank)).first?.number != nil { return .booklet }
        guard !hasReplacement else { return .request }
        let record = try await books.read(RecordQuery(name: parcel.document.production.rawValue))
        guard settings.products[record?["product"]?.string ?? ""]?.isRenumbered != true else {
            throw SakkError(
                "remake.request", source: "console", subject: parcel.document.production.rawValue,
                text: "A document of this product gets another number when it is made again.",
                remedy: "Name the authority's request with the new number.")
        }
        return .kept
    }

    /// What the packing desk may do with the item in hand.
    static func mayRemake(_ parcel: Parcel) -> Bool {
        [.lost, .returned, .withdrawn, .destroyed].contains(parcel.state) && parcel.stopped != "remade"
            && (parcel.stopped == nil || parcel.stopped == "recall")
    }
}

/// Documents that were made again after they had left, the newest first.
struct RemakesQuery: LedgerQuery {
    struct Row: Sendable {
        let production: String
        let blank: String
        let cause: String
        let number: String
        let replacement: String?
        let reference: String
        let people: [String]
        let at: Int64
        /// Where the record stands now that is to bring the new one.
        let state: String
        /// Where the old one is.
        let account: String
    }

    func answer(_ books: BooksReader) throws -> [Row] {
        try books.rows(
            """
            SELECT m.*, p.state, b.account FROM document_remake m JOIN blank b ON b.blank = m.blank
            JOIN production p ON p.production = COALESCE(m.replacement, m.production)
            ORDER BY m.wall DESC, m.blank LIMIT 50
            """
        ).map { row in
            Row(
                production: try row.text("production"), blank: try row.text("blank"), cause: try row.text("cause"),
                number: try row.text("number"), replacement: row.optionalText("replacement"),
                reference: try row.text("reference"), people: [try row.text("first"), try row.text("second")],
                at: try row.integer("wall"), state: try row.text("state"), account: try row.text("account"))
        }
    }
}
