import Foundation
import Ground
import Ledger
import Stations

/// The pictures of one card: the reference, and what the camera saw, on one raster.
struct LookPictures: Sendable {
    enum Kind: String, CaseIterable {
        case drawn, seen, capture, annotated

        var ending: String { self == .seen || self == .capture ? "jpg" : "png" }
        var type: String { self == .seen || self == .capture ? "image/jpeg" : "image/png" }
    }

    /// A folder and the first part of the files' names: `NAME-front-seen.jpg`.
    let folder: String
    let name: String

    /// Nil for a name that is no plain file name: it may come from a person.
    init?(folder: String, name: String) {
        guard LookPictures.isPlain(name) else { return nil }
        self.folder = folder
        self.name = name
    }

    static func isPlain(_ name: String) -> Bool {
        !name.isEmpty && name.utf8.count <= 80 && !name.hasPrefix(".")
            && name.utf8.allSatisfy { byte in
                (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
                    || [45, 46, 95].contains(byte)
            }
    }

    private func path(_ side: CardSide, _ what: String, _ ending: String) -> String {
        "\(folder)/\(name)-\(side.rawValue)-\(what).\(ending)"
    }

    func has(_ side: CardSide, _ kind: Kind) -> Bool {
        FileManager.default.fileExists(atPath: path(side, kind.rawValue, kind.ending))
    }

    func reply(_ side: CardSide, _ kind: Kind) -> Reply? {
        FileManager.default.contents(atPath: path(side, kind.rawValue, kind.ending)).map {
            Reply(type: kind.type, body: Bytes($0))
        }
    }

    /// What the camera saw, laid on the artwork's raster where a card was found in the frame.
    func seen(_ side: CardSide) -> Kind? { [.seen, .capture].first { has(side, $0) } }

    /// The places of the machine's findings, in thousandths of the picture.
    func findings(_ side: CardSide) -> [JSONValue] {
        guard let data = FileManager.default.contents(atPath: path(side, "findings", "json")),
            let found = try? JSONValue(parsing: Bytes(data))
        else { return [] }
        return found["findings"]?.array ?? []
    }

    /// `front-seen`.
    static func parts(_ picture: String) -> (CardSide, Kind)? {
        let parts = picture.split(separator: "-").map(String.init)
        guard parts.count == 2, let side = CardSide(rawValue: parts[0]), let kind = Kind(rawValue: parts[1]) else {
            return nil
        }
        return (side, kind)
    }
}

extension Console {
    /// Nil where none are kept: pictures of people never are, only a training line names a folder.
    func pictures(of attempt: AttemptID, on line: LineID) throws(SakkError) -> LookPictures? {
        let line = try self.line(line.rawValue)
        guard line.isTraining, let folder = line.pictures else { return nil }
        return LookPictures(folder: folder, name: attempt.rawValue)
    }

    func pictures(of item: LookItem) async throws(SakkError) -> LookPictures? {
        switch item {
        case .card(let card, let line): return try pictures(of: card.attempt, on: line)
        case .audit(let task):
            if let attempt = try await books.attempts(.attempt(AttemptID(task.item))).first {
                return try pictures(of: attempt.attempt, on: attempt.line)
            }
            return settings.auditPictures.flatMap { LookPictures(folder: $0, name: task.item) }
        }
    }
}
