import Ground
import Ledger
import Shipping
import Stations

extension WrongScanTests {
    static let bags: [Row] = [
        Row("an open box into a bag", .containerOpen) { table in
            let box = try table.open(.box, baghdad)
            return .put(.container(box), into: .container(try table.open(.bag, baghdad)))
        },
        Row("a box into the bag of another governorate", .otherGovernorate) { table in
            let envelope = try table.enveloped(Table.document(1, basra))
            let box = try table.open(.box, basra)
            try table.do(.put(.envelope(envelope), into: .container(box)))
            try table.do(.close(.container(box), count: 1))
            return .put(.container(box), into: .container(try table.open(.bag, baghdad)))
        },
        Row("a bag without a seal into a consignment", .sealMissing) { table in
            let packed = try table.packed(Table.document(1, baghdad), seal: "A")
            let envelope = try table.enveloped(Table.document(2, baghdad))
            let box = try table.open(.box, baghdad)
            try table.do(.put(.envelope(envelope), into: .container(box)))
            try table.do(.close(.container(box), count: 1))
            let bag = try table.open(.bag, baghdad)
            try table.do(.put(.container(box), into: .container(bag)))
            try table.do(.close(.container(bag), count: 1))
            _ = packed
            return .put(.container(bag), into: .container(try table.open(.consignment, baghdad)))
        },
        Row("a seal used twice", .sealUsed) { table in
            _ = try table.packed(Table.document(1, baghdad), seal: "A")
            let envelope = try table.enveloped(Table.document(2, baghdad))
            let box = try table.open(.box, baghdad)
            try table.do(.put(.envelope(envelope), into: .container(box)))
            try table.do(.close(.container(box), count: 1))
            let bag = try table.open(.bag, baghdad)
            try table.do(.put(.container(box), into: .container(bag)))
            try table.do(.close(.container(bag), count: 1))
            return .seal(.container(bag), seal: "A")
        },
        Row("a sealed bag that lies in a consignment opened again", .itemElsewhere) { table in
            let packed = try table.packed(Table.document(1, baghdad))
            return .reopen(.container(packed.bag), try people.get(), reason: "withdrawn")
        },
        Row("a dispatched bag opened again", .containerClosed) { table in
            let packed = try table.dispatched(Table.document(1, baghdad))
            return .reopen(.container(packed.bag), try people.get(), reason: "withdrawn")
        },
        Row("a consignment dispatched while it is open", .containerOpen) { table in
            .dispatch(
                .container(try table.open(.consignment, baghdad)), carrier: "van-7", signatures: ["amal"])
        },
        Row("a box dispatched by itself", .containerLevel) { table in
            let packed = try table.packed(Table.document(1, baghdad))
            return .dispatch(.container(packed.box), carrier: "van-7", signatures: ["amal"])
        },
        Row("an embassy pouch with one signature", .signatures) { table in
            let packed = try table.packed(Table.document(1, pouch))
            return .dispatch(.container(packed.consignment), carrier: "courier-1", signatures: ["amal"])
        },
        Row("an embassy pouch signed twice by one person", .signatures) { table in
            let packed = try table.packed(Table.document(1, pouch))
            return .dispatch(.container(packed.consignment), carrier: "courier-1", signatures: ["amal", " Amal"])
        },
        Row("a consignment with a document that was withdrawn meanwhile", .documentStopped) { table in
            let packed = try table.packed(Table.document(1, baghdad))
            try table.do(.withdraw(ProductionID("P-1"), reason: "stop-list"))
            return .dispatch(.container(packed.consignment), carrier: "van-7", signatures: ["amal"])
        },
    ]

    static let pouch = ShippingAddress(route: .mission, place: PlaceID("mission-berlin"))

    static let arrivals: [Row] = [
        Row("a bag scanned in that has not left", .notDispatched) { table in
            let packed = try table.packed(Table.document(1, baghdad))
            return .arrive(.container(packed.bag), at: baghdad.place, seal: packed.seal, signatures: ["dana"])
        },
        Row("a bag with another seal", .sealOther) { table in
            let packed = try table.dispatched(Table.document(1, baghdad))
            return .arrive(.container(packed.bag), at: baghdad.place, seal: "OTHER", signatures: ["dana"])
        },
        Row("a bag whose seal was not read", .sealMissing) { table in
            let packed = try table.dispatched(Table.document(1, baghdad))
            return .arrive(.container(packed.bag), at: baghdad.place, seal: nil, signatures: ["dana"])
        },
        Row("a bag in another governorate", .otherGovernorate) { table in
            let packed = try table.dispatched(Table.document(1, baghdad))
            return .arrive(.container(packed.bag), at: basra.place, seal: packed.seal, signatures: ["dana"])
        },
        Row("a pouch received by one person", .signatures) { table in
            let packed = try table.dispatched(Table.document(1, pouch))
            return .arrive(.container(packed.bag), at: pouch.place, seal: packed.seal, signatures: ["dana"])
        },
        Row("a box out of a bag that nobody opened", .unopened) { table in
            let packed = try table.dispatched(Table.document(1, baghdad))
            return .arrive(.container(packed.box), at: baghdad.place, seal: nil, signatures: [])
        },
        Row("a box at another office of the same bag", .otherOffice) { table in
            let packed = try table.dispatched(Table.document(1, halabja))
            try table.do(
                .arrive(.container(packed.bag), at: halabja.place, seal: packed.seal, signatures: ["dana"]))
            return .arrive(.container(packed.box), at: PlaceID("office-sulaymaniyah"), seal: nil, signatures: [])
        },
        Row("an envelope out of a box that nobody opened", .unopened) { table in
            let packed = try table.dispatched(Table.document(1, baghdad))
            return .receive(packed.scan, at: baghdad.place)
        },
        Row("an envelope scanned in at another office", .otherGovernorate) { table in
            let packed = try table.dispatched(Table.document(1, baghdad))
            return .receive(packed.scan, at: basra.place)
        },
        Row("an envelope scanned in twice", .itemTwice) { table in
            let packed = try table.atPlace(Table.document(1, baghdad))
            return .receive(packed.scan, at: baghdad.place)
        },
    ]

    static let later = WallTime(microseconds: Table.now.microseconds + 3_600_000_000)
    static let earlier = WallTime(microseconds: Table.now.microseconds - 1)

    static func code(_ tag: Bytes, expires: WallTime = later) -> HandoverCode {
        HandoverCode(salt: [1], tag: tag + Bytes(repeating: 0, count: 32 - tag.count), expires: expires)
    }

    static let handovers: [Row] = [
        Row("a courier for parcels that are collected", .noCourier) { table in
            let packed = try table.atPlace(Table.document(1, Table.office("office-baghdad")))
            return .handOut(packed.scan, courier: "karim")
        },
        Row("a code for a route without codes", .handoverKind) { table in
            let packed = try table.atPlace(Table.document(1, Table.office("office-baghdad")))
            return .sendCode(packed.scan, code([1]))
        },
        Row("the desk for a parcel that a courier brings", .handoverKind) { table in
            let packed = try table.atPlace(Table.document(1, baghdad))
            return .deliver(packed.scan, .desk(clerk: "dana"))
        },
        Row("a handover by code when none was sent", .codeMissing) { table in
            let packed = try table.atPlace(Table.document(1, baghdad))
            return .deliver(packed.scan, .code(tag: Bytes(repeating: 1, count: 32)))
        },
        Row("an expired code", .codeExpired) { table in
            let packed = try table.atPlace(Table.document(1, baghdad))
            try table.do(.sendCode(packed.scan, code([1], expires: earlier)))
            return .deliver(packed.scan, .code(tag: Bytes(repeating: 1, count: 32)))
        },
        Row("the right code after five wrong ones", .codeUsedUp) { table in
            let packed = try table.atPlace(Table.document(1, baghdad))
            try table.do(.sendCode(packed.scan, code([1])))
            for _ in 0..<5 {
                _ = table.handle(.deliver(packed.scan, .code(tag: Bytes(repeating: 2, count: 32))), at: Table.now)
            }
            return .deliver(packed.scan, .code(tag: Bytes(repeating: 1, count: 32)))
        },
        Row("the QR of another parcel", .tokenWrong) { table in
            let packed = try table.atPlace(Table.document(1, baghdad))
            return .deliver(packed.scan, .qr(HandoverToken(envelope: try number(99), expires: later)))
        },
        Row("an expired QR", .tokenExpired) { table in
            let packed = try table.atPlace(Table.document(1, baghdad))
            return .deliver(packed.scan, .qr(HandoverToken(envelope: packed.envelope, expires: earlier)))
        },
        Row("a parcel handed over twice", .documentState) { table in
            let packed = try table.atPlace(Table.document(1, baghdad))
            let token = HandoverToken(envelope: packed.envelope, expires: later)
            try table.do(.deliver(packed.scan, .qr(token)))
            return .deliver(packed.scan, .qr(token))
        },
        Row("a withdrawn document handed over", .documentStopped) { table in
            let packed = try table.atPlace(Table.document(1, baghdad))
            try table.do(.withdraw(ProductionID("P-1"), reason: "stop-list"))
            return .deliver(packed.scan, .qr(HandoverToken(envelope: packed.envelope, expires: later)))
        },
        Row("a fourth run after three failed ones", .attemptsUsedUp) { table in
            let packed = try table.atPlace(Table.document(1, baghdad))
            for _ in 0..<3 {
                try table.do(.handOut(packed.scan, courier: "karim"))
                try table.do(.fail(packed.scan, .absent))
            }
            return .handOut(packed.scan, courier: "karim")
        },
        Row("a delivered document destroyed", .documentState) { table in
            let packed = try table.atPlace(Table.document(1, baghdad))
            try table.do(.deliver(packed.scan, .qr(HandoverToken(envelope: packed.envelope, expires: later))))
            return .destroy(packed.scan, certificate: "C-1", try people.get())
        },
        Row("a boxed document called lost", .documentState) { table in
            let packed = try table.packed(Table.document(1, baghdad))
            return .lose(packed.scan, try people.get(), incident: "I-1")
        },
        Row("a withdrawn document sent to another address", .documentStopped) { table in
            let packed = try table.atPlace(Table.document(1, baghdad))
            try table.do(.withdraw(ProductionID("P-1"), reason: "stop-list"))
            try table.do(.comeBack(packed.scan, .refused, person: "amal", place: "returns cage"))
            return .reroute(packed.scan, to: basra, try people.get())
        },
    ]
}
