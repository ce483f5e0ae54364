import ArgumentParser
import Catalog
import Connectors
import Foundation
import Ground
import Ledger
import OpenSSLCrypto
import Records
import Shipping
import Stations

struct DispatchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dispatch", abstract: "From the good box to the holder: pack, box, seal, hand over, deliver.",
        discussion: """
            Each act is one scan and one row of the journal. What is refused changes nothing, is named by its code, ends \
            with 1, and stands in the journal too.
            """,
        subcommands: [
            DispatchPackCommand.self, DispatchBoxCommand.self, DispatchBagCommand.self,
            DispatchConsignmentCommand.self, DispatchSealCommand.self, DispatchHandOverCommand.self,
            DispatchArriveCommand.self, DispatchReceiveCommand.self, DispatchOutCommand.self,
            DispatchCodeCommand.self, DispatchDeliverCommand.self, DispatchFailedCommand.self,
            DispatchReturnCommand.self, DispatchSetAsideCommand.self, DispatchRerouteCommand.self,
            DispatchLostCommand.self, DispatchFoundCommand.self, DispatchStatusCommand.self,
            DispatchManifestCommand.self, DispatchCheckCommand.self, DispatchNumbersCommand.self,
            DispatchScanCommand.self,
        ])
}

/// Options of every act of logistics.
struct DispatchOptions: ParsableArguments {
    @OptionGroup var line: LineOptions
    @Option(name: .customLong("by"), help: "Who is answerable in the journal.") var person: String
    @Option(help: "Folder with logistics/*.yaml and offices.json.") var seeds = "seeds"
    @Flag(help: "One JSON object.") var json = false

    func table() async throws(SakkError) -> DispatchTable {
        let profile = try line.profile()
        let books = try await line.openLedger(profile)
        let product = try ProductProfile(folder: profile.profile)
        let intake = BooksIntake(books, actor: person, product: product)
        let standing = try profile.standing.map { path throws(SakkError) in
            try StandingConfiguration(path: path).standing(books: intake, time: SystemTime())
        }
        let desk = ShippingDesk(
            books: books, plan: try LogisticsPlan(seeds: seeds),
            verification: RecordVerifier(trust: try Certificates.read(all: profile.trust.approval)), standing: standing)
        return DispatchTable(desk: desk, books: books, person: person)
    }

    /// JSON for programs on stdout, or words for people on stderr.
    func say(_ value: JSONValue, _ words: String) {
        if json { print(value.document(schema: "sakk.dispatch-act/1")) } else { Words.say(words) }
    }
}

/// Two people who stand there.
struct DispatchPeople: ParsableArguments {
    @Option(help: "One of the two.") var first: String
    @Option(help: "The other.") var second: String

    func people() throws(SakkError) -> TwoPeople { try TwoPeople(first, second) }
}

/// What signs labels and manifests: an EC key of the plant.
struct DispatchKey: ParsableArguments {
    @Option(help: "EC key (PEM) that signs the QR code; without one there is none.") var key: String?

    func signer() throws(SakkError) -> PrivateKey? {
        try key.map { path throws(SakkError) in try Certificates.key(path) }
    }
}

/// What a packing table does, whoever asks: one command or a scanner.
struct DispatchTable: Sendable {
    let desk: ShippingDesk
    let books: Books
    let person: String

    /// A label that cannot be read is a refusal too, and stands in the journal.
    func scan(_ text: String, for act: String) async throws(SakkError) -> ScannedCode {
        do throws(SakkError) {
            return try ScannedCode(text)
        } catch {
            try await books.refused(ScanNote(act: act, items: ["?"]), error, by: person)
            throw error
        }
    }

    func container(_ text: String, for act: String) async throws(SakkError) -> SSCC {
        let scan = try await scan(text, for: act)
        guard case .container(let number) = scan else {
            let error = Refusal.scanKind.error(scan)
            try await books.refused(ScanNote(act: act, items: [scan.description]), error, by: person)
            throw error
        }
        return number
    }

    func address(_ route: String, _ place: String) throws(SakkError) -> ShippingAddress {
        guard let route = ApprovedRecord.DeliveryRoute(rawValue: route) else {
            throw Refusal.unknownRoute.error(route)
        }
        return ShippingAddress(route: route, place: PlaceID(place))
    }

    func reason(_ word: String) throws(SakkError) -> ReturnReason {
        guard let reason = ReturnReason(rawValue: word) else {
            throw SakkError(
                "dispatch.reason", source: "dispatch", subject: word, text: "This is no reason of return.",
                remedy: "One of: \(ReturnReason.allCases.map(\.rawValue).joined(separator: ", ")).")
        }
        return reason
    }

    /// Names for a label: the governorate and the place, as far as all that lies in it has them in common.
    func names(_ target: Target) -> [PlaceNames] {
        let plan = desk.plan
        let region = target.region.flatMap { iso in plan.governorates.first { $0.iso == iso }?.names }
        return [region, target.place.flatMap { plan.places[$0]?.names }].compactMap { $0 }
    }
}
