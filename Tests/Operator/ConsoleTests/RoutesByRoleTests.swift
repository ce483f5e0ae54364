import Ground
import Ledger
import Testing

@testable import Console

/// Who may do what, written down by hand: a route that is not here, or that lets in somebody else, fails.
struct RoutesByRoleTests {
    static let all = Set(PersonRole.allCases)
    static let doors: [String: Set<PersonRole>?] = [
        // nil: for everyone, without sign-in
        "GET /signin": nil, "POST /signin": nil, "POST /signin/certificate": nil, "POST /look": nil, "GET /andon": nil,
        "GET /andon/{line}": nil,
        "GET /live/andon": nil, "GET /health": nil, "GET /metrics": nil, "GET /openapi.json": nil,
        "GET /session": all, "GET /unlock": all, "POST /unlock": all, "POST /lock": all, "POST /signout": all,
        "GET /password": all,
        "POST /password": all, "GET /": all, "GET /live": all, "GET /lines/{line}": all,
        "GET /lines/{line}/cells/{cell}": all,
        "POST /lines/{line}/begin": [.operator, .supervisor], "POST /lines/{line}/end": [.operator, .supervisor],
        "POST /lines/{line}/orders": [.operator, .supervisor],
        "POST /lines/{line}/cells/{cell}/mode": [.supervisor],
        "POST /lines/{line}/cells/{cell}/clearance": [.operator, .supervisor],
        "POST /lines/{line}/cells/{cell}/found": [.operator, .inspector, .supervisor],
        "GET /held": [.inspector, .supervisor], "GET /held/{attempt}": [.inspector, .supervisor],
        "GET /held/{attempt}/{picture}": [.inspector, .supervisor],
        "POST /held/{attempt}/settle": [.inspector, .supervisor], "POST /held/{attempt}/destroyed": [.supervisor],
        "POST /held/{attempt}/missing": [.supervisor],
        "GET /inspect": [.inspector, .supervisor], "POST /inspect/scan": [.inspector, .supervisor],
        "GET /inspect/rates": [.inspector, .supervisor, .auditor], "POST /inspect/samples": [.supervisor],
        "POST /inspect/seeds": [.supervisor], "GET /inspect/{item}": [.inspector, .supervisor],
        "POST /inspect/{item}/verdict": [.inspector, .supervisor],
        "GET /inspect/{item}/{picture}": [.inspector, .supervisor],
        "POST /documents/{production}/void": [.inspector, .supervisor],
        "GET /batches": [.supervisor, .auditor, .logistics],
        "GET /batches/{batch}": [.supervisor, .auditor, .logistics],
        "GET /batches/{batch}/report.pdf": [.supervisor, .auditor, .logistics],
        "GET /documents/{production}": [.supervisor, .auditor, .inspector],
        "GET /blanks/{blank}": [.supervisor, .auditor, .inspector], "GET /search": [.supervisor, .auditor, .inspector],
        "GET /shifts": [.operator, .supervisor, .auditor], "POST /shifts": [.supervisor],
        "GET /shifts/{line}/{day}/{name}": [.operator, .supervisor, .auditor],
        "GET /shifts/{line}/{day}/{name}/report.pdf": [.operator, .supervisor, .auditor],
        "POST /shifts/{line}/{day}/{name}/counts": [.operator, .supervisor],
        "POST /shifts/{line}/{day}/{name}/supplies": [.operator, .supervisor],
        "POST /shifts/{line}/{day}/{name}/close": [.supervisor],
        "GET /stock": [.operator, .logistics, .supervisor, .auditor], "POST /stock/issue": [.supervisor],
        "POST /stock/load": [.operator, .supervisor], "POST /stock/counted": [.supervisor],
        "POST /stock/supplies": [.operator, .supervisor], "POST /stock/lots/hold": [.supervisor],
        "POST /stock/lots/release": [.supervisor], "GET /people": [.supervisor], "POST /people": [.supervisor],
        "POST /people/{person}": [.supervisor], "POST /people/{person}/password": [.supervisor],
        "POST /people/{person}/certificate": [.supervisor],
        "POST /people/{person}/certificates/take-back": [.supervisor],
        "GET /dispatch": [.logistics, .supervisor], "POST /dispatch/scan": [.logistics, .supervisor],
        "POST /dispatch/put-down": [.logistics, .supervisor], "POST /dispatch/open": [.logistics, .supervisor],
        "POST /dispatch/relabel": [.logistics, .supervisor], "GET /dispatch/refused": [.logistics, .supervisor],
        "POST /dispatch/containers/{number}/close": [.logistics, .supervisor],
        "POST /dispatch/containers/{number}/seal": [.logistics, .supervisor],
        "POST /dispatch/containers/{number}/take-out": [.logistics, .supervisor],
        "POST /dispatch/containers/{number}/hand-over": [.logistics, .supervisor],
        "GET /dispatch/labels/{number}": [.logistics, .supervisor],
        "GET /dispatch/manifests/{number}": [.logistics, .supervisor],
        "GET /dispatch/manifests/{number}/list.json": [.logistics, .supervisor],
        "GET /dispatch/checker.html": [.logistics, .supervisor],
        "GET /dispatch/batches/{batch}": [.logistics, .supervisor],
        "POST /dispatch/containers/{number}/reopen": [.logistics, .supervisor],
        "GET /dispatch/arrival": [.logistics, .supervisor],
        "POST /dispatch/arrival/place": [.logistics, .supervisor],
        "POST /dispatch/arrival/scan": [.logistics, .supervisor],
        "POST /dispatch/arrival/bags/{number}": [.logistics, .supervisor],
        "GET /dispatch/run": [.logistics, .supervisor], "POST /dispatch/run/courier": [.logistics, .supervisor],
        "POST /dispatch/run/scan": [.logistics, .supervisor], "POST /dispatch/run/failed": [.logistics, .supervisor],
        "GET /dispatch/handover": [.logistics, .supervisor],
        "POST /dispatch/handover/scan": [.logistics, .supervisor],
        "POST /dispatch/handover/deliver": [.logistics, .supervisor],
        "POST /dispatch/handover/code": [.logistics, .supervisor],
        "POST /dispatch/handover/token": [.logistics, .supervisor],
        "GET /dispatch/astray": [.logistics, .supervisor], "POST /dispatch/astray/scan": [.logistics, .supervisor],
        "POST /dispatch/astray/return": [.logistics, .supervisor],
        "POST /dispatch/astray/set-aside": [.logistics, .supervisor],
        "POST /dispatch/astray/found": [.logistics, .supervisor],
        "POST /dispatch/astray/lost": [.logistics, .supervisor],
        "POST /dispatch/astray/reroute": [.logistics, .supervisor],
        "POST /dispatch/astray/remake": [.logistics, .supervisor],
        "POST /dispatch/astray/destroy": [.logistics, .supervisor],
        "GET /queue": [.operator, .supervisor, .auditor], "POST /queue/bump": [.supervisor],
        "GET /approvals": [.inspector, .logistics, .supervisor, .auditor],
        "POST /approvals/{approval}/give": [.inspector, .logistics, .supervisor],
        "POST /approvals/{approval}/refuse": [.inspector, .logistics, .supervisor],
        "GET /recall": [.supervisor, .auditor], "POST /recall": [.supervisor],
        "GET /keys": [.keyOfficer, .supervisor, .auditor],
        "GET /alarms": [.operator, .supervisor, .auditor], "POST /alarms/shelve": [.operator, .supervisor],
        "POST /alarms/unshelve": [.operator, .supervisor],
        "GET /journal": [.auditor, .supervisor], "GET /journal/rows": [.auditor, .supervisor],
    ]

    private static func path(_ route: Route) -> String {
        route.path.replacing("{line}", with: "l1").replacing("{cell}", with: "c1").replacing(
            "{day}", with: "2026-11-21"
        )
        .replacing(/\{[a-z]+\}/, with: "X1")
    }

    @Test("The table has every route, and no other")
    func complete() async throws {
        let rig = try await ConsoleRig()
        #expect(Set(rig.console.routes.map { "\($0.method) \($0.path)" }) == Set(RoutesByRoleTests.doors.keys))
    }

    @Test(
        "Each role reaches its own routes and no other, on the pages and through the API",
        arguments: PersonRole.allCases)
    func roles(_ role: PersonRole) async throws {
        let rig = try await ConsoleRig()
        let person = try await rig.add("someone", [role])
        for route in rig.console.routes where route.path != "/live" && route.path != "/live/andon" {
            let doors = try #require(RoutesByRoleTests.doors["\(route.method) \(route.path)"])
            for prefix in route.isInAPI ? ["", "/api"] : [""] {
                let browser = try await rig.browser(person)
                let path = prefix + (prefix.isEmpty || route.path != "/" ? RoutesByRoleTests.path(route) : "")
                let reply = try await route.method == "GET" ? browser.get(path) : browser.post(path)
                let isRefused = reply.status == 403 && reply.words.contains("console.role")
                #expect(isRefused == (doors.map { !$0.contains(role) } ?? false), "\(role) \(route.method) \(path)")
            }
        }
    }

    @Test("Nobody without a sign-in reaches more than the open routes")
    func nobody() async throws {
        let rig = try await ConsoleRig()
        let browser = try await rig.browser(nil)
        for route in rig.console.routes where RoutesByRoleTests.doors["\(route.method) \(route.path)"] != .some(nil) {
            let reply =
                try await route.method == "GET"
                ? browser.get(RoutesByRoleTests.path(route)) : browser.post(RoutesByRoleTests.path(route))
            let isSent = reply.status == 303 && reply.header("location")?.hasPrefix("/signin") == true
            #expect(isSent || reply.status == 401, "\(route.method) \(route.path)")
        }
        #expect(await rig.line.asked.isEmpty)
    }

    @Test("A refused door is a row in the journal, with the person and the place")
    func journaled() async throws {
        let rig = try await ConsoleRig()
        let person = try await rig.add("omar", [.operator])
        _ = try await rig.browser(person).get("/people")
        let row = try #require(try await rig.books.read(PersonActsQuery(.person(person.id))).first)
        #expect(row.act.refusal == "console.role")
        #expect(row.act.item == "/people")
        #expect(row.act.station == "test 10.0.0.1")
    }
}
