import Ground
import Ledger
import Shipping
import Stations

extension WrongScanTests {
    static let envelopes: [Row] = [
        Row("a document that was never released", .unknownDocument) { _ in
            .match(document: .document(BlankID("NID:9")), envelope: .envelope(try number(9)))
        },
        Row("a document released twice", .knownDocument) { table in
            try table.do(.release(Table.document(1, baghdad)))
            return .release(Table.document(1, baghdad))
        },
        Row("another document with the same mark", .knownDocument) { table in
            try table.do(.release(Table.document(1, baghdad)))
            return .release(
                ReleasedDocument(
                    production: ProductionID("P-2"), blank: BlankID("NID:1"), batch: Table.batch, address: baghdad))
        },
        Row("a release to a place that is not", .unknownOffice) { _ in
            .release(Table.document(1, Table.home("office-atlantis")))
        },
        Row("home delivery from a mission", .officeType) { _ in
            .release(Table.document(1, Table.home("mission-berlin")))
        },
        Row("two envelopes of one office swapped", .otherEnvelope) { table in
            let (first, second) = (Table.document(1, baghdad), Table.document(2, baghdad))
            try table.do(.release(first))
            try table.do(.release(second))
            _ = try table.label(first)
            let other = try table.label(second)
            return .match(document: .document(first.blank), envelope: .envelope(other))
        },
        Row("an envelope for another governorate", .otherEnvelope) { table in
            let (first, second) = (Table.document(1, baghdad), Table.document(2, basra))
            try table.do(.release(first))
            try table.do(.release(second))
            _ = try table.label(first)
            let other = try table.label(second)
            return .match(document: .document(first.blank), envelope: .envelope(other))
        },
        Row("a document scanned twice", .documentTwice) { table in
            let envelope = try table.enveloped(Table.document(1, baghdad))
            return .match(document: .document(BlankID("NID:1")), envelope: .envelope(envelope))
        },
        Row("a second document for an envelope that is full", .itemTwice) { table in
            let envelope = try table.enveloped(Table.document(1, baghdad))
            try table.do(.release(Table.document(2, baghdad)))
            _ = try table.label(Table.document(2, baghdad))
            return .match(document: .document(BlankID("NID:2")), envelope: .envelope(envelope))
        },
        Row("the old label after a reprint", .labelVoid) { table in
            let document = Table.document(1, baghdad)
            try table.do(.release(document))
            let old = try table.label(document)
            _ = try table.label(document)
            return .match(document: .document(document.blank), envelope: .envelope(old))
        },
        Row("an envelope with a label that was never printed", .unknownEnvelope) { table in
            try table.do(.release(Table.document(1, baghdad)))
            _ = try table.label(Table.document(1, baghdad))
            return .match(document: .document(BlankID("NID:1")), envelope: .envelope(try number(777)))
        },
        Row("an envelope before the document's label was printed", .labelMissing) { table in
            try table.do(.release(Table.document(1, baghdad)))
            return .match(document: .document(BlankID("NID:1")), envelope: .envelope(try number(1)))
        },
        Row("document and envelope scanned the wrong way round", .scanKind) { table in
            let envelope = try table.enveloped(Table.document(1, baghdad))
            return .match(document: .envelope(envelope), envelope: .document(BlankID("NID:1")))
        },
        Row("a label number that was used", .numberUsed) { table in
            let envelope = try table.enveloped(Table.document(1, baghdad))
            try table.do(.release(Table.document(2, baghdad)))
            return .label(.document(BlankID("NID:2")), envelope)
        },
        Row("a label number of another route's range", .numberForeign) { table in
            try table.do(.release(Table.document(1, baghdad)))
            return .label(.document(BlankID("NID:1")), try number(5, service: "RB"))
        },
        Row("a document whose approval was taken back", .documentStopped) { table in
            try table.do(.release(Table.document(1, baghdad)))
            let envelope = try table.label(Table.document(1, baghdad))
            try table.do(.withdraw(ProductionID("P-1"), reason: "stop-list"))
            return .match(document: .document(BlankID("NID:1")), envelope: .envelope(envelope))
        },
    ]

    static func number(_ serial: Int, service: String = "RA") throws -> S10 {
        guard let number = S10(service: service, serial: serial, country: "XX") else {
            throw Refusal.numberForeign.error(serial)
        }
        return number
    }

    static let boxes: [Row] = [
        Row("an envelope into a box of another governorate", .otherGovernorate) { table in
            let envelope = try table.enveloped(Table.document(1, basra))
            return .put(.envelope(envelope), into: .container(try table.open(.box, baghdad)))
        },
        Row("an envelope into the box of another office in the same bag", .otherOffice) { table in
            let envelope = try table.enveloped(Table.document(1, halabja))
            return .put(.envelope(envelope), into: .container(try table.open(.box, Table.home("office-sulaymaniyah"))))
        },
        Row("an envelope for collection into a box for home delivery", .otherRoute) { table in
            let envelope = try table.enveloped(Table.document(1, Table.office("office-baghdad")))
            return .put(.envelope(envelope), into: .container(try table.open(.box, baghdad)))
        },
        Row("an envelope scanned twice into its box", .itemTwice) { table in
            let envelope = try table.enveloped(Table.document(1, baghdad))
            let box = try table.open(.box, baghdad)
            try table.do(.put(.envelope(envelope), into: .container(box)))
            return .put(.envelope(envelope), into: .container(box))
        },
        Row("an envelope that lies in another box", .itemElsewhere) { table in
            let envelope = try table.enveloped(Table.document(1, baghdad))
            try table.do(.put(.envelope(envelope), into: .container(try table.open(.box, baghdad))))
            return .put(.envelope(envelope), into: .container(try table.open(.box, baghdad)))
        },
        Row("an envelope without a document", .envelopeEmpty) { table in
            try table.do(.release(Table.document(1, baghdad)))
            let envelope = try table.label(Table.document(1, baghdad))
            return .put(.envelope(envelope), into: .container(try table.open(.box, baghdad)))
        },
        Row("a bare document into a box", .scanKind) { table in
            try table.do(.release(Table.document(1, baghdad)))
            return .put(.document(BlankID("NID:1")), into: .container(try table.open(.box, baghdad)))
        },
        Row("an envelope into a box that is closed", .containerClosed) { table in
            let packed = try table.packed(Table.document(1, baghdad))
            let envelope = try table.enveloped(Table.document(2, baghdad))
            return .put(.envelope(envelope), into: .container(packed.box))
        },
        Row("an envelope into a box that was never opened", .unknownContainer) { table in
            let envelope = try table.enveloped(Table.document(1, baghdad))
            return .put(.envelope(envelope), into: .container(try table.shipments.nextContainer(.box)))
        },
        Row("an envelope straight into a bag", .containerLevel) { table in
            let envelope = try table.enveloped(Table.document(1, baghdad))
            return .put(.envelope(envelope), into: .container(try table.open(.bag, baghdad)))
        },
        Row("one more than a box takes", .containerFull) { table in
            let box = try table.open(.box, baghdad)
            for number in 1...200 {
                let envelope = try table.enveloped(Table.document(number, baghdad))
                try table.do(.put(.envelope(envelope), into: .container(box)))
            }
            return .put(.envelope(try table.enveloped(Table.document(201, baghdad))), into: .container(box))
        },
        Row("a box closed with a wrong count", .countDiffers) { table in
            let envelope = try table.enveloped(Table.document(1, baghdad))
            let box = try table.open(.box, baghdad)
            try table.do(.put(.envelope(envelope), into: .container(box)))
            return .close(.container(box), count: 2)
        },
        Row("an empty box closed", .containerEmpty) { table in
            .close(.container(try table.open(.box, baghdad)), count: 0)
        },
        Row("a box with a withdrawn document closed", .documentStopped) { table in
            let envelope = try table.enveloped(Table.document(1, baghdad))
            let box = try table.open(.box, baghdad)
            try table.do(.put(.envelope(envelope), into: .container(box)))
            try table.do(.withdraw(ProductionID("P-1"), reason: "stop-list"))
            return .close(.container(box), count: 1)
        },
        Row("taken out of a box that it does not lie in", .itemElsewhere) { table in
            let envelope = try table.enveloped(Table.document(1, baghdad))
            return .takeOut(.envelope(envelope), from: .container(try table.open(.box, baghdad)))
        },
        Row("a box opened under a bag's number", .numberForeign) { table in
            .open(.box, try table.shipments.nextContainer(.bag), for: baghdad)
        },
        Row("a box number used again", .numberUsed) { table in
            .open(.box, try table.open(.box, baghdad), for: baghdad)
        },
    ]
}
