import Foundation
import Ground
import Ledger
import Stations
import Testing

@testable import Console

/// Pictures of people's documents: sealed on the disk, shown while somebody has to look, gone with the record.
struct SealedPictureTests {
    private let picture = Bytes("a face and a name, SPECIMEN".utf8)
    private let day: Int64 = 86_400

    private func keep(_ rig: ConsoleRig, _ attempt: AttemptID) async throws {
        for name in ["front-drawn.png", "front-seen.jpg"] {
            let file = "\(attempt.rawValue)-\(name)"
            let sealed = try #require(try await rig.books.sealPicture(picture, named: file, of: attempt))
            #expect(sealed.firstRange(of: Bytes("SPECIMEN".utf8)) == nil)
            try Data(sealed).write(to: rig.pictures.appendingPathComponent(file + ".sealed"))
        }
    }

    @Test("A held card of a production line is shown beside its reference, and the files say nothing")
    func shown() async throws {
        let rig = try await ConsoleRig(isProduction: true)
        let attempt = try await rig.hold("print.spot")
        try await keep(rig, attempt)
        let inspector = try await rig.browser(try await rig.add("huda", [.inspector]))
        let look = try await inspector.get("/api/inspect/\(attempt.rawValue)").json
        #expect(look["has_pictures"]?.bool == true)
        for path in ["/inspect/\(attempt.rawValue)/front-seen", "/held/\(attempt.rawValue)/front-drawn"] {
            let reply = try await inspector.get(path)
            #expect(reply.status == 200 && reply.words == String(decoding: picture, as: UTF8.self))
            #expect(reply.header("cache-control") == "no-store")
        }
        for role in [PersonRole.operator, .logistics, .auditor] {
            let other = try await rig.browser(try await rig.add("p\(role.rawValue.prefix(3))", [role]))
            #expect(try await other.get("/inspect/\(attempt.rawValue)/front-seen").status == 403)
        }
        let looks = try await rig.books.read(PersonActsQuery(.item(attempt.rawValue)))
        #expect(looks.contains { $0.act.act == "card.look" && $0.act.person?.rawValue == "huda" })
    }

    @Test("A file under another card's name, or one that was changed, is no picture")
    func exchanged() async throws {
        let rig = try await ConsoleRig(isProduction: true)
        let attempt = try await rig.hold("print.spot")
        let name = "\(attempt.rawValue)-front-seen.jpg"
        var sealed = try #require(try await rig.books.sealPicture(picture, named: name, of: attempt))
        #expect(try await rig.books.openPicture(sealed, named: name, of: attempt) == picture)
        await #expect(throws: SakkError.self) {
            try await rig.books.openPicture(sealed, named: "\(attempt.rawValue)-back-seen.jpg", of: attempt)
        }
        sealed[20] ^= 1
        let changed = sealed
        await #expect(throws: SakkError.self) {
            try await rig.books.openPicture(changed, named: name, of: attempt)
        }
        await #expect(throws: SakkError.self) { try await rig.books.openPicture([1, 2], named: name, of: attempt) }
    }

    @Test("A record that is forgotten takes its pictures along, whether the files are there or not")
    func forgotten() async throws {
        let rig = try await ConsoleRig(isProduction: true, hasDesk: true)
        try await rig.produce(["office office-halabja"])
        let attempt = try #require(try await rig.books.attempts(.production(ProductionID("P-1"))).first?.attempt)
        try await keep(rig, attempt)
        let item = try await rig.books.sample(BlankID(stock: "G", serial: "1"), by: "sara")
        let inspector = try await rig.browser(try await rig.add("huda", [.inspector]))
        let path = "/inspect/\(item.rawValue)/front-seen"
        #expect(try await inspector.get(path).status == 200)
        try await rig.books.forget([ProductionID("P-1")], by: "sara", witness: "layla")
        #expect(try await inspector.get(path).status == 404)
        #expect(try await inspector.get("/api/inspect/\(item.rawValue)").json["has_pictures"]?.bool == false)
        #expect(try await rig.books.openPicture([1], named: "x", of: attempt) == nil)
        #expect(try await rig.books.sealPicture([1], named: "x", of: attempt) == nil)
    }

    @Test("A good document's pictures are kept for a week, a held one's until somebody said what becomes of it")
    func kept() async throws {
        let rig = try await ConsoleRig(isProduction: true, hasDesk: true)
        try await rig.produce(["office office-halabja", "office office-halabja"])
        var attempts: [AttemptID] = []
        for number in 1...2 {
            let known = try await rig.books.attempts(.production(ProductionID("P-\(number)")))
            attempts += known.map(\.attempt)
        }
        func unneeded() async throws -> [AttemptID] {
            try await rig.books.read(UnneededPicturesQuery(attempts, now: rig.clock.wall()))
        }
        #expect(try await unneeded().isEmpty)
        // logistics has it: nobody takes it out of the good box any more
        let ali = try await rig.browser(try await rig.add("ali", [.logistics]))
        #expect(try await ali.post("/api/dispatch/scan", [("scan", "G:1")]).status == 200)
        #expect(try await unneeded() == [attempts[0]])
        _ = try await rig.books.sample(BlankID(stock: "G", serial: "2"), by: "sara")
        rig.clock.pass(seconds: 8 * day)
        #expect(try await unneeded() == [attempts[0]])

        let other = try await ConsoleRig(isProduction: true)
        let held = try await other.hold("print.spot")
        other.clock.pass(seconds: 400 * day)
        #expect(try await other.books.read(UnneededPicturesQuery([held], now: other.clock.wall())).isEmpty)
        // what another ledger knows is not this one's to judge
        let stranger = AttemptID(ProductionID("P-9"), try: 1)
        #expect(try await other.books.read(UnneededPicturesQuery([stranger], now: other.clock.wall())).isEmpty)
    }
}
