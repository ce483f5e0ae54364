import Foundation
public import Ground
import PlantCamera
import PlantChip

extension World {
    /// `sakk-plant.census/1`: every card, where it lies, what its chip holds and what ink is on it. With `pictures`,
    /// both sides of each fed card are written there as PNG and named.
    public func census(pictures folder: String?) throws(SakkError) -> String {
        if let folder { try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true) }
        lock.lock()
        let cards = all()
        let fed = feeds
        lock.unlock()
        var entries: [JSONValue] = []
        for (place, card) in cards {
            var entry = describe(card, at: place)
            if let folder, !card.lays.isEmpty {
                for (name, face) in [("front", card.front), ("back", card.back)] {
                    let file = "card-\(card.number)-\(name).png"
                    let png = WorldFile.png(face.seen(), width: CardFace.stockWidth, height: CardFace.stockHeight)
                    try WorldFile.write(png, to: folder + "/" + file)
                    entry["picture_\(name)"] = .string(file)
                }
            }
            entries.append(.object(entry))
        }
        return JSONValue.object(["feeds": .integer(Int64(fed)), "cards": .array(entries)]).document(
            schema: "sakk-plant.census/1")
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
            "card": .integer(Int64(card.number)), "stock": .string(card.stock), "place": .string(place.words),
            "feed": card.feed.map { .integer(Int64($0)) } ?? .null, "ink": .array(lays),
            "chip": [
                "cplc": .string(chip.cplcHex), "state": .string(chip.cardState), "answers": .bool(chip.answers),
                "instance": .bool(chip.instanceInstalled), "locked": .bool(chip.locked),
                "dg1_mrz": chip.dg1MRZ.map { .string($0) } ?? .null,
                "files": .object(chip.files.mapValues { .integer(Int64($0)) }),
                "file_sha256": .object(chip.fileSHA256.mapValues { .string($0) }),
            ],
        ]
    }
}
