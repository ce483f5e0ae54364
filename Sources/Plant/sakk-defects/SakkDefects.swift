public import ArgumentParser
public import DefectWorld
import Foundation
import Ground

/// Captures of documents that nobody issued, good ones and bad ones, each with what is wrong with it.
@main
struct SakkDefects: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sakk-defects",
        abstract: "Makes captures of documents with known defects, for judging an inspection.",
        discussion: """
            Writes a folder a cell (one design under one camera): fields.json, jobs.jsonl and the pictures, which an \
            inspection may see, and apart labels/CELL.jsonl, which it may not. The same arguments give the same bytes. \
            Whatever takes limits from captures uses --seeds development; test captures are marked in every file.
            """,
        subcommands: [Make.self, Cells.self])

    static func main() {
        do {
            var command = try parseAsRoot()
            try command.run()
        } catch let error as SakkError {
            say("sakk-defects: \(error.text)\n              \(error.remedy) [\(error.code)]")
            Foundation.exit(3)
        } catch {
            exit(withError: error)
        }
    }

    static func say(_ text: String) { FileHandle.standardError.write(Data((text + "\n").utf8)) }
}

extension SeedSpace: ExpressibleByArgument {}
extension Defect: ExpressibleByArgument {}

struct PlanOptions: ParsableArguments {
    @Option(help: "World of seeds: development or test.") var seeds = SeedSpace.development
    @Option(help: "Seed.") var seed: UInt64 = 1
    @Option(help: "Good captures.") var good = 100
    @Option(help: "Changes of identity, shared among their classes.") var identity = 65
    @Option(help: "Captures of each print and picture defect, in each severity.") var each = 3
    @Option(help: "Only these classes; all without.") var only: [Defect] = []

    @Option(
        help:
            "sakk: a quarter of the cells has products' documents, which this program draws; profiles/ and seeds/ are here."
    )
    var drawnBy: String?

    var plan: DefectPlan {
        DefectPlan(
            space: seeds, seed: seed, good: good, identity: identity, each: each, only: Set(only),
            withProducts: drawnBy != nil)
    }
}

struct Make: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Makes cells.")

    @OptionGroup var options: PlanOptions
    @Option(help: "Folder to write to.") var out: String
    @Option(help: "Only this cell, from 0.") var cell: [Int] = []

    func run() throws {
        let plan = options.plan
        for index in cell.isEmpty ? Array(plan.cells.indices) : cell {
            guard plan.cells.indices.contains(index) else {
                throw ValidationError("The plan has \(plan.cells.count) cells.")
            }
            let maker = try CellMaker(plan, cell: index, drawnBy: options.drawnBy)
            try maker.make(in: out)
            print(maker.name)
        }
    }
}

struct Cells: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Says how many cells the plan has.")

    @OptionGroup var options: PlanOptions

    func run() { print(options.plan.cells.count) }
}
