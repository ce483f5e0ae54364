import Foundation
import Ground
import Ledger
import Stations

/// Pictures of cards, by attempt: `<attempt>-<side>-<what>.png`; those of people's documents are sealed and say so.
enum PictureFolder {
    static let sealed = ".sealed"

    /// Every file that belongs to an attempt: its id is a production's and a number, `<id>-<n>-`.
    static func files(in folder: String) -> [(name: String, attempt: AttemptID)] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.sorted().compactMap { name in
            let parts = name.split(separator: "-", maxSplits: 2)
            guard parts.count == 3, parts[1].allSatisfy(\.isNumber) else { return nil }
            return (name, AttemptID("\(parts[0])-\(parts[1])"))
        }
    }

    static func path(
        of attempt: AttemptID, _ side: CardSide, _ what: String, ending: String = "png", in folder: String
    ) -> String {
        "\(folder)/\(attempt.rawValue)-\(side.rawValue)-\(what).\(ending)"
    }

    /// The pictures that a report shows, front first, as far as they are there: of a good card as the camera saw it, of
    /// another with what was found drawn on it.
    static func thumbnails(of attempt: AttemptReport, in folder: String) -> [String] {
        let kinds = attempt.state == .produced ? ["thumbnail"] : ["annotated", "thumbnail"]
        return CardSide.allCases.compactMap { side in
            kinds.map { path(of: attempt.attempt, side, $0, in: folder) }
                .first { FileManager.default.fileExists(atPath: $0) }
        }
    }
}
