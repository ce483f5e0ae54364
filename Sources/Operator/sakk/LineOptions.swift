import ArgumentParser
import Catalog
import Foundation
import Ground
import KeyVault
import Ledger
import Line
import OpenSSLCrypto
import Stations

/// Options of every command that works on a line.
struct LineOptions: ParsableArguments {
    @Option(help: "The line's configuration (YAML).")
    var line: String

    @Option(help: "The ledger file, in place of the configured one (SAKK_LEDGER).")
    var ledger: String?

    @Option(help: "The folder for pictures of cards, in place of the configured one (SAKK_PICTURES).")
    var pictures: String?

    func profile() throws(SakkError) -> LineProfile { try LineProfile(path: line) }

    func ledgerPath(_ profile: LineProfile) -> String {
        ledger ?? ProcessInfo.processInfo.environment["SAKK_LEDGER"] ?? profile.ledger
    }

    func picturesPath(_ profile: LineProfile) -> String? {
        pictures ?? ProcessInfo.processInfo.environment["SAKK_PICTURES"] ?? profile.pictures
    }

    func configuration(
        _ profile: LineProfile, _ product: ProductProfile, cell: CellID, firmware: [String]? = nil, actor: String
    ) -> LineConfiguration {
        var configuration = LineConfiguration(
            line: profile.id, cell: cell, product: product.product, stock: product.blankStock, actor: actor)
        configuration.host = ProcessInfo.processInfo.hostName
        configuration.quotas = product.quotas
        configuration.deadlines = product.deadlines
        configuration.mode = profile.mode == .production ? .production : .training
        configuration.ribbon = product.ribbon.isEmpty ? nil : product.ribbon
        if product.numberSource == .blank {
            configuration.booklets = product.blankCategory.map { BookletRule(category: $0) }
        }
        configuration.renumbersRemakes = product.numberSource == .record && product.numberOnRemake == .new
        // on a bench the model's file may let another firmware be tried, in production nothing does
        if profile.mode == .production, let firmware {
            configuration.knownFirmware = Set(firmware.isEmpty ? ["none"] : firmware)
        }
        if let lease = profile.lease {
            configuration.leaseDuration = lease.duration
            configuration.leaseMargin = lease.margin
        }
        configuration.commandsEvery = 300_000
        return configuration
    }

    /// Beside a ledger that is a file; with a server, in the folder of this host.
    func wrongCards(_ profile: LineProfile) throws(SakkError) -> WrongCardFile {
        let ledger = ledgerPath(profile)
        guard !ledger.contains("://") else { return try WrongCardFile(folder: nil) }
        return try WrongCardFile(folder: URL(fileURLWithPath: ledger).deletingLastPathComponent().path)
    }

    /// Opens the books of the line, making them at the first start.
    func openLedger(_ profile: LineProfile) async throws(SakkError) -> Books {
        try demandPlaces(profile)
        let url = ledgerPath(profile)
        let vault = try weekKeys(profile)
        return try await Books.open(url, keys: vault, time: SystemTime())
    }

    /// The line set up for one of its products: the named one, else the one whose blanks lie in a hopper, else the first.
    func setUp(_ profile: LineProfile, for name: String?, _ store: any LedgerStore) async throws(SakkError)
        -> LineProfile
    {
        guard !profile.otherProfiles.isEmpty || name != nil else { return profile }
        var stocks: Set<String> = []
        for cell in profile.cells where name == nil {
            // a blank's name begins with its stock type, in which there is no colon
            stocks.formUnion(
                try await store.blanks(.hopper(profile.id, cell.id, limit: 1)).map { blank in
                    String(blank.blank.rawValue.prefix { $0 != ":" })
                })
        }
        for folder in [profile.profile] + profile.otherProfiles {
            let product = try ProductProfile(folder: folder)
            guard name.map({ $0 == product.product }) ?? stocks.contains(product.blankStock) else { continue }
            return profile.setUp(for: folder) ?? profile
        }
        guard let name else { return profile }
        throw SakkError(
            "config.missing", source: profile.path, subject: name, text: "The line makes no product of this name.",
            remedy: "Name its folder in `profile` or `other_profiles`.")
    }

    /// The vault that the line names. It is set up with the books, never when books are there already: a new one could
    /// not open their records.
    func weekKeys(_ profile: LineProfile) throws(SakkError) -> any WeekKeys {
        let folder = ProcessInfo.processInfo.environment["SAKK_VAULT"].map { LineProfile.Vault.folder($0) }
        let keys: any WeekKeys =
            switch folder ?? profile.keys.vault {
            case .folder(let path): try FileWeekKeys(folder: path)
            case .token(let module, let label, let pinFile):
                PKCS11WeekKeys(module: module, tokenLabel: label, pin: .file(pinFile))
            }
        return keys
    }
}

/// Keys in files, for test PKI and one controller; the vault takes their place.
enum KeyFile {
    /// Hexadecimal digits of a key.
    static func read(_ path: String, bytes count: Int) throws(SakkError) -> SecretBytes {
        guard let text = FileBytes.read(path) else {
            throw SakkError(
                "keys.missing", source: path, text: "The key file cannot be read.",
                remedy: "Check the path in the line's configuration and the permissions.")
        }
        let digits = String(decoding: text, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
        guard var key = Bytes(hex: digits), key.count == count else {
            throw SakkError(
                "keys.malformed", source: path, text: "The key file must hold \(count) bytes as hexadecimal digits.",
                remedy: "Write the file anew.")
        }
        return SecretBytes(wiping: &key)
    }
}
