import Connectors
import Foundation
import Ground
import OpenSSLCrypto
import Records
import Seeds
import Stations
import Synchronization
import Testing

/// Books that live on when the controller of a test dies.
final class PocketStopListBooks: StopListBooks {
    private let state = Mutex((states: [String: StopListState](), stopped: [ProductionID: String]()))

    func state(of authority: String) async throws(SakkError) -> StopListState? {
        state.withLock { $0.states[authority] }
    }
    func withdrawal(of production: ProductionID) async throws(SakkError) -> String? {
        state.withLock { $0.stopped[production] }
    }
    func enter(_ list: StopList) async throws(SakkError) {
        try FaultPoint.pass("books.commit")
        state.withLock { state in
            state.states[list.authority] = StopListState(
                number: list.number, issuedAt: list.issuedAt, nextUpdate: list.nextUpdate)
            state.stopped.merge(list.entries) { first, _ in first }
        }
    }
}

/// A clock that a test sets.
final class SetClock: TimeSource {
    private let now = Mutex((World.now, Int64(0)))
    func wall() -> WallTime { now.withLock { $0.0 } }
    func boot() -> BootTime { now.withLock { BootTime(boot: "test", microseconds: $0.1) } }
    func advance(seconds: Int64) {
        now.withLock { now in
            now.0 = WallTime(microseconds: now.0.microseconds + seconds * 1_000_000)
            if seconds > 0 { now.1 += seconds * 1_000_000 }
        }
    }
}

@Suite("Stop-lists") struct StopListTests {
    private let authority = "UTO-CIVIL"
    private let books = PocketStopListBooks()
    private let clock = SetClock()
    private let one = ProductionID("0123456789ABCDEFGHJKMNPQRS")

    private func keeper() throws -> StopListKeeper {
        StopListKeeper(
            StopListKeeper.Configuration(
                authorities: [authority], trust: [try World.folder().certificate("approval-ca")], maxAgeSeconds: 86_400),
            books: books, time: clock)
    }

    private func list(
        _ number: Int64, _ entries: [ProductionID: String] = [:], by name: String = "approval-signer",
        hours: Int64 = 48, authority: String = "UTO-CIVIL"
    ) throws -> Bytes {
        let signer = try World.folder().signer(name)
        let now = clock.wall()
        return try StopList(
            authority: authority, number: number, issuedAt: now,
            nextUpdate: WallTime(microseconds: now.microseconds + hours * 3_600_000_000), entries: entries
        ).seal(signer: signer.certificate, key: signer.key)
    }

    private func code(_ body: () async throws -> Void) async -> SakkError.Code? {
        do {
            try await body()
            return nil
        } catch { return (error as? SakkError)?.code }
    }

    @Test("Without a list nothing stands; with one, what it does not name stands") func names() async throws {
        let keeper = try keeper()
        #expect(await code { _ = try await keeper.standing(of: one) } == "record.standing.old")
        #expect(try await keeper.accept(try list(1, [one: "court.order"])) == .taken)
        #expect(try await keeper.standing(of: one) == .withdrawn(reason: "court.order"))
        #expect(try await keeper.standing(of: ProductionID("1123456789ABCDEFGHJKMNPQRS")) == .valid)
        #expect(try await keeper.accept(try list(2)) == .taken)
        // what was withdrawn stays withdrawn
        #expect(try await keeper.standing(of: one) == .withdrawn(reason: "court.order"))
    }

    @Test("An entry may name the request instead of the production") func request() async throws {
        let record = try World.records(1)[0]
        let content: JSONValue = [
            "schema": "sakk.stoplist/1", "authority": .string(record.authority), "number": 4,
            "issued_at": .string(clock.wall().iso8601), "next_update": "2026-06-02T00:00:00Z",
            "entries": .array([
                [
                    "request_id": .string(record.requestID), "product": .string(record.product),
                    "issue": .integer(Int64(record.issueNumber)), "reason": "withdrawn",
                ]
            ]),
        ]
        let signer = try World.folder().signer()
        let sealed = try ApprovalEnvelope.seal(
            content: content.canonical, at: World.now, signer: signer.certificate, key: signer.key)
        let keeper = try keeper()
        try await keeper.accept(sealed)
        #expect(try await keeper.standing(of: record.productionID) == .withdrawn(reason: "withdrawn"))
    }

    @Test("A lower number is refused, and so is another list of the same number") func rollback() async throws {
        let keeper = try keeper()
        let seventh = try list(7, [one: "withdrawn"])
        try await keeper.accept(seventh)
        #expect(try await keeper.accept(seventh) == .known)
        #expect(await code { try await keeper.accept(try list(6)) } == "stoplist.number.rollback")
        let other = ProductionID("1123456789ABCDEFGHJKMNPQRS")
        #expect(await code { try await keeper.accept(try list(7, [other: "x"])) } == "stoplist.number.conflict")
        #expect(await code { try await keeper.accept(try list(7, hours: 3)) } == "stoplist.number.conflict")
        #expect(try await keeper.standing(of: one) == .withdrawn(reason: "withdrawn"))
    }

    @Test("Past its next update, past the allowed age, or from the future a list says nothing") func age() async throws
    {
        let keeper = try keeper()
        try await keeper.accept(try list(1, hours: 2))
        clock.advance(seconds: 7199)
        #expect(try await keeper.standing(of: one) == .valid)
        clock.advance(seconds: 1)
        let old = try #require(await error { _ = try await keeper.standing(of: one) })
        #expect(old.code == "record.standing.old")
        #expect(old.suspendsForStanding)
        try await keeper.accept(try list(2))
        clock.advance(seconds: 86_401)
        #expect(await code { _ = try await keeper.standing(of: one) } == "record.standing.old")
        try await keeper.accept(try list(3))
        #expect(try await keeper.standing(of: one) == .valid)
        clock.advance(seconds: -3600)
        #expect(await code { _ = try await keeper.standing(of: one) } == "record.standing.old")
    }

    private func error(_ body: () async throws -> Void) async -> SakkError? {
        do {
            try await body()
            return nil
        } catch { return error as? SakkError }
    }

    @Test("A foreign signer, a flipped byte, another authority and other content are refused") func refused()
        async throws
    {
        let keeper = try keeper()
        #expect(await code { try await keeper.accept(try list(1, by: "rogue-signer")) } == "cms.chain.untrusted")
        var flipped = try list(1)
        let place = try #require(flipped.firstRange(of: Bytes("UTO-CIVIL".utf8))?.lowerBound)
        flipped[place] ^= 1
        #expect(await code { try await keeper.accept(flipped) } == "cms.signature.invalid")
        #expect(await code { try await keeper.accept(try list(1, authority: "UTO-OTHER")) } == "stoplist.authority")
        let record = try World.envelopes(1)[0]
        #expect(await code { try await keeper.accept(record) } == "stoplist.schema")
        #expect(await code { _ = try await keeper.standing(of: one) } == "record.standing.old")
    }

    @Test("A crash at any point while a list is taken leaves the old one or the new one, never a rollback")
    func crashes() async throws {
        try await keeper().accept(try list(1))
        let second = try list(2, [one: "withdrawn"])
        for point in 1...12 {
            let scope = CrashScope(at: point)
            try? await scope.run { _ = try await keeper().accept(second) }
            let standing = try await keeper().standing(of: one)
            #expect(standing == .valid || standing == .withdrawn(reason: "withdrawn"))
            if !scope.didCrash { break }
            #expect(point < 12)
        }
        try await keeper().accept(second)
        #expect(try await keeper().standing(of: one) == .withdrawn(reason: "withdrawn"))
    }

    @Test("A withdrawn record is refused at intake; while standing is unknown nothing is taken") func intake()
        async throws
    {
        let records = try World.records(2)
        let drop = TemporaryFolder()
        try Data(try World.batch(records).tar).write(to: URL(fileURLWithPath: drop.path + "/b.tar"))
        let queue = PocketBooks()
        let keeper = try keeper()
        let puller = try World.puller(WatchedFolder(name: "drop", folder: drop.path), into: queue, standing: keeper)
        #expect(await code { _ = try await puller.drain() } == "record.standing.old")
        #expect(queue.order.isEmpty)
        try await keeper.accept(try list(1, [records[1].productionID: "withdrawn"]))
        let count = try await puller.drain()
        #expect(count.taken == 1)
        #expect(count.refused == 1)
        #expect(queue.order == [records[0].productionID])
        #expect(queue.noted == ["record.withdrawn"])
    }
}

@Suite("Standing asked of the source") struct HTTPSStandingTests {
    private let one = ProductionID("0123456789ABCDEFGHJKMNPQRS")

    private func code(_ body: () async throws -> Void) async -> SakkError.Code? {
        do {
            try await body()
            return nil
        } catch { return (error as? SakkError)?.code }
    }

    @Test("The source's word counts, as long as it is young enough") func word() async throws {
        let server = try ReferenceServer()
        let clock = SetClock()
        let now = clock.wall().iso8601
        try await server.order(["as_of": .string(now), "withdrawn": .object([one.rawValue: "deceased"])])
        let standing = HTTPSStanding(name: "registry", client: try server.client(), maxAgeSeconds: 600, time: clock)
        #expect(try await standing.standing(of: one) == .withdrawn(reason: "deceased"))
        #expect(try await standing.standing(of: ProductionID("1123456789ABCDEFGHJKMNPQRS")) == .valid)
        clock.advance(seconds: 601)
        #expect(await code { _ = try await standing.standing(of: one) } == "record.standing.old")
        clock.advance(seconds: -1300)
        #expect(await code { _ = try await standing.standing(of: one) } == "record.standing.old")
    }

    @Test("While nobody answers, a young answer still counts and an old one does not") func remembered() async throws {
        let server = try ReferenceServer()
        let clock = SetClock()
        try await server.order(["as_of": .string(clock.wall().iso8601)])
        let standing = HTTPSStanding(name: "registry", client: try server.client(), maxAgeSeconds: 600, time: clock)
        #expect(try await standing.standing(of: one) == .valid)
        server.stop()
        clock.advance(seconds: 599)
        #expect(try await standing.standing(of: one) == .valid)
        let unknown = ProductionID("1123456789ABCDEFGHJKMNPQRS")
        #expect(await code { _ = try await standing.standing(of: unknown) } == "record.standing.unreachable")
        clock.advance(seconds: 2)
        #expect(await code { _ = try await standing.standing(of: one) } == "record.standing.unreachable")
    }

    @Test("An answer that is none is an error, never a yes") func nonsense() async throws {
        let server = try ReferenceServer()
        let standing = HTTPSStanding(name: "registry", client: try server.client(), maxAgeSeconds: 600)
        try await server.order(["forbid": 1])
        #expect(await code { _ = try await standing.standing(of: one) } == "web.identity")
        try await server.order(["as_of": "yesterday"])
        #expect(await code { _ = try await standing.standing(of: one) } == "web.answer.schema")
    }
}
