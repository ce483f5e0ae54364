import Catalog
import Foundation
import Ground
@testable import Ledger
import Line
import Reporting
import Shipping
import Stations
import Testing

@testable import Console

struct WordsTests {
    private static let repository = "/" + #filePath.split(separator: "/").dropLast(4).joined(separator: "/")

    private func catalogue() throws -> Catalogue {
        try Catalogue(folder: Console.resources.appendingPathComponent("Resources/languages").path)
    }

    @Test("Every word that the books use has a text in every language")
    func books() throws {
        let catalogue = try catalogue()
        var keys = PackMLState.allCases.map { "state.\($0.word)" }
        keys += UnitMode.allCases.map { "mode.\($0.rawValue)" } + Step.allCases.map { "step.\($0.rawValue)" }
        keys +=
            RecordState.allCases.map { "record.\($0.rawValue)" }
            + AttemptState.allCases.map { "attempt.\($0.rawValue)" }
        keys += Account.allCases.map { "account.\($0.rawValue)" } + ShiftFate.allCases.map { "fate.\($0.rawValue)" }
        keys += Consumable.Account.allCases.map { "supplied.\($0.rawValue)" }
        keys += Consumable.Kind.allCases.map { "supply.\($0.rawValue)" }
        keys += CountedPlace.allCases.map { "place.\($0.rawValue)" } + PersonRole.allCases.map { "role.\($0.rawValue)" }
        keys += CardExit.allCases.map { "exit.\($0.rawValue)" } + CardSide.allCases.map { "side.\($0.rawValue)" }
        keys += ParcelState.allCases.map { "parcel.\($0.rawValue)" }
        keys += ReturnReason.allCases.map { "return.\($0.rawValue)" }
        keys += Gap.Stage.allCases.map { "stage.\($0.rawValue)" }
        keys += Container.State.allCases.map { "container.\($0.rawValue)" }
        keys += ContainerKind.allCases.map { "kind.\($0.rawValue)" }
        keys += ApprovedRecord.DeliveryRoute.allCases.map { "route.\($0.rawValue)" }
        keys += Refusal.allCases.map { "cause.\($0.rawValue)" }
        keys += ServedKey.Use.allCases.map { "keyuse.\($0.rawValue)" }
        keys += ServedKey.State.allCases.map { "keystate.\($0.rawValue)" }
        keys += ["death.confirmed", "death.unconfirmed"]
        keys += GenealogyKey.allCases.map { "made.\($0.rawValue)" }
        let actions: [ApprovalAction] = [
            .release, .destroy, .priority, .remake, .shiftClose, .override, .forget, .reopen, .lost, .reroute,
        ]
        keys += actions.map { "approval.\($0.rawValue)" }
        keys += LookPictures.Kind.allCases.map { "picture.\($0.rawValue)" } + ["waits.held", "waits.sample"]
        keys += CardVerdict.allCases.map { "verdict.\($0.rawValue)" } + ["approval.document.void"]
        keys += [
            "unexpected", "other", "final", "same", "away", "answered", "held", "reason", "zone.missing",
            "zone.differs",
            "chip",
        ].flatMap { ["cause.verdict.\($0)", "steps.verdict.\($0)"] }
        keys += ["start", "hold", "unhold", "stop", "abort", "clear", "reset"].map { "order.\($0)" }
        for language in Language.allCases {
            for key in keys { #expect(catalogue.text(key, language) != nil, "\(language) \(key)") }
        }
    }

    @Test(
        "What stops a cell and asks for a person says its steps in every language",
        arguments: [
            "line.rejects.row", "line.rejects.window", "line.dead.row", "line.card.known", "line.card.foreign",
            "line.card.swapped", "line.clearance", "line.binding.wrong", "line.stock.empty", "line.stock.change",
            "printer.hopper.empty",
            "printer.feeder.empty", "printer.output.full", "printer.reject.full", "record.standing.old",
            "record.standing.unreachable", "printer.jam", "printer.ribbon.end", "printer.cover.open",
        ])
    func steps(_ code: String) throws {
        let catalogue = try catalogue()
        for language in Language.allCases {
            #expect(catalogue.text("cause.\(code)", language) != nil)
            #expect(catalogue.text("steps.\(code)", language)?.contains("|") == true)
            #expect(catalogue.text("then.\(code)", language) != nil)
        }
        let counts = Language.allCases.map { catalogue.text("steps.\(code)", $0)?.split(separator: "|").count }
        #expect(Set(counts).count == 1, "the languages say different steps")
    }

    /// A cause that no language has is shown in the technician's English: for those at the line that is no answer. `config.` is
    /// for whoever writes the line's file.
    @Test(
        "Every code with which a line, its printers, cameras and cables stop has its cause in every language",
        arguments: ["Production/Line", "Machines/Printers", "Machines/Cameras", "Machines/USBTransport"])
    func causes(_ folder: String) throws {
        let catalogue = try catalogue()
        let codes = try codes(folder)
        #expect(codes.count >= 6, "\(folder) has codes: \(codes.count)")
        for code in codes.sorted() where !code.hasPrefix("config.") {
            for language in Language.allCases {
                #expect(catalogue.text("cause.\(code)", language) != nil, "\(language) \(code)")
            }
        }
    }

    /// The words of what is in the sources under `folder` and is no catalogue key yet: all that `pattern` finds.
    private func found(_ pattern: Regex<(Substring, Substring)>, under folder: String) throws -> Set<String> {
        let root = Self.repository + "/Sources/" + folder
        var words: Set<String> = []
        for case let name as String in try #require(FileManager.default.enumerator(atPath: root))
        where name.hasSuffix(".swift") {
            let text = try String(contentsOfFile: root + "/" + name, encoding: .utf8)
            words.formUnion(text.matches(of: pattern).map { String($0.1) })
        }
        return words
    }

    @Test("Every kind of row that a journal can have is named in every language, beside its name")
    func kinds() throws {
        let catalogue = try catalogue()
        let written = try found(
            /(?:JournalEntry|\.note|[kK]ind)(?:\(\s*(?:kind: )?| = )"([a-z]+(?:\.[a-z]+)+|incident)"/,
            under: "Production")
        // refusals of the packing table are named so too
        let kinds = Projector.kinds.union(written).subtracting(Refusal.allCases.map(\.rawValue))
        #expect(written.count > 80 && kinds.contains("inspect.measures") && kinds.contains("line.trend"))
        for kind in kinds.sorted() {
            for language in Language.allCases {
                #expect(catalogue.text("row.\(kind)", language) != nil, "\(language) \(kind)")
            }
        }
    }

    @Test("Every reason that the line and the books give has words in every language, also one that is only a code")
    func bookReasons() throws {
        let catalogue = try Catalogue.own(reasons: ReasonList(path: Self.repository + "/profiles/reasons.yaml").texts)
        var reasons = try found(/reason"?: "([a-z]+(?:\.[a-z]+)*)"/, under: "Production/Line")
        reasons.formUnion(try found(/reason"?: "([a-z]+(?:\.[a-z]+)*)"/, under: "Production/Ledger"))
        #expect(reasons.isSuperset(of: ["released", "voided", "card.swapped"]))
        let codes = try ["Chip", "Keys", "Picture", "Machines", "Production/Personalisation", "Production/Line"].reduce(
            into: Set<String>()
        ) { $0.formUnion(try self.codes($1)) }
        #expect(codes.count > 200)
        for language in Language.allCases {
            for reason in reasons.sorted() {
                #expect(catalogue.text("reason.\(reason)", language) != nil, "\(language) \(reason)")
            }
            for code in codes.sorted() {
                #expect(catalogue.reason(code, language) != code, "\(language) \(code)")
            }
        }
    }

    @Test("Every class of priority of a product has its name in every language")
    func classes() throws {
        let catalogue = try catalogue()
        let folder = Self.repository + "/profiles"
        let names = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasPrefix("iq-") }
        #expect(names.count >= 3)
        for name in names {
            for priority in try ProductProfile(folder: folder + "/" + name).priorities.keys {
                for language in Language.allCases {
                    #expect(catalogue.text("class.\(priority)", language) != nil, "\(name) \(language) \(priority)")
                }
            }
        }
    }

    @Test(
        "A batch report says states, reasons, classes and places in the reader's language, and no code",
        arguments: [Language.ar, .ckb])
    func batchReport(_ language: Language) throws {
        let catalogue = try Catalogue.own(reasons: ReasonList(path: Self.repository + "/profiles/reasons.yaml").texts)
        func blank(_ number: Int, _ account: Account) -> BlankReport {
            BlankReport(
                blank: BlankID("G:\(number)"), account: account, chip: nil, exit: .reject, place: number,
                reason: "voided",
                attempt: nil)
        }
        let attempts = AttemptState.allCases.enumerated().map { index, state in
            AttemptReport(
                attempt: AttemptID("P-\(index)"), production: ProductionID("P"), number: index, line: LineID("L"),
                cell: CellID("C"), epoch: 1, state: state, reason: index == 0 ? "released" : "print.spot",
                blank: blank(index, .spoiled), chip: nil, sodHash: nil, death: .confirmed,
                startedAt: WallTime(microseconds: 0), endedAt: nil, steps: [])
        }
        let report = BatchReport(
            batch: BatchID("B-1"), authority: "UTO", product: "G-1", receivedAt: WallTime(microseconds: 0),
            startedAt: nil,
            endedAt: nil,
            records: RecordState.allCases.map {
                RecordReport(
                    production: ProductionID("P"), requestID: "R-1", state: $0, reason: "attempts.limit",
                    priorityClass: "martyrs_family", attempts: attempts, unboundBlanks: [blank(99, .held)])
            }, totals: BatchTotals(), blanks: Dictionary(uniqueKeysWithValues: Account.allCases.map { ($0, 1) }))
        let text = report.text(catalogue.batchWords(language))
        for key in AttemptState.allCases.map({ "attempt.\($0.rawValue)" })
            + RecordState.allCases.map({ "record.\($0.rawValue)" })
            + Account.allCases.map({ "account.\($0.rawValue)" })
            + [
                "reason.released", "reason.voided", "reason.print.spot", "reason.attempts.limit", "death.confirmed",
                "exit.reject",
            ]
        where key != "attempt.produced" {
            #expect(text.contains(try #require(catalogue.text(key, language))), "\(key)")
        }
        #expect(text.matches(of: /[a-z]{2,}/).isEmpty, "\(text.matches(of: /[a-z]{2,}/).map { $0.0 })")
    }

    @Test(
        "Every code with which a page or a desk refuses somebody has its cause and its steps in every language",
        arguments: ["Operator/Console", "Production/Shipping", "Production/Ledger/People", "Production/Reporting"])
    func refusals(_ folder: String) throws {
        // whoever starts the program reads these, in a terminal
        let atStart: Set = [
            "console.assets", "console.language", "console.template", "web.address", "web.listen", "web.tls",
        ]
        let catalogue = try catalogue()
        let codes = try codes(folder).subtracting(atStart).filter { !$0.hasPrefix("config.") }
        #expect(!codes.isEmpty, "\(folder) has codes")
        for code in codes.sorted() { expectWords(of: code, catalogue) }
    }

    /// Without steps the page would show what the program's English has to say.
    @Test("Whatever has a cause has its steps, and as many of them in every language")
    func everyCause() throws {
        let catalogue = try catalogue()
        let codes = catalogue.keys.filter { $0.hasPrefix("cause.") }.map { String($0.dropFirst(6)) }
        #expect(codes.count > 300)
        for code in codes.sorted() { expectWords(of: code, catalogue) }
    }

    private func expectWords(of code: String, _ catalogue: Catalogue) {
        var counts: Set<Int> = []
        for language in Language.allCases {
            #expect(catalogue.text("cause.\(code)", language) != nil, "\(language) \(code)")
            let steps = catalogue.text("steps.\(code)", language)
            #expect(steps != nil, "\(language) \(code)")
            counts.insert(steps?.split(separator: "|").count ?? 0)
        }
        #expect(counts.count == 1, "the languages say different steps for \(code)")
    }

    private func codes(_ folder: String) throws -> Set<String> {
        try found(/(?:SakkError|hold|refused|failure|told|error)\(\s*"([a-z]+(?:\.[a-z]+)+)"/, under: folder)
    }

    @Test(
        "A reason that has no text of its own is named by its family, with its code; a person's own words stay as they are",
        arguments: [
            (
                "artwork.text.overflow surname",
                "نص لا تسعه البطاقة أو لا يمكن رسمه (\u{2066}artwork.text.overflow surname\u{2069})"
            ),
            ("record.signature", "السجل نفسه غير سليم (\u{2066}record.signature\u{2069})"),
            ("chip.dg3.closed", "بصمات الأصابع على الشريحة مفتوحة لأي قارئ"),
            ("attempts.limit", "استُنفدت المحاولات"), ("the box fell. twice", "the box fell. twice"),
        ])
    func reasons(_ reason: String, _ shown: String) throws {
        let look = try #require(Look("ar.arabic_indic"))
        let wording = Wording(catalogue: try catalogue(), look: look, clock: Clock(offsetMinutes: 0))
        let text = PageValue(json: .string(reason), wording: wording).transform("reason") as? String
        #expect(text?.hasPrefix(shown) == true, "\(text ?? "nothing")")
    }

    @Test("A key that one language lacks is refused by name")
    func missing() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("sakk-words-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        for (language, text) in [("ar", "a.b = نعم"), ("ckb", "a.b = بەڵێ"), ("en", "# nothing\na.c = yes")] {
            try text.write(to: folder.appendingPathComponent("\(language).txt"), atomically: true, encoding: .utf8)
        }
        let error = #expect(throws: SakkError.self) { try Catalogue(folder: folder.path) }
        #expect(error?.code == "console.language")
        #expect(error?.text.contains("a.c") == true)
    }

    @Test("A template that asks for an unknown text is refused")
    func template() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("sakk-pages-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try "<p>{{t.no.such}}</p>".write(
            to: folder.appendingPathComponent("x.mustache"), atomically: true, encoding: .utf8)
        let catalogue = try catalogue()
        let error = #expect(throws: SakkError.self) { try Templates(folder: folder.path, catalogue: catalogue) }
        #expect(error?.text.contains("no.such") == true)
    }

    @Test("Sorani has Kurdish letters and no Arabic kaf or ya")
    func letters() throws {
        let path = Console.resources.appendingPathComponent("Resources/languages/ckb.txt").path
        let text = try String(contentsOfFile: path, encoding: .utf8)
        #expect(!text.unicodeScalars.contains { [0x643, 0x64A, 0x649, 0x629].contains($0.value) })
    }

    @Test("Numbers are read in the digits of every keyboard, and written in the chosen ones")
    func numerals() {
        #expect(Numerals.read("120") == 120)
        #expect(Numerals.read("١٢٠") == 120)
        #expect(Numerals.read("۱۲۰") == 120)
        #expect(Numerals.read("-1") == nil && Numerals.read("") == nil && Numerals.read("12a") == nil)
        #expect(Numerals.latin("RA ١٢٣ ۴۵ q") == "RA 123 45 q")
        #expect(Numerals.arabicIndic.write(12345) == "١٢\u{202F}٣٤٥")
        #expect(Numerals.latin.write(1234) == "1234")
    }

    @Test("Pages turn with the language, and identifiers stay left to right with Latin digits")
    func direction() async throws {
        let rig = try await ConsoleRig()
        try await rig.add("sara", [.supervisor])
        for (look, direction, hour) in [
            ("ar.arabic_indic", "rtl", "٠"), ("ckb.latin", "rtl", "0"), ("en.latin", "ltr", "0"),
        ] {
            guard
                let ask = Ask(
                    method: "GET", target: "/andon", headers: ["cookie": "sakk-look=\(look)"], body: [], peer: "")
            else { return }
            let page = await rig.console.answer(ask).words
            #expect(page.contains("dir=\"\(direction)\""))
            #expect(page.contains("<bdi class=\"id\">l1</bdi>"))
            #expect(page.contains("<b>\(hour)</b>"))
        }
    }
}
