import ArgumentParser
import Console
import Ground
import Ledger
import Line
import OpenSSLCrypto
import Stations

struct BenchConsoleCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "console",
        abstract: "How soon a change is on the screen, what open pages cost, what pages weigh and take.",
        discussion: """
            Console, client and the controller of a line that makes cards all the while (--card-ms for each in each cell, \
            stations in memory) are this process, on loopback without TLS; the client's own thread is left out of the \
            cost. A change is a hundred blanks that come into a hopper: from the end of the transaction until an event \
            that shows them is with each open page. The baseline of the same run is a route of the web framework that answers as many bytes and \
            does nothing. Ends with 5 when a limit of issue 7 is not kept: 200 ms for a change, 10 % of a core for the \
            open pages, 100 kB and 300 ms for a page.
            """)

    @Option(help: "Open pages.") var pages = 100
    @Option(help: "Cells of the line.") var cells = 4
    @Option(help: "How long a cell takes for a card (milliseconds); 24 s is a desktop printer's data sheet.")
    var cardMs: Int64 = 24_000
    @Option(help: "Changes that are timed.") var changes = 50
    @Option(help: "Times that each page is asked for.") var asks = 100
    @Option(help: "Seconds of each of the two runs whose cost is compared; the line changes twice a second.")
    var seconds: Int64 = 15
    @Flag(help: "One JSON object (sakk.bench-console/1).") var json = false

    private static let paths = [
        "/", "/lines/bench", "/lines/bench/cells/cell-1", "/alarms", "/inspect", "/held", "/batches", "/approvals",
        "/stock",
        "/recall", "/people", "/journal", "/andon",
    ]

    func validate() throws {
        guard (1...900).contains(pages), (1...64).contains(cells), (1...10_000).contains(changes),
            (2...100_000).contains(asks), (1...600).contains(seconds), (1000...600_000).contains(cardMs)
        else {
            throw ValidationError(
                "--pages (1 to 900), --cells (1 to 64), --changes, --asks, --seconds and --card-ms are counts.")
        }
    }

    func run() async throws {
        let place = try BenchStore(nil)
        defer { place.remove() }
        let books = try await Books.open(place.url, keys: try BenchKeys(), time: SystemTime(), purpose: .simulation)
        let line = BenchServedLine(cells: (1...cells).map { CellID("cell-\($0)") })
        // more than the line makes while it is looked at
        let perCell = Int((seconds * 4 + Int64(changes) + 120) * 1000 / cardMs) + 20
        try await BenchRecords.fill(books, 0..<(perCell * cells))
        for cell in line.cells { try await BenchRecords.load(books, perCell, line.id, cell) }
        let password = try TypedSecret.make()
        let person = Person(id: PersonID("bench"), name: "bench", roles: [.supervisor])
        try await books.add(person, by: "bench")
        try await books.setCredential(.password(scrypt: try Scrypt.verifier(of: password)), of: person.id, by: "bench")
        let console = try Console(books: books, lines: [line], settings: ConsoleSettings(isSecure: false))

        let (port, serving) = try await serve { ready in
            try await ConsoleServer(console, address: "127.0.0.1", port: 0, tls: nil).run(ready: ready)
        }
        defer { serving.cancel() }
        let browser = BenchBrowser(port: port)
        let entered = try await browser.ask("/signin", form: "person=bench&password=\(password)")
        guard entered.status == 303 else { throw Exit.breached }

        var result = BenchConsoleResult(pages: pages)
        let controller = LineController(
            cells: line.cells.map { cell in
                LineCell(
                    configuration: LineConfiguration(
                        line: line.id, cell: cell, product: BenchRecords.product, stock: "id1", actor: "bench"),
                    stations: BenchCell(cell.rawValue, pace: BenchPace(card: cardMs * 1000)).stations)
            }, store: books)
        let working = Task { () async throws -> RunSummary in try await controller.run(until: .asked) }
        try await weigh(browser, &result)
        result.bare = try await bare(result.rows.first { $0.path == "/lines/bench" }?.bytes ?? 0)
        // the same changes without and with open pages: the difference is what the pages cost
        let alone = try await cost(browser, books, line)
        try await browser.open(pages, of: "/live?of=/lines/bench")
        result.changes = try await time(browser, books, line)
        result.alone = alone
        result.cost = try await cost(browser, books, line) - alone
        await browser.close()
        await controller.stop()
        result.made = try await working.value.done
        print(json ? result.json.document(schema: "sakk.bench-console/1") : result.text)
        if !result.isKept { throw Exit.breached }
    }

    /// Starts a server of this process and waits for its port.
    private func serve(_ run: @escaping @Sendable (@escaping @Sendable (Int) -> Void) async throws -> Void)
        async throws -> (port: Int, serving: Task<Void, any Error>)
    {
        let (ports, told) = AsyncStream.makeStream(of: Int.self)
        let serving = Task {
            defer { told.finish() }
            try await run { port in told.yield(port) }
        }
        for await port in ports { return (port, serving) }
        try await serving.value
        throw Exit.breached
    }

    private func change(_ books: Books, _ line: BenchServedLine, _ count: Int) async throws {
        try await BenchRecords.load(books, count, line.id, line.cells[0])
    }

    private func weigh(_ browser: BenchBrowser, _ result: inout BenchConsoleResult) async throws {
        for name in ["console.css", "console.js", "shapes.svg"] {
            result.assets += try await browser.ask("/assets/\(name)").body.count
        }
        for path in Self.paths {
            var timings = Timings()
            var bytes = 0
            for _ in 0..<asks {
                let answer = try await browser.ask(path)
                guard answer.status == 200 else {
                    Words.say("\(path) was answered with \(answer.status).")
                    throw Exit.breached
                }
                timings.add(answer.microseconds)
                bytes = answer.body.count
            }
            result.rows.append(BenchConsoleResult.Row(path: path, bytes: bytes, times: timings.percentiles))
        }
    }

    /// A route that does nothing, of the same size.
    private func bare(_ bytes: Int) async throws -> Percentiles {
        let body = Bytes(repeating: UInt8(ascii: "x"), count: bytes)
        let (port, serving) = try await serve { ready in try await BareServer(body: body).run(ready: ready) }
        defer { serving.cancel() }
        let browser = BenchBrowser(port: port)
        var timings = Timings()
        for _ in 0..<asks { timings.add(try await browser.ask("/bare").microseconds) }
        await browser.close()
        return timings.percentiles
    }

    /// From the end of a change's transaction until its event is with each page.
    private func time(_ browser: BenchBrowser, _ books: Books, _ line: BenchServedLine) async throws -> Percentiles {
        var timings = Timings()
        for number in 0..<changes {
            // changes come at any moment of the console's own rhythm
            try await browser.listen(milliseconds: 250 + Int64(number * 37 % 101))
            let before = try await books.blanks(.hopper(line.id, line.cells[0], limit: 1_000_000)).count
            try await change(books, line, 100)
            // the line may take one or two of them meanwhile
            let shown = (before + 97...before + 100).map { Bytes(">\($0) ".utf8) }
            let done = BenchMeter.now
            for arrived in try await browser.arrivals(showing: shown) { timings.add(max(0, arrived - done)) }
        }
        return timings.percentiles
    }

    /// Processor time in thousandths of a core, without the client's.
    private func cost(_ browser: BenchBrowser, _ books: Books, _ line: BenchServedLine) async throws -> Int64 {
        let own = await browser.spent
        let (began, cpu) = (BenchMeter.now, BenchMeter.cpu)
        while BenchMeter.now - began < seconds * 1_000_000 {
            try await change(books, line, 1)
            try await browser.listen(milliseconds: 500)
        }
        let (spent, elapsed) = (BenchMeter.cpu - cpu, BenchMeter.now - began)
        let client = await browser.spent - own
        return (spent - client) * 1000 / max(1, elapsed)
    }
}
