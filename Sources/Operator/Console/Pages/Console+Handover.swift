import Ground
import Ledger
import OpenSSLCrypto
import Shipping
import Stations

extension Console {
    /// The courier's run, and the handover to the holder at a door or a desk.
    func handoverRoutes() -> [Route] {
        [
            Route("GET", "/dispatch/run", Console.packers, "Couriers' runs: who has which envelope, and since when") {
                [unowned self] visit throws(SakkError) in .page("run", try await run(visit))
            },
            Route("POST", "/dispatch/run/courier", Console.packers, "Who goes out now", fields: ["courier"]) {
                [unowned self] visit throws(SakkError) in
                let courier = try visit.required("courier")
                await lay(visit, "run", ["courier": .string(courier)])
                return .done(to: "/dispatch/run", ["said": "courier_set"])
            },
            Route(
                "POST", "/dispatch/run/scan", Console.packers,
                "An envelope goes out with the courier; `courier` when none was set", fields: ["scan", "courier"]
            ) { [unowned self] visit throws(SakkError) in
                var courier = visit.form["courier"]
                if courier == nil { courier = await tray(visit, "run")?["courier"]?.string }
                guard let courier else { throw Visit.wrong("courier") }
                let scan = try await scanned(try visit.required("scan"), visit)
                try await desk(visit, "parcel.out", scan.description)
                    .perform(.handOut(scan, courier: courier), by: visit.person.signature)
                return .done(to: "/dispatch/run", ["said": "went_out", "number": .string(scan.description)])
            },
            Route(
                "POST", "/dispatch/run/failed", Console.packers,
                "The courier brings an envelope back, and says why", fields: ["scan", "reason"]
            ) { [unowned self] visit throws(SakkError) in
                let reason = try returnReason(visit)
                let scan = try await scanned(try visit.required("scan"), visit)
                try await desk(visit, "parcel.fail", scan.description)
                    .perform(.fail(scan, reason), by: visit.person.signature)
                return .done(to: "/dispatch/run", ["said": "attempt_failed", "number": .string(scan.description)])
            },
            Route("GET", "/dispatch/handover", Console.packers, "The envelope in hand, and what proves its handover") {
                [unowned self] visit throws(SakkError) in .page("handover", try await handover(visit))
            },
            Route(
                "POST", "/dispatch/handover/scan", Console.packers,
                "An envelope is taken in hand; the holder's QR, scanned after it, hands it over", fields: ["scan"]
            ) { [unowned self] visit throws(SakkError) in
                let text = try visit.required("scan")
                if text.hasPrefix("SAKK1:") {
                    guard let held = await tray(visit, "handover")?["envelope"]?.string else {
                        throw Visit.wrong("scan")
                    }
                    return try await deliver(visit, try ScannedCode(held), qr: text)
                }
                let scan = try await scanned(text, visit)
                _ = try await shippingDesk().find(scan)
                await lay(visit, "handover", ["envelope": .string(scan.description)])
                return .done(to: "/dispatch/handover", ["said": "scan_in_hand", "number": .string(scan.description)])
            },
            Route(
                "POST", "/dispatch/handover/deliver", Console.packers,
                "Into the holder's hands against one proof: `code`, `qr`, or `desk` when the signed-in clerk compared him",
                fields: ["scan", "code", "qr", "desk"]
            ) { [unowned self] visit throws(SakkError) in try await deliver(visit) },
            Route(
                "POST", "/dispatch/handover/code", Console.packers,
                "A fresh one-time code for the holder: shown once, to be sent", fields: ["scan"]
            ) { [unowned self] visit throws(SakkError) in
                let scan = try await scanned(try visit.required("scan"), visit)
                let code = try await desk(visit, "parcel.code", scan.description)
                    .sendCode(scan, by: visit.person.signature)
                return .done(to: "/dispatch/handover", ["said": "code_made", "number": .string(code)])
            },
            Route(
                "POST", "/dispatch/handover/token", Console.packers,
                "The text of the signed QR that the holder may show instead of a code", fields: ["scan"]
            ) { [unowned self] visit throws(SakkError) in try await token(visit) },
        ]
    }

    func returnReason(_ visit: Visit) throws(SakkError) -> ReturnReason {
        guard let reason = ReturnReason(rawValue: try visit.required("reason")) else { throw Visit.wrong("reason") }
        return reason
    }

    // MARK: acts

    private func deliver(_ visit: Visit) async throws(SakkError) -> Route.Answer {
        let scan = try await scanned(try visit.required("scan"), visit)
        if let qr = visit.form["qr"] { return try await deliver(visit, scan, qr: qr) }
        let desk = try desk(visit, "parcel.deliver", scan.description)
        if let code = visit.form["code"] {
            try await desk.deliver(scan, code: code, by: visit.person.signature)
        } else if visit.form["desk"] != nil {
            try await desk.perform(
                .deliver(scan, .desk(clerk: visit.person.signature)), by: visit.person.signature)
        } else {
            throw Visit.wrong("code")
        }
        return await delivered(visit, scan)
    }

    private func deliver(_ visit: Visit, _ scan: ScannedCode, qr: String) async throws(SakkError) -> Route.Answer {
        let key = try dispatchKey()
        let keys = [PublicKey(info: try key.publicKeyInfo())].compactMap { $0 }
        let token: HandoverToken
        do throws(SakkError) {
            token = try HandoverToken.open(qr.filter { !$0.isWhitespace }, keys: keys)
        } catch {
            try await books.refused(
                ScanNote(act: "deliver", items: [scan.description]), error, by: visit.person.signature)
            throw error
        }
        try await desk(visit, "parcel.deliver", scan.description)
            .perform(.deliver(scan, .qr(token)), by: visit.person.signature)
        return await delivered(visit, scan)
    }

    private func delivered(_ visit: Visit, _ scan: ScannedCode) async -> Route.Answer {
        await lay(visit, "handover", [:])
        return .done(to: "/dispatch/handover", ["said": "delivered", "number": .string(scan.description)])
    }

    private func token(_ visit: Visit) async throws(SakkError) -> Route.Answer {
        let scan = try await scanned(try visit.required("scan"), visit)
        let desk = try shippingDesk()
        let parcel = try await desk.find(scan)
        guard let envelope = parcel.envelope else { throw Refusal.envelopeEmpty.error(scan) }
        let hours = Int64(try desk.plan.rule(parcel.address.route).codeHours)
        let expires = WallTime(microseconds: time.wall().microseconds + hours * 3_600_000_000)
        let token = try HandoverToken(envelope: envelope, expires: expires).signed(by: try dispatchKey())
        try await did("parcel.token", parcel.document.production.rawValue, visit.person, visit.ask)
        return .done(to: "/dispatch/handover", ["said": "token_made", "text": .string(token.text), "is_code": true])
    }

    func dispatchKey() throws(SakkError) -> any SigningKey {
        guard let signer else {
            throw SakkError(
                "console.signer", source: "console", text: "This console has no dispatch key.",
                remedy: "Start it with --dispatch-key, or use code or clerk.")
        }
        return signer
    }

    // MARK: pages

    private func run(_ visit: Visit) async throws(SakkError) -> JSONValue {
        let courier = await tray(visit, "run")?["courier"]?.string
        let rows = try await books.read(CourierRunQuery())
        return [
            "tabs": Console.tabs("/dispatch/run"), "courier": courier.map { .string($0) } ?? .null,
            "has_courier": .bool(courier != nil), "count": .integer(Int64(rows.count)),
            "reasons": .array(ReturnReason.allCases.map { .string($0.rawValue) }),
            "out": .array(
                rows.map { row in
                    [
                        "envelope": .string(row.envelope), "courier": .string(row.courier),
                        "place": .string(row.place), "attempts": .integer(Int64(row.attempts)),
                        "since": .integer(row.since.microseconds),
                    ]
                }),
        ]
    }

    private func handover(_ visit: Visit) async throws(SakkError) -> JSONValue {
        let desk = try shippingDesk()
        var members: [String: JSONValue] = ["tabs": Console.tabs("/dispatch/handover"), "parcel": .null]
        if let text = await tray(visit, "handover")?["envelope"]?.string, let scan = try? ScannedCode(text),
            let parcel = try? await desk.find(scan), var shown = shown(parcel, desk.plan, visit.look.language).object
        {
            let rule = try desk.plan.rule(parcel.address.route)
            let isOut = [.atPlace, .withCourier].contains(parcel.state)
            let isCollected = rule.handover.contains(.desk) || parcel.attempts >= rule.attempts
            shown["scan"] = .string(text)
            shown["is_on_way"] = .bool(parcel.state == .dispatched)
            shown["is_in_plant"] = .bool([.released, .enveloped, .boxed].contains(parcel.state))
            shown["may_code"] = .bool(isOut && rule.handover.contains(.code))
            shown["may_qr"] = .bool(isOut && rule.handover.contains(.qr) && signer != nil)
            shown["may_desk"] = .bool(parcel.state == .atPlace && isCollected)
            shown["may_send"] = .bool(rule.handover.contains(.code) && parcel.state.isOut)
            shown["may_token"] = .bool(rule.handover.contains(.qr) && parcel.state.isOut && signer != nil)
            members["parcel"] = .object(shown)
        }
        return .object(members)
    }

    /// One parcel as the desks show it: numbers, place and custodian; nothing of its holder.
    func shown(_ parcel: Parcel, _ plan: LogisticsPlan, _ language: Language) -> JSONValue {
        let target = (try? plan.target(parcel.address)).map { shown($0, plan, language) } ?? .null
        return [
            "production": .string(parcel.document.production.rawValue),
            "blank": .string(parcel.document.blank.rawValue),
            "envelope": parcel.envelope.map { .string($0.description) } ?? .null,
            "label": parcel.label.map { .string($0.description) } ?? .null, "state": .string(parcel.state.rawValue),
            "target": target, "attempts": .integer(Int64(parcel.attempts)),
            "custodian": .string(Console.words(parcel.custodian)),
            "stopped": parcel.stopped.map { .string(AstrayQuery.why($0)) } ?? .null,
            "container": parcel.inside.map { .string($0.digits) } ?? .null,
        ]
    }
}

/// Envelopes that are with couriers, courier by courier, the oldest first.
struct CourierRunQuery: LedgerQuery {
    struct Row: Sendable {
        let envelope: String
        let courier: String
        let place: String
        let attempts: Int
        let since: WallTime
    }

    func answer(_ books: BooksReader) throws -> [Row] {
        try books.rows(
            """
            SELECT envelope, custodian, place, attempts, since FROM parcel WHERE state = 'with_courier'
            ORDER BY custodian, since, envelope LIMIT 500
            """
        ).map { row in
            Row(
                envelope: try row.text("envelope"), courier: try row.text("custodian"), place: try row.text("place"),
                attempts: try row.count("attempts"), since: WallTime(microseconds: try row.integer("since")))
        }
    }
}
