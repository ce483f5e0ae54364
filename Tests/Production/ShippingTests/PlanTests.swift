import Foundation
import Ground
import Shipping
import Stations
import Testing

@Suite struct PlanTests {
    static let seeds = "/" + #filePath.split(separator: "/").dropLast(4).joined(separator: "/") + "/seeds"
    static let plan = Result { try LogisticsPlan(seeds: seeds) }

    private static func text(_ name: String) throws -> String {
        try String(contentsOfFile: "\(seeds)/\(name)", encoding: .utf8)
    }

    @Test func theSeedsHaveNineteenGovernoratesAndEachRoute() throws {
        let plan = try Self.plan.get()
        #expect(plan.governorates.count == 19)
        for governorate in plan.governorates {
            #expect(plan.places.values.contains { $0.type == "office" && $0.iso == governorate.iso })
        }
        #expect(Set(plan.routes.keys) == Set(ApprovedRecord.DeliveryRoute.allCases))
        #expect(plan.routes[.mission]?.signatures == 2)
    }

    @Test func halabjaHasBoxesOfItsOwnAndTravelsInTheBagsOfSulaymaniyah() throws {
        let plan = try Self.plan.get()
        let halabja = ShippingAddress(route: .office, place: PlaceID("office-halabja"))
        let sulaymaniyah = ShippingAddress(route: .office, place: PlaceID("office-sulaymaniyah"))
        #expect(try plan.target(.bag, for: halabja) == plan.target(.bag, for: sulaymaniyah))
        #expect(try plan.target(.box, for: halabja) != plan.target(.box, for: sulaymaniyah))
    }

    @Test func aRouteGoesOnlyToPlacesOfItsTypes() throws {
        let plan = try Self.plan.get()
        let error = #expect(throws: SakkError.self) {
            try plan.target(ShippingAddress(route: .home, place: PlaceID("mission-berlin")))
        }
        #expect(error?.code == Refusal.officeType.code)
    }

    struct Fault: Sendable, CustomTestStringConvertible {
        let file: String
        let from: String
        let to: String
        let code: SakkError.Code
        let subject: String
        var testDescription: String { "\(file): \(to)" }
    }

    static let faults: [Fault] = [
        Fault(
            file: "governorates", from: "post: 31}", to: "post: 31, colour: red}", code: "config.unknown",
            subject: "colour"),
        Fault(file: "governorates", from: "iso: IQ-AN", to: "iso: IQ-BG", code: "config.value", subject: "iso"),
        Fault(file: "governorates", from: "iso: IQ-AN", to: "iso: Anbar", code: "config.value", subject: "iso"),
        Fault(file: "governorates", from: "arabic: الأنبار, ", to: "", code: "config.missing", subject: "arabic"),
        Fault(
            file: "governorates", from: "arabic: الأنبار", to: "arabic: Anbar", code: "config.value", subject: "arabic"),
        Fault(
            file: "governorates", from: "english: Anbar", to: "english: ئەنبار", code: "config.value",
            subject: "english"),
        Fault(file: "governorates", from: "post: 31}", to: "post: 310}", code: "config.value", subject: "post"),
        Fault(file: "governorates", from: "IQ-SU}", to: "IQ-ZZ}", code: "config.value", subject: "routed_with"),
        Fault(file: "routes", from: "region: country", to: "region: planet", code: "config.value", subject: "region"),
        Fault(
            file: "routes", from: "place_types: [mission]", to: "place_types: [moon]", code: "config.value",
            subject: "place_types"),
        Fault(file: "routes", from: "signatures: 2", to: "signatures: 3", code: "config.value", subject: "signatures"),
        Fault(
            file: "routes", from: "handover: [desk, qr]", to: "handover: [trust]", code: "config.value",
            subject: "handover"),
        Fault(
            file: "routes", from: "box: {same: destination, capacity: 500}", to: "box: {same: route, capacity: 500}",
            code: "config.value", subject: "box"),
        Fault(file: "routes", from: "route: mission", to: "route: office", code: "config.value", subject: "route"),
        Fault(file: "numbers", from: "service: RB", to: "service: R", code: "config.value", subject: "service"),
        Fault(file: "numbers", from: "service: RB", to: "service: RA", code: "config.value", subject: "first"),
        Fault(
            file: "numbers", from: "[office, mobile_station]", to: "[office]", code: "config.missing", subject: "s10"),
        Fault(
            file: "numbers", from: "[office, mobile_station]", to: "[office, home]", code: "config.value",
            subject: "routes"),
        Fault(file: "numbers", from: "last: 299999999", to: "last: 2999999999", code: "config.value", subject: "last"),
        Fault(file: "numbers", from: "extension: 1", to: "extension: 0", code: "config.value", subject: "first"),
        Fault(file: "offices", from: #""iso": "IQ-AN""#, to: #""iso": "IQ-ZZ""#, code: "config.value", subject: "iso"),
        Fault(
            file: "offices", from: #""id": "office-anbar""#, to: #""id": "office-baghdad""#, code: "config.value",
            subject: "id"),
        Fault(
            file: "offices", from: #""id": "office-anbar", "type": "office""#,
            to: #""id": "office-anbar", "type": "kiosk""#, code: "config.value", subject: "type"),
    ]

    @Test(arguments: faults)
    func aFaultIsNamedWithFileLineAndReason(fault: Fault) throws {
        var texts = [
            "governorates": try Self.text("logistics/governorates.yaml"),
            "routes": try Self.text("logistics/routes.yaml"), "numbers": try Self.text("logistics/numbers.yaml"),
            "offices": try Self.text("offices.json"),
        ]
        let good = try #require(texts[fault.file])
        let place = try #require(good.range(of: fault.from))
        texts[fault.file] = good.replacingCharacters(in: place, with: fault.to)
        let error = #expect(throws: SakkError.self) {
            try LogisticsPlan(
                governorates: texts["governorates"] ?? "", routes: texts["routes"] ?? "",
                numbers: texts["numbers"] ?? "", offices: texts["offices"] ?? "")
        }
        #expect(error?.code == fault.code, "\(error.map(String.init(describing:)) ?? "")")
        #expect(error?.source.hasPrefix(fault.file) == true)
        #expect(error?.subject?.hasSuffix(fault.subject) == true, "\(error?.subject ?? "")")
        // a missing range has no line of its own; everything else is on the line that was changed
        if fault.subject != "s10" {
            let line = good[..<place.lowerBound].count { $0 == "\n" } + 1
            let named = error?.source.split(separator: ":").last.flatMap { Int($0) }
            #expect(named.map { abs($0 - line) <= 1 } == true, "\(error?.source ?? "") is not line \(line)")
        }
    }
}
