import ArgumentParser
import Artwork
import Catalog
import Foundation
import Ground
import OpenSSLCrypto
import Personalisation
import Printers
import Seeds
import Stations

/// What drawing and separating a document costs, against librsvg alone on the same drawings in the same run.
struct BenchPrintCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "print",
        abstract: "Measures drawing, separation and encoding of documents, beside librsvg alone on the same files.",
        discussion: """
            Warm: fonts, stock and glyphs are ready, every document is another person's. Times of the clock (median and \
            p95) and of the processor (mean); the second is the one to compare on a machine that does other work. With \
            --line panels are sent to a printer of that line as well, and none is printed.
            """)

    @Option(name: [.customLong("product"), .customLong("profile")], help: "Product under profiles/, or its folder.")
    var product = "iq-national-id"
    @Option(help: "Documents of each resolution.") var count = 60
    @Option(help: "Folder with names, offices and test PKI.") var seeds = "seeds"
    @Option(help: "A line's file: send panels to its printer of the ESC language too.") var line: String?
    @Option(help: "The cell of that line; the first with such a printer when none is named.") var cell: String?
    @Flag(help: "Print the figures as one JSON object.") var json = false

    func validate() throws {
        guard (2...10_000).contains(count) else { throw ValidationError("--count must lie between 2 and 10000.") }
    }

    func run() async throws {
        let product = try ProductProfile.named(self.product)
        let seeder = BatchSeeder(seed: 4711, folder: try SeedFolder(path: seeds))
        let records = try seeder.makeRecords(product: product.product, count: min(count, 60)).map { record in
            var record = record
            if record.documentNumber.isEmpty { record.documentNumber = "A12345678" }
            return record
        }
        let people = try records.map {
            (record: $0, zone: try TravelDocumentPreparation.mrz(of: $0, format: product.zone))
        }
        var rows: [String: JSONValue] = ["product": .string(product.product), "count": .integer(Int64(count))]
        for dpi in [300.0, 600] {
            let artwork = try product.artwork(dpi: dpi, seal: sealer)
            guard let template = try product.examineArtwork().template else { return }
            for person in people.prefix(3) { _ = try artwork.render(person.record, mrz: person.zone) }
            var render = Meter()
            var separation = Meter()
            let encoders = PanelEncoder.all(ribbon: product.ribbon, dpi: Int(dpi))
            var encoding = [Meter](repeating: Meter(), count: encoders.count)
            var bytes = 0
            for index in 0..<count {
                let person = people[index % people.count]
                let (document, separated) = try render.measure {
                    try artwork.measured(person.record, mrz: person.zone)
                }
                separation.add(separated)
                bytes = document.panels.reduce(0) { $0 + $1.pixels.count }
                for (place, encoder) in encoders.enumerated() {
                    try encoding[place].measure {
                        for panel in document.panels {
                            guard encoder.encode(panel) != nil else { throw Exit.internalFault }
                        }
                    }
                }
            }
            var alone = Meter()
            for _ in 0..<max(count / 6, 3) {
                _ = try alone.measure { try template.stockPictures(CardRaster(dpi: dpi, format: template.format)) }
            }
            rows["dpi_\(Int(dpi))"] = [
                "render": render.json, "librsvg_alone": alone.json, "separation": separation.rate(bytes),
                "encoding": .object(
                    Dictionary(
                        uniqueKeysWithValues: zip(encoders, encoding).map { ($0.family, $1.rate(bytes)) })),
            ]
            let rates = zip(encoders, encoding).map { "\($0.family) \($1.megabytes(bytes))" }
            say(dpi, render: render, alone: alone, separation: separation, encoding: rates, bytes: bytes)
        }
        if let line {
            let sent = try BenchPrintSending(line: line, cell: cell).run(panels: max(count / 2, 10))
            var sending = Meter()
            for time in sent.times { sending.add(time) }
            rows["usb"] = sending.rate(sent.bytes)
            Words.say(
                "USB: a panel of \(sent.bytes) bytes until its answer \(sending.clockWords), "
                    + "\(sending.megabytes(sent.bytes)) MB/s (goal 10)")
        }
        if json { print(JSONValue.object(rows).document(schema: "sakk.bench-print/1")) }
    }

    private func say(
        _ dpi: Double, render: Meter, alone: Meter, separation: Meter, encoding: [String], bytes: Int
    ) {
        let goal = dpi == 300 ? 10 : 15
        Words.say(
            """
            \(Int(dpi)) dpi: a document \(render.words) (goal \(goal) ms); librsvg alone \(alone.words)
                of panels on one core (goal 200 MB/s): separation \(separation.megabytes(bytes)) MB/s, encoding \
            \(encoding.joined(separator: ", ")) MB/s
            """)
    }

    /// A seal of the right length: signing is not what is measured.
    private var sealer: CardArtwork.Sealer {
        { (record, mrz, feature) throws(SakkError) in
            guard let signer = VisibleDigitalSeal.Signer(identifier: "UTTS", certificateReference: "01") else {
                throw SakkError("artwork.seal.content", source: "bench", text: "No signer.", remedy: "None.")
            }
            return try VisibleDigitalSeal(record: record, mrz: mrz, feature: feature, signer: signer)
                .encoded(signature: Bytes(repeating: 0x5A, count: 64))
        }
    }
}

/// Times of one act by the clock and by the processor.
private struct Meter {
    private var clock: [Duration] = []
    private var processor = Duration.zero

    mutating func measure<Result>(_ body: () throws -> Result) rethrows -> Result {
        let (begun, used) = (ContinuousClock.now, Meter.used())
        let result = try body()
        clock.append(ContinuousClock.now - begun)
        processor += Meter.used() - used
        return result
    }

    mutating func add(_ duration: Duration) {
        clock.append(duration)
        processor += duration
    }

    private static func used() -> Duration {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
    }

    private func milliseconds(_ duration: Duration) -> Double {
        Double(duration.components.seconds) * 1000 + Double(duration.components.attoseconds) / 1e15
    }

    private func at(_ share: Double) -> Double {
        let sorted = clock.sorted()
        return sorted.isEmpty ? 0 : milliseconds(sorted[min(Int(Double(sorted.count) * share), sorted.count - 1)])
    }

    private var mean: Double { clock.isEmpty ? 0 : milliseconds(processor) / Double(clock.count) }

    private func tenths(_ value: Double) -> String { "\((value * 10).rounded() / 10)" }

    var words: String { "\(tenths(at(0.5))) ms, p95 \(tenths(at(0.95))) ms, processor \(tenths(mean)) ms" }

    var clockWords: String { "\(tenths(at(0.5))) ms, p95 \(tenths(at(0.95))) ms" }

    /// Of the median, so that a moment in which another process had the core does not count.
    func megabytes(_ bytes: Int) -> Int { at(0.5) > 0 ? Int(Double(bytes) / 1000 / at(0.5)) : 0 }

    /// Microseconds.
    var json: JSONValue {
        [
            "p50_us": .integer(Int64(at(0.5) * 1000)), "p95_us": .integer(Int64(at(0.95) * 1000)),
            "processor_us": .integer(Int64(mean * 1000)),
        ]
    }

    func rate(_ bytes: Int) -> JSONValue { ["mb_per_second": .integer(Int64(megabytes(bytes)))] }
}
