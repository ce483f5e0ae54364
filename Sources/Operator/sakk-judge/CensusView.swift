import COpenSSL
import Foundation
import Ground

/// What the census says of each card.
struct CensusView {
    struct Card {
        let number: Int64
        let place: String
        /// SHA-256 over the serial fields of the CPLC, as the ledger names chips.
        let chip: String
        let answers: Bool
        /// A document is installed and its card is not locked or terminated.
        let lives: Bool
        let mrz: String?
        let sodHash: String?
        let wasFed: Bool
        let panels: [String]
        /// The number that a booklet bears from its maker; nil for a card.
        let booklet: String?

        var box: String { String(place.prefix { $0 != ":" }) }
    }

    let cards: [Card]

    /// Cards that were ever fed.
    var used: [Card] { cards.filter { $0.wasFed || $0.box != "hopper" } }

    init(path: String) throws {
        guard let data = FileManager.default.contents(atPath: path) else { throw Unreadable.file(path) }
        let json = try JSONValue(parsing: Bytes(data))
        guard json["schema"]?.string == "sakk-plant.census/1", let entries = json["cards"]?.array else {
            throw Unreadable.form("no sakk-plant.census/1")
        }
        cards = try entries.map { entry in
            guard let chip = entry["chip"], let cplc = chip["cplc"]?.string.flatMap({ Bytes(hex: $0) }),
                cplc.count == 42,
                let number = entry["card"]?.integer, let place = entry["place"]?.string
            else { throw Unreadable.form("a card lacks chip, number or place") }
            let instance = chip["instance"]?.bool ?? false
            let state = chip["state"]?.string ?? ""
            return Card(
                number: number, place: place, chip: CensusView.identity(cplc),
                answers: chip["answers"]?.bool ?? false,
                lives: instance && !place.hasPrefix("shredder") && !["CARD_LOCKED", "TERMINATED"].contains(state),
                mrz: chip["dg1_mrz"]?.string,
                sodHash: chip["file_sha256"]?["011D"]?.string ?? chip["file_sha256"]?["011d"]?.string,
                wasFed: entry["feed"]?.integer != nil,
                panels: (entry["ink"]?.array ?? []).map { lay in
                    (lay["side"]?.string ?? "") + "." + (lay["panel"]?.string ?? "")
                }, booklet: entry["booklet"]?.string)
        }
    }

    /// CPLC: fabricator 0-1, type 2-3, fabrication date 10-11, serial 12-15, batch 16-17 (GlobalPlatform card life cycle
    /// data as GET DATA 9F7F gives it).
    private static func identity(_ cplc: Bytes) -> String {
        let fields = Bytes(cplc[0..<4] + cplc[10..<18])
        var hash = Bytes(repeating: 0, count: 32)
        SHA256(fields, fields.count, &hash)
        return hash.hex
    }
}
