import Ground
import Ledger
import Stations

extension Console {
    private static let rateDays: Int64 = 30

    /// An inspector sees the own rate, and of it sums only: which item was an audit is told to nobody who may still see it.
    func rates(_ visit: Visit) async throws(SakkError) -> JSONValue {
        let now = time.wall().microseconds
        let all = try await books.read(
            InspectorRatesQuery(
                from: WallTime(microseconds: now - Console.rateDays * 86_400_000_000),
                until: WallTime(microseconds: now + 1)))
        let seesAll = !visit.roles.isDisjoint(with: [.supervisor, .auditor])
        let shown = all.filter { seesAll || Console.isSame($0.person, visit.by) }
        let sets = settings.auditPictures.map(LookPictures.sets) ?? []
        return [
            "days": .integer(Console.rateDays), "rates": .array(shown.map(Console.rate)),
            "is_none": .bool(shown.isEmpty),
            "may_place": .bool(visit.roles.contains(.supervisor)),
            "has_sets": .bool(!sets.isEmpty), "sets": .array(sets.map { .string($0) }),
            "lacks_sets": .bool(settings.auditPictures != nil && sets.isEmpty),
            "reasons": .array(settings.rejects.map { .string($0) }),
        ]
    }

    private static func rate(_ rate: InspectorRate) -> JSONValue {
        func percent(_ share: Double?) -> JSONValue {
            share.map { .integer(Int64(($0 * 100).rounded())) } ?? .null
        }
        return [
            "person": .string(rate.person), "seeded": .integer(Int64(rate.seeded)),
            "found": .integer(Int64(rate.found)),
            "named": .integer(Int64(rate.named)), "samples": .integer(Int64(rate.samples)),
            "rejected": .integer(Int64(rate.rejected)), "unjudged": .integer(Int64(rate.unjudged)),
            "detection": percent(rate.detection), "low": percent(rate.interval?.lowerBound),
            "high": percent(rate.interval?.upperBound), "is_known": .bool(rate.detection != nil),
        ]
    }

    func sample(_ visit: Visit) async throws(SakkError) -> Route.Answer {
        let typed = try visit.required("blank")
        let names = [typed] + lines.map { BlankID(stock: $0.stock, serial: typed).rawValue }
        for name in names where try await !books.blanks(.blank(BlankID(name))).isEmpty {
            _ = try await hand(visit, "audit.sample", name).sample(BlankID(name), by: visit.by)
            return .done(to: "/inspect/rates", ["said": "sampled"])
        }
        throw Console.unknown("blank", typed)
    }

    func seed(_ visit: Visit) async throws(SakkError) -> Route.Answer {
        let name = try visit.required("pictures")
        let truth = try visit.required("truth")
        guard settings.rejects.contains(truth) else { throw Visit.wrong("truth") }
        guard let folder = settings.auditPictures, let pictures = LookPictures(folder: folder, name: name),
            [.front, .back].contains(where: { pictures.seen($0) != nil && pictures.has($0, .drawn) })
        else { throw Console.unknown("set of pictures", name) }
        _ = try await hand(visit, "audit.seed", name).seedAudit(name, truth: truth, by: visit.by)
        return .done(to: "/inspect/rates", ["said": "seeded"])
    }
}
