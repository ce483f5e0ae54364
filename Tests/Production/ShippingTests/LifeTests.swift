import Foundation
import Ground
import Ledger
import OpenSSLCrypto
import Shipping
import Stations
import Testing

/// Whole ways of a parcel.
@Suite struct LifeTests {
    static let home = WrongScanTests.baghdad

    @Test func aCodeHandsOverAndOnlyThenIsTheDocumentActive() throws {
        var table = try Table()
        let packed = try table.atPlace(Table.document(1, Self.home))
        let key = try RandomSource.secret(32)
        let (code, kept) = try HandoverCode.make(for: packed.envelope, key: key, expires: WrongScanTests.later)
        #expect(code.wholeMatch(of: /[0-9]{6}/) != nil)
        try table.do(.handOut(packed.scan, courier: "karim"))
        try table.do(.sendCode(packed.scan, kept))
        let isActive = { (facts: [ShippingFact]) in facts.contains { $0.notice?.notice == .active } }
        #expect(!isActive(table.journal))

        let wrong = code == "000000" ? "000001" : "000000"
        let tag = HandoverCode.tag(wrong, packed.envelope, kept.salt, key: key)
        let answer = table.shipments.handle(.deliver(packed.scan, .code(tag: tag)), at: Table.now)
        #expect(answer.refusal?.code == Refusal.codeWrong.code)
        #expect(answer.facts == [.codeFailed(ProductionID("P-1"))])

        // said in Arabic-Indic digits and in two groups
        let arabic = code.unicodeScalars.map { Character(UnicodeScalar($0.value - 0x30 + 0x660) ?? "?") }
        let said = String(arabic[..<3]) + " " + String(arabic[3...])
        let right = HandoverCode.tag(said, packed.envelope, kept.salt, key: key)
        #expect(isActive(try table.do(.deliver(packed.scan, .code(tag: right)))))
        let parcel = try table.shipments.find(packed.scan)
        #expect(parcel.state == .delivered && parcel.custodian == .holder && parcel.code == nil)
    }

    @Test func aCodeIsGoodForItsOwnEnvelopeOnly() throws {
        let key = try RandomSource.secret(32)
        let (one, two) = (try WrongScanTests.number(1), try WrongScanTests.number(2))
        #expect(HandoverCode.tag("123456", one, [9], key: key) != HandoverCode.tag("123456", two, [9], key: key))
        #expect(HandoverCode.tag("123456", one, [9], key: key) != HandoverCode.tag("123456", one, [8], key: key))
    }

    @Test func whoIsNeverAtHomeCollectsAtTheOffice() throws {
        var table = try Table()
        let packed = try table.atPlace(Table.document(1, Self.home))
        for _ in 0..<3 {
            try table.do(.handOut(packed.scan, courier: "karim"))
            try table.do(.fail(packed.scan, .absent))
        }
        try table.do(.deliver(packed.scan, .desk(clerk: "dana")))
        #expect(try table.shipments.find(packed.scan).state == .delivered)
    }

    @Test func aReturnedParcelGoesToAnotherAddressUnderANewLabel() throws {
        var table = try Table()
        let packed = try table.atPlace(Table.document(1, Self.home))
        let facts = try table.do(.comeBack(packed.scan, .wrongAddress, person: "amal", place: "returns cage"))
        #expect(facts.first?.notice?.notice == .suspended)
        #expect(try table.shipments.find(packed.scan).custodian == .person("amal", place: "returns cage"))
        try table.do(.reroute(packed.scan, to: WrongScanTests.basra, try WrongScanTests.people.get()))
        let refusal = #expect(throws: SakkError.self) { try table.shipments.find(packed.scan) }
        #expect(refusal?.code == Refusal.labelVoid.code)
        let number = try table.label(packed.document)
        try table.do(.match(document: .document(packed.document.blank), envelope: .envelope(number)))
        let box = try table.open(.box, WrongScanTests.basra)
        try table.do(.put(.envelope(number), into: .container(box)))
    }

    @Test func aDamagedCardIsDestroyedAndItsRecordsNextCardIsReleasedAgain() throws {
        var table = try Table()
        let envelope = try table.enveloped(Table.document(1, Self.home))
        try table.do(.comeBack(.envelope(envelope), .damaged, person: "amal", place: "table 2"))
        let remade = ReleasedDocument(
            production: ProductionID("P-1"), blank: BlankID("NID:900"), batch: Table.batch, address: Self.home)
        let early = #expect(throws: SakkError.self) { try table.do(.release(remade)) }
        #expect(early?.code == Refusal.knownDocument.code)
        let people = try WrongScanTests.people.get()
        try table.do(.destroy(.envelope(envelope), certificate: "C-1", people))
        let next = try table.enveloped(remade)
        #expect(next != envelope)
        // neither the old envelope nor the old card is taken for the new one
        let label = #expect(throws: SakkError.self) { try table.shipments.find(.envelope(envelope)) }
        #expect(label?.code == Refusal.labelVoid.code)
        let card = #expect(throws: SakkError.self) { try table.shipments.find(.document(BlankID("NID:1"))) }
        #expect(card?.code == Refusal.unknownDocument.code)
    }

    @Test func aLostParcelNamesWhoHadItLastAndMayTurnUp() throws {
        var table = try Table()
        let packed = try table.atPlace(Table.document(1, Self.home))
        try table.do(.handOut(packed.scan, courier: "karim"))
        let people = try WrongScanTests.people.get()
        let facts = try table.do(.lose(packed.scan, people, incident: "I-7"))
        #expect(facts == [.lost(ProductionID("P-1"), last: .courier("karim"), people, incident: "I-7")])
        guard case .missing(let gaps) = table.shipments.closing() else {
            Issue.record("a lost document is accounted for")
            return
        }
        #expect(gaps.map(\.stage) == [.lost] && gaps.map(\.custodian) == [.courier("karim")])
        try table.do(.turnUp(packed.scan, person: "amal", place: "returns cage"))
        try table.do(.destroy(packed.scan, certificate: "C-3", people))
        #expect(try table.shipments.find(packed.scan).state == .destroyed)
        #expect(table.shipments.closing() == .accounted(1))
    }

    @Test func aWithdrawnDocumentIsTakenOutOfASealedBagAndSetAside() throws {
        var table = try Table()
        let packed = try table.packed(Table.document(1, Self.home))
        let people = try WrongScanTests.people.get()
        try table.do(.withdraw(ProductionID("P-1"), reason: "stop-list"))
        try table.do(.reopen(.container(packed.consignment), people, reason: "withdrawn"))
        try table.do(.takeOut(.container(packed.bag), from: .container(packed.consignment)))
        try table.do(.reopen(.container(packed.bag), people, reason: "withdrawn"))
        try table.do(.takeOut(.container(packed.box), from: .container(packed.bag)))
        try table.do(.reopen(.container(packed.box), people, reason: "withdrawn"))
        try table.do(.takeOut(packed.scan, from: .container(packed.box)))
        try table.do(.setAside(packed.scan, person: "amal", place: "safe 2"))
        #expect(table.shipments.closing() == .accounted(1))
        // the seal that was broken is not good again
        let refusal = #expect(throws: SakkError.self) {
            let other = try table.enveloped(Table.document(2, Self.home))
            try table.do(.put(.envelope(other), into: .container(packed.box)))
            try table.do(.close(.container(packed.box), count: 1))
            try table.do(.put(.container(packed.box), into: .container(packed.bag)))
            try table.do(.close(.container(packed.bag), count: 1))
            try table.do(.seal(.container(packed.bag), seal: packed.seal))
        }
        #expect(refusal?.code == Refusal.sealUsed.code)
    }

    @Test func theClosingNamesWhatIsMissingAndHowFarItCame() throws {
        var table = try Table()
        let home = Self.home
        try table.do(.release(Table.document(0, home)))
        try table.do(.release(Table.document(1, home)))
        _ = try table.label(Table.document(1, home))
        _ = try table.enveloped(Table.document(2, home))
        let envelope = try table.enveloped(Table.document(3, home))
        let box = try table.open(.box, home)
        try table.do(.put(.envelope(envelope), into: .container(box)))
        _ = try table.packed(Table.document(4, home), seal: "A")
        _ = try table.dispatched(Table.document(5, home), seal: "B")
        guard case .missing(let gaps) = table.shipments.closing(batch: Table.batch) else {
            Issue.record("nothing is missing")
            return
        }
        #expect(gaps.map(\.production.rawValue) == ["P-0", "P-1", "P-2", "P-3", "P-4"])
        #expect(gaps.map(\.stage) == [.notLabelled, .notEnveloped, .notBoxed, .boxOpen, .notDispatched])
        #expect(table.shipments.closing(batch: BatchID("other")) == .accounted(0))
    }

    @Test func aBoxThatArrivesShortNamesTheEnvelope() throws {
        var table = try Table()
        let packed = try table.dispatched(Table.document(1, Self.home))
        let place = Self.home.place
        try table.do(.arrive(.container(packed.bag), at: place, seal: packed.seal, signatures: ["dana"]))
        try table.do(.arrive(.container(packed.box), at: place, seal: nil, signatures: []))
        guard case .missing(let gaps) = try table.shipments.closing(arrived: packed.box) else {
            Issue.record("nothing is missing")
            return
        }
        #expect(gaps.map(\.envelope) == [packed.envelope] && gaps.map(\.stage) == [.notReceived])
        try table.do(.receive(packed.scan, at: place))
        #expect(try table.shipments.closing(arrived: packed.box) == .accounted(1))
    }

    @Test func theFactsAloneMakeTheSameState() throws {
        var table = try Table()
        _ = try table.atPlace(Table.document(1, Self.home), seal: "A")
        let second = try table.dispatched(Table.document(2, WrongScanTests.pouch), seal: "B")
        try table.do(.comeBack(second.scan, .refused, person: "amal", place: "returns cage"))
        var replayed = Shipments(plan: table.shipments.plan)
        for fact in table.journal { try replayed.apply(fact) }
        #expect(replayed == table.shipments)
        // facts of other parcels are damaged books, not a state
        let error = #expect(throws: SakkError.self) { try replayed.apply(.failed(ProductionID("P-9"), .absent)) }
        #expect(error?.code == Refusal.unknownDocument.code)
    }
}
