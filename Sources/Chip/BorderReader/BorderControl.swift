public import Ground
public import SmartCard

/// One border check at one reader: waits for a document, opens it and judges it. What `sakk-border` and `sakk chip read` do.
public struct BorderControl: Sendable {
    public let inspection: BorderInspection
    public let access: DocumentAccess
    /// How long to wait for a document.
    public let waitMS: Int

    public init(inspection: BorderInspection, access: DocumentAccess, waitMS: Int = 5000) {
        self.inspection = inspection
        self.access = access
        self.waitMS = waitMS
    }

    /// pcscd looks every 400 ms: a document that was laid down between two looks is silent until it is seen as a new one,
    /// so a silent one is waited for up to four times.
    /// - Throws: `chip.absent` when none lies there, or the reader's error.
    public func run(on reader: PCSCReader, clock: any TimeSource) async throws(SakkError) -> BorderReading {
        var last = SakkError(
            "chip.absent", source: "reader \(reader.name)", text: "No document that answers lies on the reader.",
            remedy: "Lay the document on the reader; a mute chip cannot be read.")
        for _ in 0..<4 {
            guard case .present = try await reader.waitForCard(timeoutMS: waitMS) else { throw last }
            do throws(SakkError) {
                return try await inspection.read(leaving: .unpower, at: reader) { channel throws(SakkError) in
                    try inspection.read(on: channel, access: access, at: clock.wall())
                }
            } catch {
                guard error.code.rawValue.hasPrefix("chip.") else { throw error }
                last = error
                _ = try await reader.waitForRemoval(timeoutMS: 500)
            }
        }
        throw last
    }
}

extension BorderInspection {
    /// One session at the reader with `body`, and a second one where the chip gave no challenge: another program may have
    /// opened it and left it so, and the first session ends with a reset.
    public func read(
        leaving disposition: PCSCReader.Disposition = .reset, busyMS: Int = 0, at reader: PCSCReader,
        _ body: @Sendable (any CardChannel) throws(SakkError) -> BorderReading
    ) async throws(SakkError) -> BorderReading {
        let first = try await reader.withCard(leaving: disposition, busyMS: busyMS, body)
        guard first.reasons.contains(.challengeRefused) else { return first }
        return try await reader.withCard(leaving: disposition, busyMS: busyMS, body)
    }
}

extension DocumentAccess {
    /// From `DOCUMENT,YYMMDD,YYMMDD` as in the machine readable zone (`<` for an unknown part of a date), or a card access
    /// number. Nil for neither.
    public init?(mrz: String?, can: String?) {
        switch (mrz, can) {
        case (let mrz?, nil):
            let parts = mrz.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
            guard parts.count == 3, (1...22).contains(parts[0].utf8.count),
                parts[0].utf8.allSatisfy({ (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || $0 == 0x3C }),
                parts[1...2].allSatisfy({
                    $0.utf8.count == 6 && $0.utf8.allSatisfy { (0x30...0x39).contains($0) || $0 == 0x3C }
                })
            else { return nil }
            self = .mrz(documentNumber: parts[0], dateOfBirth: parts[1], dateOfExpiry: parts[2])
        case (nil, let can?):
            guard (1...22).contains(can.utf8.count), can.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) else {
                return nil
            }
            self = .can(can)
        default: return nil
        }
    }
}

extension BorderReading {
    /// The `sakk.border-check/1` document; `reader` is the name of the reader.
    public func document(reader: String) -> String {
        document(schema: "sakk.border-check/1") { $0["reader"] = .string(reader) }
    }

    /// The `sakk.document-check/1` document: of files, where each was found.
    public func document(files: DocumentFiles) -> String {
        document(schema: "sakk.document-check/1") { members in
            members["files"] = .object(files.places.mapValues(JSONValue.string))
            members["not_of_a_document"] = .array(files.strangers.map(JSONValue.string))
        }
    }

    private func document(schema: String, _ add: (inout [String: JSONValue]) -> Void) -> String {
        guard case .object(var members) = json else { return "" }
        add(&members)
        members["verdict"] = passed ? "pass" : "reject"
        return JSONValue.object(members).document(schema: schema)
    }

    /// Lines for people: the zone, each check, each warning.
    public var lines: [String] {
        let judged = checks.map { check in
            let reason = check.reason.map { " [\($0)]" } ?? ""
            return "\(check.passed ? "ok  " : "FAIL") \(check.name)  \(check.detail)\(reason)"
        }
        let closed = unread.sorted().map { "EF.DG\($0) was not read, its hash not compared" }
        return mrz + judged + (closed + warnings).map { "note \($0)" }
    }
}
