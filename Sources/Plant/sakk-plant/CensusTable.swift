import Ground

/// The census as a person reads it.
enum CensusTable {
    static func text(_ json: String) throws -> String {
        let census = try JSONValue(parsing: Bytes(json.utf8))
        var lines = ["fed \(census["feeds"]?.integer ?? 0) cards"]
        for card in census["cards"]?.array ?? [] {
            let chip = card["chip"]
            let instance = chip?["instance"]?.bool == true ? "document" : "no document"
            let answers = chip?["answers"]?.bool == true ? chip?["state"]?.string ?? "" : "mute"
            let panels = (card["ink"]?.array ?? []).map { lay in
                (lay["side"]?.string?.first.map(String.init) ?? "") + (lay["panel"]?.string ?? "")
                    + (lay["dots"]?.integer == 0 ? "(nothing)" : "")
            }
            lines.append(
                "card \(card["card"]?.integer ?? 0)\t\(place(card))\tchip \(answers), \(instance)\tink "
                    + (panels.isEmpty ? "none" : panels.joined(separator: " ")))
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// With its cell, where there are several.
    private static func place(_ card: JSONValue) -> String {
        [card["cell"]?.string, card["place"]?.string].compactMap { $0 }.joined(separator: "/")
    }
}
