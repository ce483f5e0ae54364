extension Refusal {
    /// What happened, and what to do now.
    var words: (text: String, remedy: String) {
        switch self {
        case .scanUnreadable: ("This is no label of this plant.", "Scan the label of the item that is asked for.")
        case .scanCheck: ("The check digit is wrong.", "Scan again; type the number only when the label is torn.")
        case .scanKind: ("This is another kind of label than is asked for here.", "Scan what the screen asks for.")
        case .unknownDocument: ("No such document was released.", "Set it aside and call the supervisor.")
        case .knownDocument: ("The document was released before.", "Look where it is; nothing was taken twice.")
        case .documentTwice:
            (
                "The document was scanned before: it has its envelope.",
                "Look for a second card or a slip of the scanner."
            )
        case .documentStopped:
            ("The document was withdrawn.", "Take it out and give it to the custodian; it may not go on.")
        case .documentState: ("The document is not where this could be done with it.", "Look up where it stands.")
        case .unknownEnvelope: ("No such envelope label was printed.", "Set the envelope aside; print its label again.")
        case .otherEnvelope:
            ("Document and envelope do not belong together.", "Take both back; find the envelope of this document.")
        case .envelopeEmpty: ("No document was put into this envelope yet.", "Scan document and envelope first.")
        case .labelVoid: ("The label was printed again: this one is void.", "Destroy it; use the newer label.")
        case .labelMissing: ("No label was printed for the document.", "Print its label first.")
        case .numberUsed:
            ("The number was given out before.", "Take the next number; call the engineer if it comes again.")
        case .numberForeign: ("The number is of no range that is for this use.", "Check seeds/logistics/numbers.yaml.")
        case .numbersExhausted: ("The range has no numbers left.", "Ask for a new range and add it to numbers.yaml.")
        case .unknownRoute: ("There is no such route.", "Check seeds/logistics/routes.yaml.")
        case .unknownOffice: ("There is no such place.", "Check seeds/offices.json.")
        case .officeType: ("The route does not go to places of this type.", "Ask the authority for the right route.")
        case .otherRoute: ("It goes by another route.", "Put it into a container of its own route.")
        case .otherGovernorate: ("It goes to another governorate.", "Put it where its governorate is packed.")
        case .otherOffice: ("It goes to another office.", "Put it where its office is packed.")
        case .unknownContainer: ("No such box, bag or consignment was opened.", "Open one, or scan the right label.")
        case .containerLevel:
            (
                "This does not go into a container of this kind.",
                "Envelopes go into boxes, boxes into bags, bags into consignments."
            )
        case .containerClosed: ("It is closed.", "Take another, or let two people open it again.")
        case .containerOpen: ("It is not closed.", "Close it first: count what lies in it.")
        case .containerFull: ("It is full.", "Close it and open the next.")
        case .containerEmpty: ("It is empty.", "Put something in, or leave it open.")
        case .itemTwice: ("It was scanned into this before.", "Look for a second item with the same label.")
        case .itemElsewhere: ("By the books it lies elsewhere.", "Look for a second item with the same label.")
        case .countDiffers: ("The count is not what was scanned.", "Empty it, scan each item, and count again.")
        case .sealMissing: ("It bears no seal.", "Seal it first.")
        case .sealUsed: ("The seal's number was used before.", "Take another seal and report this one.")
        case .sealOther: ("It bears another seal than it left with.", "Do not open it; call the supervisor.")
        case .signatures: ("The signatures that the route asks for are not there.", "Let different people sign.")
        case .notDispatched: ("It has not left the plant.", "Dispatch its consignment first.")
        case .unopened: ("What it came in was not checked and opened.", "Scan the bag and its seal first.")
        case .handoverKind: ("This route is not handed over that way.", "Use the code, the QR or the desk, as it says.")
        case .codeMissing: ("No code was sent for it.", "Send a code first.")
        case .codeWrong: ("The code is wrong.", "Ask for it again; after the last try a new one is needed.")
        case .codeExpired: ("The code has expired.", "Send a new code.")
        case .codeUsedUp: ("The code's tries are used up.", "Send a new code.")
        case .tokenWrong: ("The QR is not the plant's, or for another parcel.", "Do not hand it over.")
        case .tokenExpired: ("The QR has expired.", "Let the addressee fetch a new one.")
        case .attemptsUsedUp: ("It was tried often enough.", "It waits at the office for collection.")
        case .noCourier: ("This route has no courier.", "It is handed over at the place.")
        }
    }
}
