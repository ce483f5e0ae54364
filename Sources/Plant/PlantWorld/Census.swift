import Foundation
public import Ground
import PlantCamera
import PlantChip
import PlantPrinter

extension World {
    /// `sakk-plant.census/1`: every card, where it lies, what its chip holds and what ink is on it; the faults that
    /// happened and that wait. With `pictures`, both sides of each printed card are written there as PNG and named; with
    /// `panels`, each ink of a side apart as well (`card-3-front-y.png`), as the machine laid it.
    public func census(pictures folder: String?, panels: Bool = false) throws(SakkError) -> String {
        JSONValue.object(try fields(pictures: folder, panels: panels)).document(schema: "sakk-plant.census/1")
    }

    /// Of several cells: cards, faults and feeds of all, each card and fault with the name of its cell, and the first
    /// cell's ribbon.
    static func census(
        of cells: [(name: String, world: World)], pictures folder: String?, panels: Bool = false
    ) throws(SakkError) -> String {
        var all: [String: JSONValue] = [:]
        var lists: [String: [JSONValue]] = [:]
        var feeds: Int64 = 0
        for (name, world) in cells {
            let fields = try world.fields(pictures: folder, panels: panels)
            if all.isEmpty { all = fields }
            feeds += fields["feeds"]?.integer ?? 0
            for key in ["cards", "faults"] {
                lists[key, default: []] += (fields[key]?.array ?? []).map { entry in
                    .object((entry.object ?? [:]).merging(["cell": .string(name)]) { $1 })
                }
            }
        }
        all["feeds"] = .integer(feeds)
        for (key, list) in lists { all[key] = .array(list) }
        return JSONValue.object(all).document(schema: "sakk-plant.census/1")
    }

    private func fields(pictures folder: String?, panels: Bool) throws(SakkError) -> [String: JSONValue] {
        if let folder { try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true) }
        var painted: [(file: String, face: CardFace)] = []
        var fields: [String: JSONValue] = lock.withLock {
            let entries = all().map { place, card -> JSONValue in
                var entry = describe(card, at: place)
                if folder != nil, !card.lays.isEmpty {
                    for (name, face) in [("front", card.front), ("back", card.back)]
                    where card.booklet == nil || name == "front" {
                        let file = "card-\(card.number)-\(name).png"
                        painted.append((file, face))
                        entry["picture_\(name)"] = .string(file)
                    }
                }
                return .object(entry)
            }
            return ["feeds": .integer(Int64(feeds)), "cards": .array(entries)]
        }
        lock.withLock {
            fields["faults"] = .array(
                happened.map { fault($0.feed, $0.kind, true) } + pending.map { fault($0.feed, $0.kind, false) })
            fields["ribbon_cards_left"] = .integer(Int64(ribbonLeft))
        }
        for (file, face) in painted {
            let png = WorldFile.png(face.seen(), width: face.shape.stockWidth, height: face.shape.stockHeight)
            try WorldFile.write(png, to: folder! + "/" + file)
            guard panels else { continue }
            for (ink, dots) in face.inks {
                let gray = WorldFile.png(dots, width: face.shape.inkWidth, height: face.shape.inkHeight, channels: 1)
                try WorldFile.write(gray, to: "\(folder!)/\(file.dropLast(4))-\(ink).png")
            }
        }
        return fields
    }

    private func fault(_ feed: Int, _ kind: Scenario.Fault.Kind, _ happened: Bool) -> JSONValue {
        ["at_feed": .integer(Int64(feed)), "kind": .string(kind.rawValue), "happened": .bool(happened)]
    }

    private func describe(_ card: PhysicalCard, at place: CardPlace) -> [String: JSONValue] {
        let chip = card.chip.census()
        let lays = card.lays.map { lay -> JSONValue in
            [
                "side": .string(lay.side), "panel": .string(String(lay.panel)), "dots": .integer(Int64(lay.dots)),
                "hash": .string(BigEndian.bytes(lay.hash).hex),
            ]
        }
        return [
            "card": .integer(Int64(card.number)), "stock": .string(card.stock), "foreign": .bool(card.isForeign),
            "place": .string(place.words), "feed": card.feed.map { .integer(Int64($0)) } ?? .null,
            "ink": .array(lays), "booklet": card.booklet?.number.map { .string($0) } ?? .null,
            "chip": [
                "cplc": .string(chip.cplcHex), "state": .string(chip.cardState),
                "answers": .bool(chip.answers && !place.isShredder),
                "instance": .bool(chip.instanceInstalled), "locked": .bool(chip.locked),
                "dg1_mrz": chip.dg1MRZ.map { .string($0) } ?? .null,
                "failed_authentications": .integer(Int64(chip.failedAuthentications)),
                "files": .object(chip.files.mapValues { .integer(Int64($0)) }),
                "file_sha256": .object(chip.fileSHA256.mapValues { .string($0) }),
            ],
        ]
    }
}
