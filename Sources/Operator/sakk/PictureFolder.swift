import Foundation
import Ground
import Stations

/// Pictures of SPECIMEN documents, by attempt: `<attempt>-<side>-<what>.png`.
enum PictureFolder {
    static func path(
        of attempt: AttemptID, _ side: CardSide, _ what: String, ending: String = "png", in folder: String
    ) -> String {
        "\(folder)/\(attempt.rawValue)-\(side.rawValue)-\(what).\(ending)"
    }

    /// The pictures that a report shows, front first, as far as they are there: with findings drawn, else as captured.
    static func thumbnails(of attempt: AttemptID, in folder: String) -> [String] {
        CardSide.allCases.compactMap { side in
            ["annotated", "thumbnail"].map { path(of: attempt, side, $0, in: folder) }
                .first { FileManager.default.fileExists(atPath: $0) }
        }
    }
}
