import Ground
import Ledger
import Shipping
import Stations
import Testing

/// Each wrong scan, by the refusal that it must meet. Whatever is refused changes nothing.
@Suite struct WrongScanTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let words: String
        let refusal: Refusal
        /// Prepares the table and gives the wrong act.
        let act: @Sendable (inout Table) throws -> ShippingAct
        var testDescription: String { words }

        init(_ words: String, _ refusal: Refusal, _ act: @escaping @Sendable (inout Table) throws -> ShippingAct) {
            self.words = words
            self.refusal = refusal
            self.act = act
        }
    }

    static let baghdad = Table.home("office-baghdad")
    static let basra = Table.home("office-basra")
    static let halabja = Table.home("office-halabja")
    static let people = Result { try TwoPeople("amal", "basim") }

    @Test(arguments: rows)
    func aWrongScanIsRefusedByNameAndChangesNothing(row: Row) throws {
        var table = try Table()
        let act = try row.act(&table)
        let before = table.shipments
        let answer = table.shipments.handle(act, at: Table.now)
        #expect(answer.refusal?.code == row.refusal.code, "\(answer.refusal.map(String.init(describing:)) ?? "done")")
        #expect(answer.facts.isEmpty)
        #expect(table.shipments == before)
    }

    /// Those that are not met by an act but by reading a label, a number or a token; each has a test elsewhere.
    static let elsewhere: Set<Refusal> = [.scanUnreadable, .scanCheck, .numbersExhausted, .unknownRoute, .codeWrong]

    @Test func everyRefusalHasARow() {
        let met = Set((Self.rows).map(\.refusal)).union(Self.elsewhere)
        #expect(Set(Refusal.allCases).subtracting(met).map(\.rawValue).sorted() == [])
    }

    @Test func anUnreadableLabelIsRefusedWithoutRepeatingIt() {
        let error = #expect(throws: SakkError.self) { try ScannedCode("Zaynab <script>") }
        #expect(error?.code == Refusal.scanUnreadable.code)
        #expect(error.map { String(describing: $0).contains("Zaynab") } == false)
    }

    @Test func theWordsOfARefusedCountDoNotTellTheCount() throws {
        var table = try Table()
        let box = try table.open(.box, Self.baghdad)
        for number in 1...37 {
            let envelope = try table.enveloped(Table.document(number, Self.baghdad))
            try table.do(.put(.envelope(envelope), into: .container(box)))
        }
        let refusal = table.shipments.handle(.close(.container(box), count: 36), at: Table.now).refusal
        #expect(refusal?.code == Refusal.countDiffers.code)
        #expect(refusal?.text.contains("37") == false && refusal?.remedy.contains("37") == false)
    }

    static let rows: [Row] = envelopes + boxes + bags + arrivals + handovers
}
