import Ground
import Ledger
import Stations

/// Reads from the books the part of all parcels and containers that one act is judged by: the scanned items, what they
/// lie in, and what lies in a container that is scanned. `judge` of the part is `judge` of the whole.
struct ShipmentsReader {
    let books: BooksReader
    private(set) var shipments: Shipments

    init(_ plan: LogisticsPlan, _ books: BooksReader) throws {
        self.books = books
        shipments = Shipments(plan: plan)
        try readNumbers()
    }

    mutating func prepare(_ act: ShippingAct) throws {
        switch act {
        case .release(let document):
            try add(document.production)
            try add(.document(document.blank))
        case .label(let scan, let number):
            try add(scan)
            try add(.envelope(number))
        case .match(let document, let envelope):
            try add(document)
            try add(envelope)
        case .open(_, let number, _): try add(.container(number))
        case .put(let item, let container), .takeOut(let item, let container):
            try add(item)
            try add(container)
            try addContents(container)
        case .close(let container, _):
            try add(container)
            try addContents(container)
            try addStopped(container)
        case .dispatch(let container, _, _):
            try add(container)
            try addStopped(container)
        case .seal(let container, let seal):
            try add(container)
            if let row = try books.row("SELECT container FROM seal WHERE seal = ?", [.text(seal)]) {
                shipments.seals[seal] = SSCC(try row.text("container"))
            }
        case .arrive(let scan, _, _, _), .reopen(let scan, _, _), .receive(let scan, _), .handOut(let scan, _),
            .sendCode(let scan, _), .fail(let scan, _), .deliver(let scan, _), .comeBack(let scan, _, _, _),
            .lose(let scan, _, _), .turnUp(let scan, _, _), .setAside(let scan, _, _), .reroute(let scan, _, _),
            .destroy(let scan, _, _):
            try add(scan)
        case .withdraw(let production, _): try add(production)
        }
    }

    /// Everything: for reports over all and for tests.
    mutating func addAll() throws {
        for row in try books.rows("SELECT production FROM parcel ORDER BY production") {
            try add(ProductionID(try row.text("production")))
        }
        for row in try books.rows("SELECT blank, production FROM parcel_mark") {
            shipments.marks[BlankID(try row.text("blank"))] = ProductionID(try row.text("production"))
        }
        for row in try books.rows("SELECT number, production FROM parcel_label") {
            let number = try item(row, "number")
            shipments.labels[number] = ProductionID(try row.text("production"))
        }
        for row in try books.rows("SELECT seal, container FROM seal") {
            shipments.seals[try row.text("seal")] = SSCC(try row.text("container"))
        }
        for row in try books.rows("SELECT number FROM container") {
            let number = try container(row, "number")
            try add(.container(number))
            try addContents(.container(number))
        }
    }

    /// The parcels of a batch, and what each lies in.
    mutating func add(_ batch: BatchID) throws {
        for row in try books.rows("SELECT production FROM parcel WHERE batch = ?", [.text(batch.rawValue)]) {
            try add(ProductionID(try row.text("production")))
        }
    }

    /// A container with all that lies in it, however deep.
    mutating func addDeep(_ number: SSCC) throws {
        try add(.container(number))
        try addContents(.container(number))
        for item in shipments.containers[number]?.contents ?? [] {
            switch item {
            case .container(let inner): try addDeep(inner)
            case .envelope(let envelope): try add(.envelope(envelope))
            }
        }
    }

    // MARK: items

    mutating func add(_ scan: ScannedCode) throws {
        switch scan {
        case .document(let blank):
            let row = try books.row("SELECT production FROM parcel_mark WHERE blank = ?", [.text(blank.rawValue)])
            guard let production = try row?.text("production") else { return }
            shipments.marks[blank] = ProductionID(production)
            try add(ProductionID(production))
        case .envelope(let number):
            let row = try books.row(
                "SELECT production FROM parcel_label WHERE number = ?", [.text(number.description)])
            guard let production = try row?.text("production") else { return }
            shipments.labels[number] = ProductionID(production)
            try add(ProductionID(production))
        case .container(let number): try addContainer(number)
        }
    }

    mutating func add(_ production: ProductionID) throws {
        guard shipments.parcels[production] == nil,
            let row = try books.row(
                """
                SELECT p.*, l.number AS label, c.salt, c.tag FROM parcel p
                LEFT JOIN parcel_label l ON l.production = p.production AND l.void = 0
                LEFT JOIN handover_code c ON c.production = p.production WHERE p.production = ?
                """, [.text(production.rawValue)])
        else { return }
        let parcel = try parcel(row)
        shipments.parcels[production] = parcel
        shipments.marks[parcel.document.blank] = production
        if let label = parcel.label { shipments.labels[label] = production }
        if let box = parcel.inside { try addContainer(box) }
    }

    /// And what it lies in.
    private mutating func addContainer(_ number: SSCC) throws {
        guard shipments.containers[number] == nil,
            let row = try books.row("SELECT * FROM container WHERE number = ?", [.text(number.digits)])
        else { return }
        guard let kind = ContainerKind(rawValue: try row.text("kind")),
            let state = Container.State(rawValue: try row.text("state")),
            let route = ApprovedRecord.DeliveryRoute(rawValue: try row.text("route"))
        else { throw ShipmentsReader.damaged(number) }
        var container = Container(
            number: number, kind: kind,
            target: Target(
                route: route, region: row.optionalText("region"),
                place: row.optionalText("place").map { PlaceID($0) }))
        container.state = state
        container.count = Int(row.optionalInteger("count") ?? 0)
        container.digest = row.optionalBlob("contents")
        container.seal = row.optionalText("seal")
        container.inside = row.optionalText("inside").flatMap { SSCC($0) }
        shipments.containers[number] = container
        if let outer = container.inside { try addContainer(outer) }
    }

    private mutating func addContents(_ scan: ScannedCode) throws {
        guard case .container(let number) = scan, shipments.containers[number] != nil else { return }
        let name = SQLValue.text(number.digits)
        var contents: Set<Item> = []
        try books.forEach("SELECT envelope FROM parcel WHERE container = ?", [name]) { row in
            contents.insert(.envelope(try item(row, "envelope")))
        }
        try books.forEach("SELECT number FROM container WHERE inside = ?", [name]) { row in
            contents.insert(.container(try container(row, "number")))
        }
        shipments.containers[number]?.contents = contents
    }

    /// Only what may not go on is looked for in a container, however full it is.
    private mutating func addStopped(_ scan: ScannedCode) throws {
        guard case .container(let number) = scan, shipments.containers[number] != nil else { return }
        let name = SQLValue.text(number.digits)
        let rows = try books.rows(
            """
            SELECT p.production, p.envelope, box.number AS box, bag.number AS bag FROM parcel p
            JOIN container box ON box.number = p.container LEFT JOIN container bag ON bag.number = box.inside
            WHERE p.stopped IS NOT NULL AND (box.number = ? OR bag.number = ? OR bag.inside = ?)
            """, [name, name, name])
        for row in rows {
            let envelope = try item(row, "envelope")
            let box = try container(row, "box")
            try add(ProductionID(try row.text("production")))
            shipments.containers[box]?.contents.insert(.envelope(envelope))
            guard let bag = row.optionalText("bag").flatMap({ SSCC($0) }) else { continue }
            shipments.containers[bag]?.contents.insert(.container(box))
            if bag != number { shipments.containers[number]?.contents.insert(.container(bag)) }
        }
    }

    // MARK: rows

    private mutating func readNumbers() throws {
        for row in try books.rows("SELECT range, last FROM number_range") {
            let (id, serial) = (try row.text("range"), try row.count("last"))
            if let range = shipments.plan.itemRanges.first(where: { $0.id == id }) {
                shipments.lastItem[id] = S10(service: range.service, serial: serial, country: range.country)
            } else if let range = shipments.plan.containerRanges.first(where: { $0.id == id }) {
                shipments.lastContainer[id] = SSCC(
                    extensionDigit: range.extensionDigit, prefix: range.prefix, serial: serial)
            }
        }
    }

    private func parcel(_ row: SQLRow) throws -> Parcel {
        let production = ProductionID(try row.text("production"))
        guard let route = ApprovedRecord.DeliveryRoute(rawValue: try row.text("route")),
            let state = ParcelState(rawValue: try row.text("state"))
        else { throw ShipmentsReader.damaged(production) }
        var parcel = Parcel(
            ReleasedDocument(
                production: production, blank: BlankID(try row.text("blank")), batch: BatchID(try row.text("batch")),
                address: ShippingAddress(route: route, place: PlaceID(try row.text("place")))))
        parcel.label = row.optionalText("label").flatMap { S10($0) }
        parcel.envelope = row.optionalText("envelope").flatMap { S10($0) }
        parcel.state = state
        parcel.inside = row.optionalText("container").flatMap { SSCC($0) }
        parcel.custodian = try custodian(row, production)
        parcel.attempts = try row.count("attempts")
        parcel.stopped = row.optionalText("stopped")
        if let salt = row.optionalBlob("salt"), let tag = row.optionalBlob("tag"),
            let expires = row.optionalInteger("code_expires")
        {
            var code = HandoverCode(salt: salt, tag: tag, expires: WallTime(microseconds: expires))
            code.failures = try row.count("code_failures")
            parcel.code = code
        }
        return parcel
    }

    private func custodian(_ row: SQLRow, _ production: ProductionID) throws -> Custodian {
        let name = row.optionalText("custodian") ?? ""
        switch try row.text("custodian_kind") {
        case "plant": return .plant
        case "carrier": return .carrier(name)
        case "place": return .place(PlaceID(name))
        case "courier": return .courier(name)
        case "holder": return .holder
        case "person": return .person(name, place: row.optionalText("custodian_place") ?? "")
        case "nobody": return .nobody
        default: throw ShipmentsReader.damaged(production)
        }
    }

    private func item(_ row: SQLRow, _ column: String) throws -> S10 {
        guard let number = S10(try row.text(column)) else { throw ShipmentsReader.damaged(column) }
        return number
    }

    private func container(_ row: SQLRow, _ column: String) throws -> SSCC {
        guard let number = SSCC(try row.text(column)) else { throw ShipmentsReader.damaged(column) }
        return number
    }

    private static func damaged(_ subject: some CustomStringConvertible) -> SakkError {
        SakkError(
            "ledger.corrupt", source: "shipping", subject: subject.description,
            text: "A row of the parcels says what no program of this plant writes.",
            remedy: "Stop, keep the ledger as it is and call the engineer.")
    }
}
