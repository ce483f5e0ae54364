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
    /// Opens pictures of people's documents, `NAME-front-seen.jpg.sealed`; nil for SPECIMEN, which lie open.
    let opener: Books?

    /// Nil for a name that is no plain file name: it may come from a person.
    init?(folder: String, name: String, opener: Books? = nil) {
        guard LookPictures.isPlain(name) else { return nil }
        self.folder = folder
        self.name = name
        self.opener = opener
    }

    static func isPlain(_ name: String) -> Bool {
        !name.isEmpty && name.utf8.count <= 80 && !name.hasPrefix(".")
            && name.utf8.allSatisfy { byte in
                (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
                    || [45, 46, 95].contains(byte)
            }
    }

    /// Names of the sets in a folder that have a reference and what was seen, of one side at least.
    static func sets(_ folder: String) -> [String] {
        let files = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        let names = files.compactMap { file in
            CardSide.allCases.lazy.compactMap { side -> String? in
                let ending = "-\(side.rawValue)-drawn.png"
                return file.hasSuffix(ending) ? String(file.dropLast(ending.count)) : nil
            }.first
        }
        return Set(names).sorted().filter { name in
            guard let pictures = LookPictures(folder: folder, name: name) else { return false }
            return CardSide.allCases.contains { pictures.seen($0) != nil && pictures.has($0, .drawn) }
        }
    }

    private func file(_ side: CardSide, _ what: String, _ ending: String) -> String {
        "\(name)-\(side.rawValue)-\(what).\(ending)"
    }

    private func path(_ side: CardSide, _ kind: Kind) -> String {
        "\(folder)/\(file(side, kind.rawValue, kind.ending))\(opener == nil ? "" : ".sealed")"
    }

    func has(_ side: CardSide, _ kind: Kind) -> Bool { FileManager.default.fileExists(atPath: path(side, kind)) }

    /// Nil where none is kept, and when the record was forgotten.
    func reply(_ side: CardSide, _ kind: Kind) async throws(SakkError) -> Reply? {
        guard let data = FileManager.default.contents(atPath: path(side, kind)) else { return nil }
        guard let opener else { return Reply(type: kind.type, body: Bytes(data)) }
        let picture = try await opener.openPicture(
            Bytes(data), named: file(side, kind.rawValue, kind.ending), of: AttemptID(name))
        return picture.map { Reply(type: kind.type, body: $0) }
    }

    /// What the camera saw, laid on the artwork's raster where a card was found in the frame.
    func seen(_ side: CardSide) -> Kind? { [.seen, .capture].first { has(side, $0) } }

    /// The places of the machine's findings, in thousandths of the picture.
    func findings(_ side: CardSide) -> [JSONValue] {
        guard let data = FileManager.default.contents(atPath: "\(folder)/\(file(side, "findings", "json"))"),
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
    /// Nil where none are kept. Those of people's documents are there for as long as the record is.
    func pictures(of attempt: AttemptID, on line: LineID) async throws(SakkError) -> LookPictures? {
        let line = try self.line(line.rawValue)
        guard let folder = line.pictures else { return nil }
        guard !line.isTraining else { return LookPictures(folder: folder, name: attempt.rawValue) }
        // forgotten, or no longer anybody's to look at, whether the files are swept already or not
        guard try await books.read(UnneededPicturesQuery([attempt], now: time.wall())).isEmpty else { return nil }
        return LookPictures(folder: folder, name: attempt.rawValue, opener: books)
    }

    func pictures(of item: LookItem) async throws(SakkError) -> LookPictures? {
        switch item {
        case .card(let card, let line): return try await pictures(of: card.attempt, on: line)
        case .audit(let task):
            if let attempt = try await books.attempts(.attempt(AttemptID(task.item))).first {
                return try await pictures(of: attempt.attempt, on: attempt.line)
            }
            return settings.auditPictures.flatMap { LookPictures(folder: $0, name: task.item) }
        }
    }
}
