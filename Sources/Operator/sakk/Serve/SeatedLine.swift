import Cameras
import Catalog
import Connectors
import Console
import Foundation
import Ground
import Ledger
import Line
import OpenSSLCrypto
import Stations

/// A line whose controller may run in this process: the console's hand on it.
actor SeatedLine: ServedLine {
    nonisolated let id: LineID
    nonisolated let cells: [CellID]
    nonisolated let product: String
    nonisolated let stock: String
    nonisolated let isTraining: Bool
    nonisolated let pictures: String?
    nonisolated let targetPerHour: Int?
    nonisolated let countsBlanks: Bool

    private let profile: LineProfile
    private let profileOfProduct: ProductProfile
    private let options: LineOptions
    private let books: Books
    private var running: LineController?
    private var work: Task<Void, Never>?
    private var isEnding = false
    private var failure: SakkError?

    init(options: LineOptions, books: Books, targetPerHour: Int?) throws(SakkError) {
        let profile = try options.profile()
        let product = try ProductProfile(folder: profile.profile)
        self.options = options
        self.books = books
        self.profile = profile
        self.targetPerHour = targetPerHour
        profileOfProduct = product
        id = profile.id
        cells = profile.cells.map(\.id)
        self.product = product.product
        stock = product.blankStock
        isTraining = profile.mode == .training
        pictures = options.picturesPath(profile)
        countsBlanks = product.blankIdentity != .engraved
    }

    func ask(_ word: LineCommand.Word, cell: CellID?, by person: String, facts: [String: JSONValue])
        async throws(SakkError) -> CommandAnswer
    {
        let (profile, product, options, books) = (profile, profileOfProduct, options, books)
        let wrongCards = try options.wrongCards(profile)
        return try await LineDesk(profile: profile, store: books).ask(word, cell: cell, by: person, facts: facts) {
            () throws(SakkError) in
            let builder = CellBuilder(line: profile, product: product, pictures: nil, wrongCards: wrongCards)
            return LineController(
                cells: try builder.cells(options, actor: person), store: books, desk: try builder.desk())
        }
    }

    /// From the line's file and the certificates alone: no key is opened for a page.
    func keys() throws(SakkError) -> [ServedKey] {
        var keys: [ServedKey] = []
        for signer in profile.keys.documentSigners {
            let certificate = try Certificates.read(signer.certificate)
            let period = certificate.privateKeyUsage
            keys.append(
                ServedKey(
                    use: .documentSigner, place: SeatedLine.words(signer.key),
                    certificate: Digest.sha256(certificate.der).hex, subject: certificate.subject, from: period.from,
                    until: period.until, attemptsMax: signer.attemptsMax))
        }
        if let seal = profile.keys.seal { keys.append(ServedKey(use: .seal, place: SeatedLine.words(seal.key))) }
        keys.append(ServedKey(use: .transportMaster, place: SeatedLine.words(profile.keys.transportMaster)))
        let vault =
            switch profile.keys.vault {
            case .folder(let path): String(path.split(separator: "/").last ?? "")
            case .token(_, let label, _): label
            }
        keys.append(ServedKey(use: .vault, place: vault))
        return keys
    }

    /// From the line's file and the references' own: no camera is opened for a page.
    func cameras() -> [ServedCamera] {
        profile.cells.map { cell in
            let model = cell.cameraModel.split(separator: "/").last.map { String($0).replacing(".yaml", with: "") }
            return ServedCamera(cell: cell.id, model: model ?? "", white: SeatedLine.white(cell.cameraWhite))
        }
    }

    private static func white(_ path: String?) -> ServedCamera.White {
        guard let path else { return .none }
        guard let bytes = FileBytes.read(path),
            let reference = (try? JSONValue(parsing: bytes)).flatMap(WhiteReference.init),
            let written = (try? FileManager.default.attributesOfItem(atPath: path))?[.modificationDate] as? Date
        else { return .unreadable }
        return .taken(
            WallTime(microseconds: Int64(written.timeIntervalSince1970 * 1_000_000)),
            evenness: reference.evenness.field)
    }

    /// The token and the key's label, or the file's name: where the program's files lie is nobody's affair on a page.
    private static func words(_ place: LineProfile.KeyPlace) -> String {
        switch place {
        case .file(let path): String(path.split(separator: "/").last ?? "")
        case .token(_, let token, _, let label, _): "\(token)/\(label)"
        }
    }

    func controller() -> LineHand { LineHand(works: work != nil, isEnding: isEnding, failure: failure) }

    func begin(by person: String) async throws(SakkError) {
        guard work == nil else { throw taken("this console") }
        if let holder = try await books.holder(of: id), holder.works, holder.host != ProcessInfo.processInfo.hostName {
            throw taken(holder.host)
        }
        let pictures = try options.cardPictures(profile, books)
        let intake = BooksIntake(books, actor: person, product: profileOfProduct)
        let standing = try profile.standing.map { path throws(SakkError) in
            try StandingConfiguration(path: path).standing(books: intake, time: SystemTime())
        }
        let builder = CellBuilder(
            line: profile, product: profileOfProduct, pictures: pictures, standing: standing,
            wrongCards: try options.wrongCards(profile), sealFolder: try options.wrongCards(profile).folder,
            signed: try await books.read(SignerUseQuery()),
            signedNow: { [books] () async throws(SakkError) in try await books.read(SignerUseQuery()) })
        let cells = try builder.cells(options, actor: person)
        // two people may have asked while the devices' files were read
        guard work == nil else { throw taken("this console") }
        let controller = LineController(cells: cells, store: books, desk: try builder.desk())
        running = controller
        failure = nil
        isEnding = false
        work = Task { [weak self] in
            var failure: SakkError?
            do throws(SakkError) {
                _ = try await controller.run(acknowledgedBy: nil, until: .asked)
            } catch {
                failure = error
            }
            for cell in cells {
                await cell.stations.printer.disconnect()
                await cell.stations.chip.disconnect()
                await cell.stations.camera.disconnect()
            }
            // what ended the run is told, not that the line could not be given back for the same reason
            try? await controller.release()
            await self?.ended(failure)
        }
    }

    /// Removes pictures of people's documents that nobody needs any more.
    func sweep() async throws(SakkError) {
        try await options.cardPictures(profile, books)?.sweep(books, now: SystemTime().wall())
    }

    private func taken(_ place: String) -> SakkError {
        SakkError(
            "line.running", source: "line \(id)", text: "A controller works on this line already, at \(place).",
            remedy: "Wait for it or end it.")
    }

    private func ended(_ error: SakkError?) {
        failure = error
        work = nil
        running = nil
        isEnding = false
    }

    func end(by person: String) async throws(SakkError) {
        guard let controller = running else {
            throw SakkError(
                "line.stopped", source: "line \(id)", text: "No controller of this console works on the line.",
                remedy: "End it where it runs.")
        }
        isEnding = true
        await controller.stop()
    }

    /// Ends with the program: the cards in the machines are finished first.
    func finish() async {
        isEnding = true
        await running?.stop()
        await work?.value
    }
}
