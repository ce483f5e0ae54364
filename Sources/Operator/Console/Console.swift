import Foundation
public import Ground
public import Ledger
public import OpenSSLCrypto
public import Shipping
import Synchronization

/// What a console serves, and to whom.
public struct ConsoleSettings: Sendable {
    /// The browser comes over TLS: cookies are sent nowhere else.
    public var isSecure: Bool
    /// Minutes that the plant's wall clock is east of Greenwich.
    public var offsetMinutes = 180
    public var times = SessionTimes()
    /// Names the console in the journal.
    public var name = "console"
    /// Texts of the reasons that machines give, by code and language (`ar`, `ckb`, `en`).
    public var reasons: [String: [String: String]] = [:]
    /// What the products' profiles say of priority and numbers, by product.
    public var products: [String: ProductTerms] = [:]
    /// How long an inspector looks at cards without a pause.
    public var inspection = InspectionTimes()
    /// The codes that a person may reject a card with, in the order in which they are offered.
    public var rejects: [String] = []
    /// Folder with sets of pictures that have a known defect, to see how well inspectors see: `NAME-front-drawn.png`,
    /// `NAME-front-seen.jpg` and so on.
    public var auditPictures: String?
    /// Who may sign in with a certificate; nil: nobody.
    public var clientTrust: ClientTrust?
    /// The port that asks browsers for a certificate, once it is known.
    public var certificatePort: KnownPort?
    /// Folder with `pages`, `assets` and `languages`, in place of the program's own.
    public var resources: String?

    public init(isSecure: Bool) { self.isSecure = isSecure }
}

/// What two people may decide about a product's records.
public struct ProductTerms: Sendable, Hashable {
    /// Head start of each priority class, in microseconds.
    public let headStarts: [String: Int64]
    /// A document that is made again has another number than before.
    public let isRenumbered: Bool
    /// In which order its records are taken.
    public let order: QueueOrder

    public init(headStarts: [String: Int64], isRenumbered: Bool, order: QueueOrder) {
        self.headStarts = headStarts
        self.isRenumbered = isRenumbered
        self.order = order
    }
}

/// A port that is known when its listener listens.
public final class KnownPort: Sendable {
    private let port = Mutex<Int?>(nil)
    public init() {}
    public var value: Int? {
        get { port.withLock { $0 } }
        set { port.withLock { $0 = newValue } }
    }
}

/// The pages of the plant and the API beside them: answers one request after another, and knows no web framework.
public final class Console: Sendable {
    let books: Books
    let lines: [any ServedLine]
    /// The packing table; nil where no logistics plan was named.
    let shipping: ShippingDesk?
    /// The plant's dispatch key: signs labels, manifests and the addressee's QR. Nil: papers bear no QR.
    let signer: (any SigningKey)?
    let settings: ConsoleSettings
    let time: any TimeSource
    let catalogue: Catalogue
    let templates: Templates
    let assets: Assets
    let sessions: Sessions
    let throttle: Throttle
    let knocks: Knocks
    let hub: LiveHub
    let figures: FigureCache
    let meter = ConsoleMeter()
    let asked = AskedForms()
    private let table = Mutex<[Route]?>(nil)

    /// Throws `console.language`, `console.template` or `console.assets` when its own texts are not whole, and
    /// `shipping.signer` for a dispatch key whose signatures no phone could check.
    public init(
        books: Books, lines: [any ServedLine], shipping: ShippingDesk? = nil, signer: (any SigningKey)? = nil,
        settings: ConsoleSettings, time: any TimeSource = SystemTime()
    ) throws(SakkError) {
        let folder = settings.resources ?? Console.resources.appendingPathComponent("Resources").path
        self.books = books
        self.lines = lines
        self.shipping = shipping
        if let signer { _ = try PhoneKey(info: try signer.publicKeyInfo()) }
        self.signer = signer
        self.settings = settings
        self.time = time
        catalogue = try Catalogue(folder: folder + "/languages", reasons: settings.reasons)
        templates = try Templates(folder: folder + "/pages", catalogue: catalogue)
        assets = try Assets(folder: folder + "/assets")
        sessions = Sessions(times: settings.times, time: time)
        throttle = Throttle(time: time)
        knocks = Knocks(time: time)
        // how far the books are, and whether a controller of this process works: that ends without a row of its own
        let figures = FigureCache(books: books, time: time)
        self.figures = figures
        hub = LiveHub(grew: { await figures.grew() }, isDue: { await figures.isDue() }) {
            guard var sum = try? await books.read(GrowthQuery()) else { return nil }
            for line in lines {
                let hand = await line.controller()
                sum = sum &* 4 &+ (hand.works ? 2 : 0) &+ (hand.isEnding ? 1 : 0)
            }
            return sum
        }
    }

    /// Every route, in the order in which they are tried.
    public var routes: [Route] {
        table.withLock { table in
            if let table { return table }
            let made =
                signInRoutes() + plantRoutes() + lineRoutes() + queueRoutes() + batchRoutes() + shiftRoutes()
                + stockRoutes()
                + peopleRoutes() + journalRoutes() + heldRoutes() + inspectRoutes()
                + voidRoutes() + dispatchRoutes() + arrivalRoutes()
                + handoverRoutes()
                + astrayRoutes() + remakeRoutes() + approvalRoutes() + alarmRoutes() + recallRoutes()
                + keyRoutes() + serviceRoutes()
            table = made
            return made
        }
    }

    /// The folder of the program's own resources.
    static var resources: URL { Bundle.module.bundleURL }

    var clock: Clock { Clock(offsetMinutes: settings.offsetMinutes) }

    func wording(_ look: Look) -> Wording { Wording(catalogue: catalogue, look: look, clock: clock) }

    /// The line of this name. `console.line.unknown` when this console does not serve it.
    func line(_ name: String) throws(SakkError) -> any ServedLine {
        guard let line = lines.first(where: { $0.id.rawValue == name }) else { throw Console.unknown("line", name) }
        return line
    }

    func cell(_ name: String, of line: any ServedLine) throws(SakkError) -> CellID {
        guard let cell = line.cells.first(where: { $0.rawValue == name }) else { throw Console.unknown("cell", name) }
        return cell
    }

    static func unknown(_ what: String, _ name: String) -> SakkError {
        SakkError(
            "console.unknown", source: "console", subject: name, text: "There is no \(what) of this name here.",
            remedy: "Go back and choose one that is shown.")
    }
}
