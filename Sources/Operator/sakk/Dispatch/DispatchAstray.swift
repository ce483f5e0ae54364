import ArgumentParser
import Ground
import Ledger
import Shipping
import Stations

struct DispatchReturnCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "return", abstract: "An envelope comes back to the plant, into the hands of a named person.")
    @OptionGroup var options: DispatchOptions
    @Option(help: "absent, wrong_address, refused, deceased, damaged or not_collected.") var reason: String
    @Option(help: "Who has it now.") var custodian: String
    @Option(help: "Where.") var place: String
    @Argument(help: "The envelope, or the document's mark.") var item: String

    func run() async throws {
        let table = try await options.table()
        let scan = try await table.scan(item, for: "come_back")
        try await table.desk.perform(
            .comeBack(scan, try table.reason(reason), person: custodian, place: place), by: options.person)
        options.say(
            ["act": "return", "item": .string(scan.description), "custodian": .string(custodian)],
            "\(scan) is with \(custodian), \(place).")
    }
}

struct DispatchSetAsideCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "set-aside", abstract: "A withdrawn document, out of its box, is given to a custodian.")
    @OptionGroup var options: DispatchOptions
    @Option(help: "Who has it now.") var custodian: String
    @Option(help: "Where.") var place: String
    @Argument(help: "The envelope, or the document's mark.") var item: String

    func run() async throws {
        let table = try await options.table()
        let scan = try await table.scan(item, for: "set_aside")
        try await table.desk.perform(.setAside(scan, person: custodian, place: place), by: options.person)
        options.say(
            ["act": "set_aside", "item": .string(scan.description), "custodian": .string(custodian)],
            "\(scan) is set aside with \(custodian), \(place).")
    }
}

struct DispatchRerouteCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reroute", abstract: "A document that came back goes out again, before two people.",
        discussion: "It gets a new label; the old one is void.")
    @OptionGroup var options: DispatchOptions
    @OptionGroup var two: DispatchPeople
    @Option(help: "home, office, mission or mobile_station.") var route: String
    @Option(help: "An id of offices.json.") var place: String
    @Argument(help: "The envelope, or the document's mark.") var item: String

    func run() async throws {
        let table = try await options.table()
        let scan = try await table.scan(item, for: "reroute")
        try await table.desk.perform(
            .reroute(scan, to: try table.address(route, place), try two.people()), by: options.person)
        options.say(
            ["act": "reroute", "item": .string(scan.description), "place": .string(place)],
            "\(scan) goes to \(place) now, under a new label.")
    }
}

struct DispatchLostCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lost", abstract: "A document is nowhere: two people and an incident, and who had it last.")
    @OptionGroup var options: DispatchOptions
    @OptionGroup var two: DispatchPeople
    @Option(help: "What happened.") var incident: String
    @Argument(help: "The envelope, or the document's mark.") var item: String

    func run() async throws {
        let table = try await options.table()
        let scan = try await table.scan(item, for: "lose")
        let facts = try await table.desk.perform(
            .lose(scan, try two.people(), incident: incident), by: options.person)
        var last: JSONValue = .null
        if case .lost(_, let custodian, _, _)? = facts.first { last = .string(custodian.words) }
        options.say(
            ["act": "lost", "item": .string(scan.description), "last_with": last],
            "\(scan) is lost; last with \(last.string ?? "?").")
    }
}

struct DispatchFoundCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "found", abstract: "A lost document turned up, with a named person.")
    @OptionGroup var options: DispatchOptions
    @Option(help: "Who has it now.") var custodian: String
    @Option(help: "Where.") var place: String
    @Argument(help: "The envelope, or the document's mark.") var item: String

    func run() async throws {
        let table = try await options.table()
        let scan = try await table.scan(item, for: "turn_up")
        try await table.desk.perform(.turnUp(scan, person: custodian, place: place), by: options.person)
        options.say(
            ["act": "found", "item": .string(scan.description), "custodian": .string(custodian)],
            "\(scan) is with \(custodian), \(place).")
    }
}

struct DispatchNumbersCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "numbers", abstract: "The last number of each range; after a restore, says it before two people.",
        discussion: """
            Restored books do not know which numbers were printed since the backup and give out none. Look for the last \
            label of each range, and say it: --range ID --last SERIAL --first A --second B.
            """)
    @OptionGroup var options: DispatchOptions
    @Option(help: "The range's id in numbers.yaml.") var range: String?
    @Option(help: "Serial of the last number that was printed; one less than the first for none.") var last: Int?
    @Option(help: "One of the two.") var first: String?
    @Option(help: "The other.") var second: String?

    func validate() throws {
        let given = [range != nil, last != nil, first != nil, second != nil]
        guard given.allSatisfy({ $0 }) || !given.contains(true) else {
            throw ValidationError("--range, --last, --first and --second go together.")
        }
    }

    func run() async throws {
        let table = try await options.table()
        if let range, let last, let first, let second {
            let ids = table.desk.plan.itemRanges.map(\.id) + table.desk.plan.containerRanges.map(\.id)
            guard ids.contains(range) else { throw Refusal.numberForeign.error(range) }
            try await table.books.confirmNumbers(
                range: range, last: last, try TwoPeople(first, second), by: options.person)
        }
        let ranges = try await table.books.read(NumberRangesQuery())
        options.say(
            [
                "ranges": .array(
                    ranges.map {
                        ["id": .string($0.id), "last": .integer(Int64($0.last)), "in_doubt": .bool($0.isInDoubt)]
                    })
            ],
            ranges.map { "\($0.id): \($0.last)\($0.isInDoubt ? "  IN DOUBT since the restore" : "")" }
                .joined(separator: "\n"))
    }
}

extension Custodian {
    var words: String {
        switch self {
        case .plant: "the plant"
        case .carrier(let name): "carrier \(name)"
        case .place(let place): "place \(place)"
        case .courier(let name): "courier \(name)"
        case .holder: "the holder"
        case .person(let name, let place): "\(name), \(place)"
        case .nobody: "nobody"
        }
    }
}
