import Foundation
import Ground
import Testing

/// Rule 3 of the transport: a machine with a card inside is never reset by a driver. Every conversation that a driver can have
/// is a transcript that its tests play, so none of them may hold an order that resets the machine or moves a card unasked; but
/// a person's reset, with nothing inside: those in which something is inside hold none either.
@Suite struct NoResetTests {
    @Test(arguments: [
        // software reset, and test cards
        ("evolis-esc", ["\u{1B}Srs", "\u{1B}St;"]),
        ("magicard", ["\u{01}RST,", "\u{01}TST,", "\u{01}REQ,UPG", "\u{01}REQ,FRM"]),
        ("g-printec-xid", []),
        // it ejects what is inside
        ("ixla-xml", ["name=\"reset\"", "name=\"loadpassportjet\""]),
    ])
    func noConversationHoldsAResetOfTheMachine(family: String, orders: [String]) throws {
        let names = try TranscriptFolder.names(family)
        let asked = [
            "reset", "reset-undone", "reset-card", "reset-error", "reset-failed", "reset-refused", "reset-booklet",
        ]
        let empty = names.intersection(asked)
        #expect(empty.contains("reset") && names.contains("reset-occupied"))
        for name in names.subtracting(empty) {
            for case .sent(let bytes) in try Transcript(name, family: family).steps {
                // planes of pictures hold any bytes
                guard bytes.count < 1000 else { continue }
                for order in orders {
                    #expect(bytes.firstRange(of: Bytes(order.utf8)) == nil, "\(name)")
                }
                // initialise anew, test card (C17, C18 of the XID class)
                guard family == "g-printec-xid", bytes.starts(with: Bytes("USBC".utf8)), bytes.count == 31 else {
                    continue
                }
                #expect(bytes[15] != 0x01 && bytes[15] != 0x1D, "\(name)")
            }
        }
    }
}
