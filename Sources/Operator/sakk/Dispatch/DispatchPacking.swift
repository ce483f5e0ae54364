import ArgumentParser
import Ground
import Ledger
import Reporting
import Shipping
import Stations

struct DispatchPackCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pack", abstract: "Gives a good document its label, or puts it into its envelope.",
        discussion: """
            With the document's mark alone: takes it out of the good box and gives it the next number of its route \
            (--label writes the paper). With mark and envelope: both are scanned and must belong together.
            """)

    @OptionGroup var options: DispatchOptions
    @OptionGroup var key: DispatchKey
    @Option(help: "Write the label (PDF, A6).") var label: String?
    @Flag(help: "Print the label again, under a new number; the old one is void.") var reprint = false
    @Argument(help: "The document's mark (STOCK:SERIAL).") var document: String
    @Argument(help: "The envelope's number.") var envelope: String?

    func run() async throws {
        let table = try await options.table()
        let mark = try await table.scan(document, for: "pack")
        if let envelope {
            let number = try await table.scan(envelope, for: "match")
            try await table.desk.perform(.match(document: mark, envelope: number), by: options.person)
            return options.say(
                ["act": "match", "document": .string(mark.description), "envelope": .string(number.description)],
                "\(mark) is in envelope \(number).")
        }
        let number = reprint ? try await table.desk.relabel(mark, by: options.person) : try await first(table, mark)
        let address = try await table.desk.find(mark).address
        if let label {
            let statement = try key.signer().map {
                try LabelStatement.signed(envelope: number, to: address, by: $0)
            }
            let target = try table.desk.plan.target(address)
            try ShippingLabelPDF(
                envelope: number, route: try table.desk.plan.rule(address.route).names, place: table.names(target),
                statement: statement
            ).write(to: label)
            Words.say("Wrote \(label)")
        }
        options.say(
            [
                "act": "label", "document": .string(mark.description), "envelope": .string(number.description),
                "route": .string(address.route.rawValue), "place": .string(address.place.rawValue),
            ], "\(mark) goes to \(address.place) by \(address.route.rawValue), envelope \(number).")
    }

    /// One that was printed already is not printed a second time under its number.
    private func first(_ table: DispatchTable, _ mark: ScannedCode) async throws(SakkError) -> S10 {
        let given = try await table.desk.label(mark, by: options.person)
        guard given.isNew else {
            throw SakkError(
                "dispatch.label.stands", source: "dispatch", subject: mark.description,
                text: "A label was given out for it: \(given.number).",
                remedy: "Use that one, or print another (--reprint): the old one is then void.")
        }
        return given.number
    }
}

/// What is done with boxes, bags and consignments alike.
struct DispatchContainerAct: ParsableArguments {
    @OptionGroup var options: DispatchOptions
    @OptionGroup var key: DispatchKey
    @Flag(help: "Open the next one, for --route and --place.") var open = false
    @Option(help: "home, office, mission or mobile_station.") var route: String?
    @Option(help: "An id of offices.json; of a bag or consignment one of its places.") var place: String?
    @Option(help: "Write the label (PDF, A6).") var label: String?
    @Option(name: .customLong("put"), parsing: .upToNextOption, help: "Put these in.") var items: [String] = []
    @Option(parsing: .upToNextOption, help: "Take these out.") var take: [String] = []
    @Option(help: "Close it: how many were counted in it by hand.") var close: Int?
    @Flag(help: "Open a closed one again; with --first, --second and --reason.") var reopen = false
    @Option(help: "One of the two.") var first: String?
    @Option(help: "The other.") var second: String?
    @Option(help: "Why it is opened again.") var reason: String?
    @Argument(help: "Its number; none with --open.") var number: String?

    func validate() throws {
        guard open == (number == nil), open == (route != nil), open == (place != nil) else {
            throw ValidationError("Give a number, or --open with --route and --place.")
        }
        guard !reopen || first != nil && second != nil && reason != nil else {
            throw ValidationError("--reopen needs --first, --second and --reason.")
        }
    }

    func run(_ kind: ContainerKind) async throws {
        let table = try await options.table()
        let person = options.person
        let container: SSCC
        if let route, let place {
            container = try await table.desk.open(kind, for: try table.address(route, place), by: person)
        } else {
            container = try await table.container(number ?? "", for: kind.rawValue)
        }
        let scan = ScannedCode.container(container)
        if reopen, let first, let second, let reason {
            try await table.desk.perform(.reopen(scan, try TwoPeople(first, second), reason: reason), by: person)
        }
        for item in take {
            try await table.desk.perform(
                .takeOut(try await table.scan(item, for: "take_out"), from: scan), by: person)
        }
        for item in items {
            try await table.desk.perform(.put(try await table.scan(item, for: "put"), into: scan), by: person)
        }
        if let close { try await table.desk.perform(.close(scan, count: close), by: person) }
        let now = try await table.desk.container(container)
        guard now.kind == kind else { throw Refusal.containerLevel.error(container) }
        if let label { try write(label, now, table) }
        options.say(
            now.json,
            "\(kind.rawValue) \(container): \(now.state.rawValue)"
                + (now.state == .open ? "" : ", \(now.count) in it"))
    }

    private func write(_ path: String, _ container: Container, _ table: DispatchTable) throws(SakkError) {
        let statement = try key.signer().map { key throws(SakkError) in
            try LabelStatement.signed(container: container.number, container.kind, to: container.target, by: key)
        }
        try ShippingLabelPDF(
            container: container.number, kind: container.kind,
            route: try table.desk.plan.rule(container.target.route).names, place: table.names(container.target),
            statement: statement
        ).write(to: path)
        Words.say("Wrote \(path)")
    }
}

extension Container {
    /// An open one does not say what was scanned into it: it is to be counted.
    var json: JSONValue {
        [
            "act": .string(kind.rawValue), "number": .string(number.digits), "state": .string(state.rawValue),
            "route": .string(target.route.rawValue), "region": target.region.map { .string($0) } ?? .null,
            "place": target.place.map { .string($0.rawValue) } ?? .null, "seal": seal.map { .string($0) } ?? .null,
            "inside": inside.map { .string($0.digits) } ?? .null,
            "count": state == .open ? .null : .integer(Int64(count)),
        ]
    }
}

struct DispatchBoxCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "box", abstract: "Opens, fills and closes a box of envelopes.")
    @OptionGroup var act: DispatchContainerAct
    func run() async throws { try await act.run(.box) }
}

struct DispatchBagCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bag", abstract: "Opens, fills and closes a bag of boxes.")
    @OptionGroup var act: DispatchContainerAct
    func run() async throws { try await act.run(.bag) }
}

struct DispatchConsignmentCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "consignment", abstract: "Opens, fills and closes a consignment of bags.")
    @OptionGroup var act: DispatchContainerAct
    func run() async throws { try await act.run(.consignment) }
}

struct DispatchSealCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "seal", abstract: "Puts a numbered seal on a closed bag; a seal is used once.")
    @OptionGroup var options: DispatchOptions
    @Argument(help: "The bag.") var bag: String
    @Argument(help: "The seal's number.") var seal: String

    func run() async throws {
        let table = try await options.table()
        let number = try await table.container(bag, for: "seal")
        try await table.desk.perform(.seal(.container(number), seal: seal), by: options.person)
        options.say(
            ["act": "seal", "number": .string(number.digits), "seal": .string(seal)],
            "Bag \(number) bears seal \(seal).")
    }
}
