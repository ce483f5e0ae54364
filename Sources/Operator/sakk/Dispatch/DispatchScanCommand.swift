import ArgumentParser
import Glibc
import Ground
import Ledger
import Shipping
import Stations

/// The packing table itself: a scanner types lines, each is answered by one.
struct DispatchScanCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "scan", abstract: "Reads one act per line and answers each with one line of JSON.",
        discussion: """
            pack MARK | reprint MARK | match MARK ENVELOPE | open KIND ROUTE PLACE | put ITEM CONTAINER | \
            take ITEM CONTAINER | close CONTAINER COUNT | seal BAG SEAL | hand-over CONSIGNMENT CARRIER SIGNER... | \
            arrive CONTAINER PLACE SEAL SIGNER... (- for no seal) | receive ENVELOPE PLACE | out ENVELOPE COURIER | \
            failed ENVELOPE REASON | code ENVELOPE | deliver ENVELOPE CODE | collect ENVELOPE CLERK

            A line is answered when its act is on disk; after a crash the last one without an answer is scanned again.
            """)
    @OptionGroup var options: DispatchOptions

    func run() async throws {
        let table = try await options.table()
        while let line = readLine() {
            let words = line.split(separator: " ").map(String.init)
            guard !words.isEmpty else { continue }
            var answer: [String: JSONValue]
            do throws(SakkError) {
                answer = try await ScanLine(table: table).perform(words)
                answer["done"] = .bool(true)
            } catch {
                guard error.outcome == .notDone, !error.code.rawValue.hasPrefix("ledger.") else { throw error }
                answer = [
                    "done": .bool(false), "code": .string(error.code.rawValue), "text": .string(error.text),
                    "remedy": .string(error.remedy),
                ]
            }
            answer["act"] = .string(words[0])
            print(JSONValue.object(answer).document(schema: "sakk.dispatch-scan/1"))
            // a pipe keeps lines back
            fflush(nil)
        }
    }
}

/// One line of the scanner.
struct ScanLine {
    let table: DispatchTable

    func perform(_ words: [String]) async throws(SakkError) -> [String: JSONValue] {
        switch (words[0], words.count) {
        case ("pack", 2):
            let given = try await table.desk.label(try await scan(words, 1), by: table.person)
            return ["envelope": .string(given.number.description), "new": .bool(given.isNew)]
        case ("reprint", 2):
            let number = try await table.desk.relabel(try await scan(words, 1), by: table.person)
            return ["envelope": .string(number.description), "new": .bool(true)]
        case ("open", 4):
            guard let kind = ContainerKind(rawValue: words[1]) else { throw unknown() }
            let number = try await table.desk.open(kind, for: try table.address(words[2], words[3]), by: table.person)
            return ["number": .string(number.digits)]
        case ("code", 2):
            return ["code": .string(try await table.desk.sendCode(try await scan(words, 1), by: table.person))]
        case ("deliver", 3):
            try await table.desk.deliver(try await scan(words, 1), code: words[2], by: table.person)
            return [:]
        default:
            try await table.desk.perform(try await act(words), by: table.person)
            return [:]
        }
    }

    private func act(_ words: [String]) async throws(SakkError) -> ShippingAct {
        switch (words[0], words.count) {
        case ("match", 3): return .match(document: try await scan(words, 1), envelope: try await scan(words, 2))
        case ("put", 3): return .put(try await scan(words, 1), into: try await scan(words, 2))
        case ("take", 3): return .takeOut(try await scan(words, 1), from: try await scan(words, 2))
        case ("close", 3):
            guard let count = Int(words[2]) else { throw unknown() }
            return .close(try await scan(words, 1), count: count)
        case ("seal", 3): return .seal(try await scan(words, 1), seal: words[2])
        case ("hand-over", 4...):
            return .dispatch(try await scan(words, 1), carrier: words[2], signatures: Array(words[3...]))
        case ("arrive", 4...):
            return .arrive(
                try await scan(words, 1), at: PlaceID(words[2]), seal: words[3] == "-" ? nil : words[3],
                signatures: Array(words[4...]))
        case ("receive", 3): return .receive(try await scan(words, 1), at: PlaceID(words[2]))
        case ("out", 3): return .handOut(try await scan(words, 1), courier: words[2])
        case ("failed", 3): return .fail(try await scan(words, 1), try table.reason(words[2]))
        case ("collect", 3): return .deliver(try await scan(words, 1), .desk(clerk: words[2]))
        default: throw unknown()
        }
    }

    private func scan(_ words: [String], _ index: Int) async throws(SakkError) -> ScannedCode {
        try await table.scan(words[index], for: words[0])
    }

    private func unknown() -> SakkError {
        SakkError(
            "dispatch.line", source: "dispatch scan", text: "This is no act of the packing table.",
            remedy: "See `sakk dispatch scan --help`.")
    }
}
