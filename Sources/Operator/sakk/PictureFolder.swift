import Foundation
import Ground
import Ledger
import Stations

/// Pictures of SPECIMEN documents, by attempt: `<attempt>-<side>-<what>.png`.
enum PictureFolder {
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
