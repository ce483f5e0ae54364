import Ground
import Stations

extension PhysicalCell {
    /// The places where several cards lie, by their names in the world's file.
    static let lists: [(name: String, path: any WritableKeyPath<PhysicalCell, [Int]> & Sendable)] = [
        ("hopper", \.hopper), ("good", \.good), ("reject", \.reject), ("hand", \.hand), ("aside", \.aside),
        ("drawer", \.drawer), ("destroyed", \.destroyed),
    ]
    /// The places of one card.
    static let spots: [(name: String, path: any WritableKeyPath<PhysicalCell, Int?> & Sendable)] = [
        ("desk", \.desk), ("inside", \.inside), ("dragged", \.dragged), ("register", \.toRegister),
    ]
    static let counts: [(name: String, path: any WritableKeyPath<PhysicalCell, Int> & Sendable)] = [
        ("cards", \.cards), ("panels", \.panels), ("connection", \.connection),
    ]
    static let flags: [(name: String, path: any WritableKeyPath<PhysicalCell, Bool> & Sendable)] = [
        ("stuck", \.stuck), ("gone", \.gone), ("ribbon-empty", \.ribbonEmpty),
    ]
}

/// The lines of a world's file. One fact each, words apart by spaces; a line with a point ends an act.
///
/// ```
/// card 17 CHIP00000017 answers
/// chip 17 answers lives <SHA-256 of the SOD> IDUTO...|8001...|SPECIMEN...
/// ink 17 front k 92 IDUTO...
/// hopper - 0 17
/// inside 17
/// ```
enum WorldLines {
    static func cards(_ state: World.State, since count: Int, _ inked: inout [Int: Int], _ text: inout String) {
        for card in state.cards.dropFirst(count) {
            text += "card \(card.number) \(card.chip.rawValue)\(card.foreign ? " foreign" : "")\n"
            chip(card, &text)
        }
        var written: Set<Int> = []
        for number in state.touched ?? [] where number <= count && written.insert(number).inserted {
            let card = state.card(number)
            chip(card, &text)
            for raster in card.ink.dropFirst(inked[number] ?? 0) { text += "ink \(number) \(words(raster))\n" }
            inked[number] = card.ink.count
        }
    }

    private static func chip(_ card: Card, _ text: inout String) {
        text += "chip \(card.number) \(card.answers ? "answers" : "mute") \(card.killed ? "killed" : "lives")"
        if let document = card.document {
            text += " \(document.complete ? "whole" : "torn") \(document.sodHash.isEmpty ? "-" : document.sodHash.hex)"
            text += " \(document.mrz.joined(separator: "|"))"
        }
        text += "\n"
    }

    private static func words(_ raster: PanelRaster) -> String {
        let pixels = String(decoding: raster.pixels.map { $0 == 10 ? UInt8(ascii: "|") : $0 }, as: UTF8.self)
        return "\(raster.side.rawValue) \(raster.panel.rawValue) \(pixels)"
    }

    static func cell(_ cell: PhysicalCell, _ before: PhysicalCell, _ text: inout String) {
        for list in PhysicalCell.lists {
            let (now, old) = (cell[keyPath: list.path], before[keyPath: list.path])
            if now != old { text += "\(list.name) \(change(now, old))\n" }
        }
        for spot in PhysicalCell.spots where cell[keyPath: spot.path] != before[keyPath: spot.path] {
            text += "\(spot.name) \(cell[keyPath: spot.path].map { "\($0)" } ?? "-")\n"
        }
        for count in PhysicalCell.counts where cell[keyPath: count.path] != before[keyPath: count.path] {
            text += "\(count.name) \(cell[keyPath: count.path])\n"
        }
        for flag in PhysicalCell.flags where cell[keyPath: flag.path] != before[keyPath: flag.path] {
            text += "\(flag.name) \(cell[keyPath: flag.path] ? 1 : 0)\n"
        }
        if cell.station != before.station { text += "station \(cell.station.rawValue)\n" }
        if cell.frames != before.frames { text += "frames \(cell.frames)\n" }
        if cell.buffer.last?.pixels != before.buffer.last?.pixels, let last = cell.buffer.last {
            text += "buffer \(words(last))\n"
        }
        if cell.punching?.card != before.punching?.card {
            text += "punching \(cell.punching.map { "\($0.card) \($0.blank)" } ?? "-")\n"
        }
    }

    /// One card more or less is said in a few words, whatever lies in the box.
    private static func change(_ now: [Int], _ old: [Int]) -> String {
        let first = zip(now, old).enumerated().first { $1.0 != $1.1 }?.offset ?? min(now.count, old.count)
        if now.count == old.count + 1, now[(first + 1)...] == old[first...] { return "+ \(first) \(now[first])" }
        if now.count + 1 == old.count, now[first...] == old[(first + 1)...] { return "- \(first) \(old[first])" }
        return "= " + now.map(String.init).joined(separator: ",")
    }

    // MARK: reading

    /// False for a line that nobody here wrote.
    static func apply(_ line: Substring.UTF8View, cell: Int, to state: inout World.State) -> Bool {
        let words = line.split(separator: UInt8(ascii: " ")).map { String(Substring($0)) }
        switch words[0] {
        case ".": return true
        case "card": return card(words, &state)
        case "chip": return chip(words, &state)
        case "ink":
            guard words.count == 5, let number = Int(words[1]), let raster = raster(words.dropFirst(2)) else {
                return false
            }
            state.cards[number - 1].ink.append(raster)
            return true
        case "fault":
            state.faults[words[1]] = Int(words[2])
            return true
        default: return place(words, &state.cells[cell])
        }
    }

    private static func card(_ words: [String], _ state: inout World.State) -> Bool {
        guard words.count >= 3, Int(words[1]) == state.cards.count + 1 else { return false }
        var card = Card(number: state.cards.count + 1, chip: ChipIdentity(words[2]))
        card.foreign = words.count > 3
        state.cards.append(card)
        return true
    }

    private static func chip(_ words: [String], _ state: inout World.State) -> Bool {
        guard words.count >= 4, let number = Int(words[1]), number <= state.cards.count else { return false }
        state.cards[number - 1].answers = words[2] == "answers"
        state.cards[number - 1].killed = words[3] == "killed"
        guard words.count == 7 else { return words.count == 4 }
        state.cards[number - 1].document = Card.Document(
            mrz: words[6].split(separator: "|").map(String.init), sodHash: Bytes(hex: words[5]) ?? [],
            complete: words[4] == "whole")
        return true
    }

    private static func raster(_ words: ArraySlice<String>) -> PanelRaster? {
        let words = Array(words)
        guard words.count == 3, let side = CardSide(rawValue: words[0]), let panel = Panel(rawValue: words[1]) else {
            return nil
        }
        let pixels = words[2].utf8.map { $0 == UInt8(ascii: "|") ? 10 : $0 }
        return PanelRaster(side: side, panel: panel, width: pixels.count, height: 1, pixels: pixels)
    }

    private static func place(_ words: [String], _ cell: inout PhysicalCell) -> Bool {
        if let list = PhysicalCell.lists.first(where: { $0.name == words[0] }) {
            return change(Array(words.dropFirst()), &cell[keyPath: list.path])
        }
        guard words.count >= 2 else { return false }
        if let spot = PhysicalCell.spots.first(where: { $0.name == words[0] }) {
            cell[keyPath: spot.path] = Int(words[1])
        } else if let count = PhysicalCell.counts.first(where: { $0.name == words[0] }), let value = Int(words[1]) {
            cell[keyPath: count.path] = value
        } else if let flag = PhysicalCell.flags.first(where: { $0.name == words[0] }) {
            cell[keyPath: flag.path] = words[1] == "1"
        } else {
            return other(words, &cell)
        }
        return true
    }

    private static func other(_ words: [String], _ cell: inout PhysicalCell) -> Bool {
        switch words[0] {
        case "station":
            guard let station = PrinterStation(rawValue: words[1]) else { return false }
            cell.station = station
        case "frames": cell.frames = UInt64(words[1]) ?? 0
        case "buffer":
            guard let raster = raster(words.dropFirst()) else { return false }
            cell.buffer = [raster]
        case "punching":
            cell.punching = words.count == 3 ? Int(words[1]).map { (card: $0, blank: words[2]) } : nil
        default: return false
        }
        return true
    }

    private static func change(_ words: [String], _ list: inout [Int]) -> Bool {
        switch words.first {
        case "=": list = words.count < 2 ? [] : words[1].split(separator: ",").compactMap { Int($0) }
        case "+":
            guard words.count == 3, let index = Int(words[1]), let card = Int(words[2]), index <= list.count else {
                return false
            }
            list.insert(card, at: index)
        case "-":
            guard words.count == 3, let index = Int(words[1]), index < list.count, list[index] == Int(words[2]) else {
                return false
            }
            list.remove(at: index)
        default: return false
        }
        return true
    }
}
