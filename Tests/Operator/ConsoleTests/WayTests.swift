import Foundation
import Ground
import Ledger
import OpenSSLCrypto
import Shipping
import Stations
import Testing

@testable import Console

/// A parcel's way through the pages of logistics.
struct WayTests {
    /// One desk's hands: what it does, it does through the API.
    struct Hands {
        let browser: Browser

        /// The code of the refusal, nil when it was done.
        @discardableResult
        func refused(_ path: String, _ fields: [(String, String)] = []) async throws -> String? {
            try await browser.post("/api" + path, fields).json["code"]?.string
        }

        func done(_ path: String, _ fields: [(String, String)] = []) async throws -> JSONValue {
            let reply = try await browser.post("/api" + path, fields)
            #expect(reply.status == 200, "\(path) \(fields): \(reply.words)")
            return try reply.json
        }

        func see(_ path: String) async throws -> JSONValue { try await browser.get("/api" + path).json }

        /// Labelled, in its envelope, in hand: the envelope's number.
        func pack(_ mark: String) async throws -> String {
            _ = try await done("/dispatch/scan", [("scan", mark)])
            let envelope = try #require(try await see("/dispatch")["bench"]?["envelope"]?.string)
            _ = try await done("/dispatch/scan", [("scan", envelope)])
            return envelope
        }

        func open(_ kind: String, _ route: String, _ place: String) async throws -> String {
            try #require(
                try await done("/dispatch/open", [("kind", kind), ("route", route), ("place", place)])["number"]?.string
            )
        }

        /// These documents in one box, bag and consignment that left.
        func send(_ marks: [String], _ route: String, _ place: String) async throws -> (
            envelopes: [String], box: String, bag: String
        ) {
            let box = try await open("box", route, place)
            var envelopes: [String] = []
            for mark in marks {
                envelopes.append(try await pack(mark))
                _ = try await done("/dispatch/scan", [("scan", box)])
            }
            _ = try await done("/dispatch/containers/\(box)/close", [("count", "\(marks.count)")])
            _ = try await done("/dispatch/put-down")
            let bag = try await open("bag", route, place)
            _ = try await done("/dispatch/scan", [("scan", box)])
            _ = try await done("/dispatch/containers/\(bag)/close", [("count", "1")])
            _ = try await done("/dispatch/containers/\(bag)/seal", [("seal", "S-\(bag.suffix(4))")])
            _ = try await done("/dispatch/put-down")
            let consignment = try await open("consignment", route, place)
            _ = try await done("/dispatch/scan", [("scan", bag)])
            _ = try await done("/dispatch/containers/\(consignment)/close", [("count", "1")])
            let leave = "/dispatch/containers/\(consignment)/hand-over"
            if route == "mission" {
                #expect(
                    try await refused(leave, [("carrier", "pouch"), ("signature", "amal")]) == "shipping.signatures")
            }
            _ = try await done(leave, [("carrier", "pouch"), ("signature", "amal"), ("signature", "basim")])
            return (envelopes, box, bag)
        }

        /// All of them are at their place.
        func receive(_ sent: (envelopes: [String], box: String, bag: String), at place: String) async throws {
            _ = try await done("/dispatch/arrival/place", [("place", place)])
            _ = try await done(
                "/dispatch/arrival/bags/\(sent.bag)",
                [("seal", "S-\(sent.bag.suffix(4))"), ("signature", "rana"), ("signature", "sami")])
            _ = try await done("/dispatch/arrival/scan", [("scan", sent.box)])
            for envelope in sent.envelopes { _ = try await done("/dispatch/arrival/scan", [("scan", envelope)]) }
        }
    }

    private func hands(_ rig: ConsoleRig, _ id: String = "ali", _ roles: Set<PersonRole> = [.logistics]) async throws
        -> Hands
    {
        Hands(browser: try await rig.browser(try await rig.add(id, roles)))
    }

    @Test("An embassy pouch needs its seal and two signatures, its box names what is missing, and a clerk hands over")
    func pouch() async throws {
        let rig = try await ConsoleRig(hasDesk: true)
        try await rig.produce(["mission mission-berlin", "mission mission-berlin"])
        let ali = try await hands(rig)
        let sent = try await ali.send(["G:1", "G:2"], "mission", "mission-berlin")
        #expect(try await ali.refused("/dispatch/arrival/scan", [("scan", sent.bag)]) == "console.field")
        #expect(try await ali.refused("/dispatch/arrival/place", [("place", "mars")]) == "shipping.office.unknown")
        _ = try await ali.done("/dispatch/arrival/place", [("place", "mission-berlin")])
        #expect(
            try await ali.refused("/dispatch/arrival/scan", [("scan", sent.box)]) == "shipping.container.unopened")
        _ = try await ali.done("/dispatch/arrival/scan", [("scan", sent.bag)])
        let waits = try await ali.see("/dispatch/arrival")["bag"]
        #expect(waits?["is_by_two"]?.bool == true && waits?["has_seal"]?.bool == true)
        let bag = "/dispatch/arrival/bags/\(sent.bag)"
        let seal = ("seal", "S-\(sent.bag.suffix(4))")
        let two = [("signature", "rana"), ("signature", "sami")]
        #expect(try await ali.refused(bag, two) == "shipping.seal.missing")
        #expect(try await ali.refused(bag, [("seal", "S-9")] + two) == "shipping.seal.other")
        #expect(try await ali.refused(bag, [seal, ("signature", "rana")]) == "shipping.signatures")
        _ = try await ali.done(bag, [seal] + two)
        _ = try await ali.done("/dispatch/arrival/scan", [("scan", sent.box)])
        _ = try await ali.done("/dispatch/arrival/scan", [("scan", sent.envelopes[0])])
        var box = try await ali.see("/dispatch/arrival")["box"]
        #expect(box?["is_accounted"]?.bool == false)
        #expect(box?["gaps"]?.array?.compactMap { $0["envelope"]?.string } == [sent.envelopes[1]])
        #expect(
            try await ali.refused("/dispatch/arrival/scan", [("scan", sent.envelopes[0])]) == "shipping.item.twice")
        _ = try await ali.done("/dispatch/arrival/scan", [("scan", sent.envelopes[1])])
        box = try await ali.see("/dispatch/arrival")["box"]
        #expect(box?["is_accounted"]?.bool == true && box?["count"]?.integer == 2)
        let item = ("scan", sent.envelopes[0])
        _ = try await ali.done("/dispatch/handover/scan", [item])
        let shown = try await ali.see("/dispatch/handover")["parcel"]
        #expect(shown?["may_desk"]?.bool == true && shown?["may_code"]?.bool == false)
        #expect(
            try await ali.refused("/dispatch/handover/deliver", [item, ("code", "123456")]) == "shipping.handover.kind")
        _ = try await ali.done("/dispatch/handover/deliver", [item, ("desk", "yes")])
        #expect(
            try await ali.refused("/dispatch/handover/deliver", [item, ("desk", "yes")]) == "shipping.document.state")
        let refused = try await ali.see("/dispatch/refused")["rows"]?.array ?? []
        #expect(refused.contains { $0["code"]?.string == "shipping.seal.other" && $0["person"]?.string == "ali (ali)" })
    }

    @Test("At a door a failed attempt counts, a wrong code counts, and the holder's code or QR hands over once")
    func door() async throws {
        let rig = try await ConsoleRig(hasDesk: true)
        try await rig.produce(["home office-halabja", "home office-halabja"])
        let ali = try await hands(rig)
        let sent = try await ali.send(["G:1", "G:2"], "home", "office-halabja")
        try await ali.receive(sent, at: "office-halabja")
        let (first, second) = (("scan", sent.envelopes[0]), ("scan", sent.envelopes[1]))
        #expect(try await ali.refused("/dispatch/run/scan", [first]) == "console.field")
        _ = try await ali.done("/dispatch/run/courier", [("courier", "karim")])
        _ = try await ali.done("/dispatch/run/scan", [first])
        _ = try await ali.done("/dispatch/run/scan", [second])
        #expect(try await ali.see("/dispatch/run")["out"]?.array?.count == 2)
        #expect(try await ali.refused("/dispatch/run/failed", [first, ("reason", "asleep")]) == "console.field")
        _ = try await ali.done("/dispatch/run/failed", [first, ("reason", "absent")])
        #expect(try await ali.see("/dispatch/run")["out"]?.array?.count == 1)
        _ = try await ali.done("/dispatch/run/scan", [first])
        let code = try #require(try await ali.done("/dispatch/handover/code", [first])["number"]?.string)
        let wrong = code == "000000" ? "000001" : "000000"
        let deliver = "/dispatch/handover/deliver"
        #expect(try await ali.refused(deliver, [first, ("code", wrong)]) == "shipping.code.wrong")
        #expect(try await ali.refused(deliver, [first, ("desk", "yes")]) == "shipping.handover.kind")
        _ = try await ali.done(deliver, [first, ("code", code)])
        #expect(try await ali.refused(deliver, [first, ("code", code)]) == "shipping.document.state")
        // the second one shows a QR; that of another, or a made-up one, is none
        let token = try #require(try await ali.done("/dispatch/handover/token", [second])["text"]?.string)
        #expect(try await ali.refused(deliver, [second, ("qr", "SAKK1:00:00")]) == "shipping.token.wrong")
        _ = try await ali.done("/dispatch/handover/scan", [second])
        _ = try await ali.done("/dispatch/handover/scan", [("scan", token)])
        #expect(try await ali.see("/dispatch/run")["out"]?.array?.isEmpty == true)
    }

    @Test("Numbers that a keyboard types in Arabic or Persian digits are the numbers on the things")
    func digits() async throws {
        let rig = try await ConsoleRig(hasDesk: true)
        try await rig.produce(["home office-halabja", "home office-halabja"])
        let ali = try await hands(rig)
        func arabic(_ text: String, _ zero: UInt32 = 0x660) -> String {
            String(
                String.UnicodeScalarView(
                    text.unicodeScalars.map {
                        (48...57).contains($0.value) ? Unicode.Scalar($0.value - 48 + zero)! : $0
                    }))
        }
        _ = try await ali.done("/dispatch/scan", [("scan", arabic("G:1"))])
        let envelope = try #require(try await ali.see("/dispatch")["bench"]?["envelope"]?.string)
        _ = try await ali.done("/dispatch/scan", [("scan", arabic(envelope))])
        #expect(try await ali.see("/dispatch")["bench"]?["is_matched"]?.bool == true)
        _ = try await ali.done("/dispatch/put-down")
        let sent = try await ali.send(["G:2"], "home", "office-halabja")
        _ = try await ali.done("/dispatch/arrival/place", [("place", "office-halabja")])
        let seal = arabic("S-\(sent.bag.suffix(4))", 0x6F0)
        _ = try await ali.done(
            "/dispatch/arrival/bags/\(sent.bag)", [("seal", seal), ("signature", "rana"), ("signature", "sami")])
        _ = try await ali.done("/dispatch/arrival/scan", [("scan", arabic(sent.box))])
        let item = ("scan", arabic(sent.envelopes[0]))
        _ = try await ali.done("/dispatch/arrival/scan", [item])
        _ = try await ali.done("/dispatch/run/scan", [item, ("courier", "karim")])
        let code = try #require(try await ali.done("/dispatch/handover/code", [item])["number"]?.string)
        _ = try await ali.done("/dispatch/handover/deliver", [item, ("code", arabic(code))])
        let sara = try await rig.browser(try await rig.add("sara", [.supervisor]))
        let found = try await sara.get("/api/search?of=\(Address.escape(arabic("G:2")))").json["found"]?.array
        #expect(found?.count == 1)
    }

    @Test(
        "What lay before a packer when the screen locked lies there again after the password, and nothing was done meanwhile"
    )
    func lock() async throws {
        let rig = try await ConsoleRig(hasDesk: true)
        try await rig.produce(["office office-halabja"])
        let packer = try await rig.add("ali", [.logistics], password: "four green apples")
        let ali = Hands(browser: try await rig.browser(packer))
        let envelope = try await ali.pack("G:1")
        _ = try await ali.done("/dispatch/arrival/place", [("place", "office-halabja")])
        let box = try await ali.open("box", "office", "office-halabja")
        _ = try await ali.done("/dispatch/put-down")
        _ = try await ali.done("/dispatch/scan", [("scan", envelope)])
        rig.clock.pass(seconds: 301)
        // the browser is led to the door and back to its desk; the scan did nothing
        let late = try await ali.browser.post("/dispatch/scan", [("scan", box), ("back", "/dispatch")])
        #expect(late.status == 303 && late.header("location") == "/unlock?to=%2Fdispatch")
        let abroad = try await ali.browser.post("/dispatch/scan", [("scan", box), ("back", "//elsewhere.example")])
        #expect(abroad.header("location") == "/unlock?to=%2F")
        let opened = try await ali.browser.post("/unlock", [("password", "four green apples"), ("to", "/dispatch")])
        #expect(opened.header("location") == "/dispatch")
        let cookie = try #require(opened.header("set-cookie")?.split(separator: ";").first?.split(separator: "=").last)
        let session = await rig.console.sessions.find(String(cookie), touches: true)
        let again = Hands(
            browser: Browser(console: rig.console, cookie: String(cookie), formToken: session?.formToken))
        #expect(try await again.see("/dispatch")["bench"]?["envelope"]?.string == envelope)
        #expect(try await again.see("/dispatch/arrival")["place"]?["id"]?.string == "office-halabja")
        #expect(try await again.done("/dispatch/scan", [("scan", box)])["said"]?.string == "scan_put")
        // another person at the same browser finds an empty table
        let other = try await rig.add("omar", [.logistics], password: "blue sky over river")
        let taken = try await again.browser.post(
            "/signin", [("person", other.id.rawValue), ("password", "blue sky over river")])
        let third = try #require(taken.header("set-cookie")?.split(separator: ";").first?.split(separator: "=").last)
        let omar = Hands(browser: Browser(console: rig.console, cookie: String(third), formToken: nil))
        #expect(try await omar.see("/dispatch")["has_any"]?.bool == false)
    }

    @Test("A token is good for its own envelope and for no other")
    func token() async throws {
        let rig = try await ConsoleRig(hasDesk: true)
        try await rig.produce(["office office-halabja", "office office-halabja"])
        let ali = try await hands(rig)
        let sent = try await ali.send(["G:1", "G:2"], "office", "office-halabja")
        try await ali.receive(sent, at: "office-halabja")
        let token = try #require(
            try await ali.done("/dispatch/handover/token", [("scan", sent.envelopes[0])])["text"]?.string)
        let other = [("scan", sent.envelopes[1]), ("qr", token)]
        #expect(try await ali.refused("/dispatch/handover/deliver", other) == "shipping.token.wrong")
    }

    @Test("What came back has a custodian, goes elsewhere before two people, and gets a new label")
    func elsewhere() async throws {
        let rig = try await ConsoleRig(hasDesk: true)
        try await rig.produce(["office office-halabja"])
        try await rig.add("sara", [.supervisor], password: "four green apples")
        let ali = try await hands(rig)
        let item = [("scan", "G:1")]
        let old = try await ali.pack("G:1")
        _ = try await ali.done("/dispatch/astray/scan", item)
        #expect(try await ali.refused("/dispatch/astray/found", item + [("custodian", "x"), ("place", "y")]) != nil)
        _ = try await ali.done(
            "/dispatch/astray/return", item + [("reason", "damaged"), ("custodian", "nadia"), ("place", "cage 2")])
        let row = try #require(try await ali.see("/dispatch/astray")["rows"]?.array?.first)
        #expect(row["custodian"]?.string == "nadia" && row["place"]?.string == "cage 2")
        let there = item + [("route", "office"), ("place", "office-sulaymaniyah")]
        let alone = try await ali.browser.post("/api/dispatch/astray/reroute", there)
        #expect(alone.status == 202)
        #expect(try await ali.see("/dispatch/astray")["rows"]?.array?.count == 1)
        _ = try await ali.done(
            "/dispatch/astray/reroute",
            there + [("second", "sara"), ("second_password", "four green apples")])
        #expect(try await ali.see("/dispatch/astray")["rows"]?.array?.isEmpty == true)
        let new = try await ali.pack("G:1")
        #expect(new != old)
        #expect(try await ali.refused("/dispatch/scan", [("scan", old)]) != nil)
    }

    @Test("Label and manifest are papers, and a label bears the plant's signature")
    func papers() async throws {
        let rig = try await ConsoleRig(hasDesk: true)
        try await rig.produce(["office office-halabja"])
        let ali = try await hands(rig)
        let envelope = try await ali.pack("G:1")
        let paper = try await ali.browser.get("/dispatch/labels/\(envelope)")
        #expect(paper.status == 200 && paper.words.hasPrefix("%PDF"))
        #expect(try await ali.browser.get("/dispatch/labels/G:1").status == 404)
    }

    @Test("What goes elsewhere stays in hand with its address, and what was begun and put down is found again")
    func elsewhereInHand() async throws {
        let rig = try await ConsoleRig(hasDesk: true)
        try await rig.produce(["office office-halabja"])
        let ali = try await hands(rig)
        let envelope = try await ali.pack("G:1")
        _ = try await ali.done("/dispatch/put-down")
        let right = try await ali.open("box", "office", "office-halabja")
        _ = try await ali.done("/dispatch/put-down")
        let wrong = try await ali.open("box", "office", "office-basra")
        #expect(try await ali.refused("/dispatch/scan", [("scan", envelope)]) == "shipping.governorate.other")
        let table = try await ali.see("/dispatch")
        #expect(table["bench"]?["envelope"]?.string == envelope && table["bench"]?["container"]?.string == wrong)
        #expect(table["target"]?["place_id"]?.string == "office-halabja" && table["wants"]?.string == "box")
        _ = try await ali.done("/dispatch/put-down")
        var begun = try await ali.see("/dispatch")["begun"]?.array ?? []
        #expect(Set(begun.compactMap { $0["number"]?.string }) == [right, wrong])
        #expect(begun.allSatisfy { $0["state"]?.string == "open" && $0["count"] == nil })
        _ = try await ali.done("/dispatch/scan", [("scan", envelope)])
        _ = try await ali.done("/dispatch/scan", [("scan", right)])
        _ = try await ali.done("/dispatch/containers/\(right)/close", [("count", "1")])
        // a closed box is offered a bag of its governorate, a closed bag a consignment: each with a place that opens it
        #expect(try await ali.see("/dispatch")["next_place"]?.string == "office-halabja")
        let bag = try await ali.open("bag", "office", "office-halabja")
        _ = try await ali.done("/dispatch/scan", [("scan", right)])
        _ = try await ali.done("/dispatch/containers/\(bag)/close", [("count", "1")])
        let place = try #require(try await ali.see("/dispatch")["next_place"]?.string)
        _ = try await ali.open("consignment", "office", place)
        _ = try await ali.done("/dispatch/put-down")
        begun = try await ali.see("/dispatch")["begun"]?.array ?? []
        #expect(!begun.contains { $0["number"]?.string == right }, "what lies in a bag is found with the bag")
    }

    @Test("A parcel on its way is not handed over, and the page says where it is taken in first")
    func onItsWay() async throws {
        let rig = try await ConsoleRig(hasDesk: true)
        try await rig.produce(["office office-halabja"])
        let ali = try await hands(rig)
        let sent = try await ali.send(["G:1"], "office", "office-halabja")
        _ = try await ali.done("/dispatch/handover/scan", [("scan", sent.envelopes[0])])
        #expect(try await ali.browser.get("/dispatch/handover").words.contains("take it in at Arrival first"))
        _ = try await ali.browser.post(
            "/dispatch/handover/token", [("scan", sent.envelopes[0]), ("back", "/dispatch/handover")])
        let page = try await ali.browser.get("/dispatch/handover").words
        #expect(page.contains("<svg class=\"qr\" viewBox=\"0 0 ") && page.contains("SAKK1:"))
    }

    @Test("A dispatch key that no phone could check is refused before anything is signed with it")
    func keys() throws {
        // NIST P-256, P-384, P-521 and Brainpool's r1 curves of 256, 384 and 512 bits by the numbers of TR-03110-3
        let curves = try [12, 15, 18, 13, 16, 17].map {
            try PhoneKey(info: try PrivateKey.fresh(curve: $0).publicKeyInfo()).curve
        }
        #expect(
            curves == ["P-256", "P-384", "P-521", "brainpoolP256r1", "brainpoolP384r1", "brainpoolP512r1"])
        for key in [try PrivateKey.fresh(rsaBits: 2048), try PrivateKey.fresh(curve: 10)] {
            let error = #expect(throws: SakkError.self) { try PhoneKey(info: try key.publicKeyInfo()) }
            #expect(error?.code == "shipping.signer" && error?.remedy.contains("P-384") == true)
        }
    }

    @Test("The accounts of a batch name an open box and nothing of what lies in it, before it was counted and closed")
    func blind() async throws {
        let rig = try await ConsoleRig(hasDesk: true)
        try await rig.produce(["office office-halabja", "office office-halabja", "office office-halabja"])
        let ali = try await hands(rig)
        let box = try await ali.open("box", "office", "office-halabja")
        var envelopes: [String] = []
        for mark in ["G:1", "G:2"] {
            envelopes.append(try await ali.pack(mark))
            _ = try await ali.done("/dispatch/scan", [("scan", box)])
        }
        let accounts = "/dispatch/batches/B-1"
        var found = try await ali.see(accounts)
        #expect(found["is_accounted"]?.bool == false && found["missing"]?.integer == 1)
        #expect(found["open"]?.array?.compactMap(\.string) == [box])
        for path in [accounts, "/api" + accounts, "/dispatch", "/api/dispatch"] {
            let words = try await ali.browser.get(path).words
            #expect(!envelopes.contains { words.contains($0) }, "\(path)")
        }
        _ = try await ali.done("/dispatch/containers/\(box)/close", [("count", "2")])
        found = try await ali.see(accounts)
        #expect(found["missing"]?.integer == 3 && found["open"]?.array?.isEmpty == true)
        #expect(try await ali.browser.get(accounts).words.contains(envelopes[0]))
    }

    @Test(
        "The page for phones bears the plant's key and fetches nothing; the manifest's file is what its code was signed over"
    )
    func checker() async throws {
        let rig = try await ConsoleRig(hasDesk: true)
        try await rig.produce(["office office-halabja"])
        let ali = try await hands(rig)
        _ = try await ali.send(["G:1"], "office", "office-halabja")
        let page = try await ali.browser.get("/dispatch/checker.html")
        #expect(page.header("content-disposition")?.hasPrefix("attachment") == true)
        let info = try #require(try rig.console.signer?.publicKeyInfo())
        #expect(page.words.contains("const keys = [[\"P-256\",\"\(Bytes(info.suffix(64).prefix(32)).hex)\""))
        for word in ["http:", "https:", "src=", "href=", "fetch("] { #expect(!page.words.contains(word), "\(word)") }
        let consignment = try await rig.books.read(Newest())
        let list = try await ali.browser.get("/dispatch/manifests/\(consignment)/list.json")
        #expect(try list.json["documents"]?.integer == 1)
        let key = try #require(PublicKey(info: info))
        let desk = try #require(rig.console.shipping)
        let manifest = try await desk.manifest(try #require(SSCC(consignment)))
        let head = try manifest.head(signedBy: try #require(rig.console.signer))
        #expect(Manifest.isGenuine(Bytes(list.words.utf8), head: head.text, keys: [key]))
    }

    /// The number of the newest consignment.
    private struct Newest: LedgerQuery {
        func answer(_ books: BooksReader) throws -> String {
            try books.row("SELECT number FROM container WHERE kind = 'consignment'")?.text("number") ?? ""
        }
    }

    @Test("A mobile station without an address gets its own box, and its clerk or a code hands over where it stands")
    func mobile() async throws {
        let rig = try await ConsoleRig(hasDesk: true)
        try await rig.produce(["mobile_station mobile-basra", "mobile_station mobile-basra", "office office-halabja"])
        let ali = try await hands(rig)
        let stray = try await ali.pack("G:3")
        _ = try await ali.done("/dispatch/put-down")
        let sent = try await ali.send(["G:1", "G:2"], "mobile_station", "mobile-basra")
        let box = try await ali.open("box", "mobile_station", "mobile-basra")
        #expect(try await ali.refused("/dispatch/scan", [("scan", stray)]) == "shipping.route.other")
        _ = try await ali.done("/dispatch/put-down")
        _ = box
        try await ali.receive(sent, at: "mobile-basra")
        let (first, second) = (("scan", sent.envelopes[0]), ("scan", sent.envelopes[1]))
        _ = try await ali.done("/dispatch/handover/deliver", [first, ("desk", "yes")])
        let code = try #require(try await ali.done("/dispatch/handover/code", [second])["number"]?.string)
        _ = try await ali.done("/dispatch/run/scan", [second, ("courier", "nurse of ward 3")])
        _ = try await ali.done("/dispatch/handover/deliver", [second, ("code", code)])
    }

    @Test("Every desk's page is made in every language and names nobody's holder")
    func pages() async throws {
        let rig = try await ConsoleRig(hasDesk: true)
        try await rig.produce(["home office-halabja"])
        let ali = try await hands(rig)
        let sent = try await ali.send(["G:1"], "home", "office-halabja")
        try await ali.receive(sent, at: "office-halabja")
        _ = try await ali.done("/dispatch/handover/scan", [("scan", sent.envelopes[0])])
        _ = try await ali.done("/dispatch/astray/scan", [("scan", sent.envelopes[0])])
        for path in ["", "/arrival", "/run", "/handover", "/astray"] {
            let page = try await ali.browser.get("/dispatch" + path)
            #expect(page.status == 200, "\(path)")
            #expect(page.words.contains("name=\"scan\"") || path == "/run", "\(path) asks for a scan first")
            #expect(!page.words.contains("SPECIMEN"), "\(path)")
        }
    }
}
