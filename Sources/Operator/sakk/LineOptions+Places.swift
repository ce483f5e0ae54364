import Catalog
import Foundation
import Ground

extension LineOptions {
    /// The folders in which ledger and vault are to lie. On a training line they are made. On a production line they are
    /// there, or the disk is not: books begun anew on another one would know nothing of what was made.
    ///
    /// Throws `config.folder.missing`.
    func demandPlaces(_ profile: LineProfile) throws(SakkError) {
        var paths: [String] = []
        let ledger = ledgerPath(profile)
        if !ledger.contains("://") { paths.append(ledger) }
        if let vault = ProcessInfo.processInfo.environment["SAKK_VAULT"] {
            paths.append(vault)
        } else if case .folder(let vault) = profile.keys.vault {
            paths.append(vault)
        }
        for path in paths {
            let folder = URL(fileURLWithPath: path).standardizedFileURL.deletingLastPathComponent().path
            var isFolder: ObjCBool = false
            if FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder), isFolder.boolValue { continue }
            if profile.mode == .training,
                (try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)) != nil
            {
                continue
            }
            throw SakkError(
                "config.folder.missing", source: profile.path, subject: folder,
                text: "The folder in which ledger or vault are to lie is not there.",
                remedy: "Mount its disk; or, for a new line, make the folder with the controller's owner.")
        }
    }
}
