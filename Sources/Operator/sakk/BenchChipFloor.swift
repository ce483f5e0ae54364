import Foundation
import Ground

/// The plain C loops (scripts/chip-floor.c) in a process of their own.
struct BenchChipFloor {
    let path: String

    /// Nanoseconds of each exchange, and of the processor for all of them.
    func apdu(_ hex: String, count: Int, reader: String) throws -> (times: [Int64], processor: Int64) {
        let values = try run(["apdu", hex, String(count), reader])
        return (values.dropLast(), values.last ?? 0)
    }

    /// Exchanges of all readers within the time.
    func rate(_ hex: String, milliseconds: Int, readers: [String]) throws -> Int64 {
        try run(["rate", hex, String(milliseconds)] + readers).first ?? 0
    }

    /// Nanoseconds, of the clock and of the processor, for so many rounds of hashing `sizes` bytes and one C_Sign.
    func sign(
        module: String, token: String, label: String, pin: String, count: Int, sizes: [Int]
    ) throws -> (elapsed: Int64, processor: Int64) {
        let words = ["sign", module, token, label, String(count)] + sizes.map { String($0) }
        let values = try run(words, ["CHIP_FLOOR_PIN": pin])
        return (values.first ?? 0, values.last ?? 0)
    }

    private func run(_ words: [String], _ variables: [String: String] = [:]) throws -> [Int64] {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = words
        process.environment = ProcessInfo.processInfo.environment.merging(variables) { $1 }
        let pipe = Pipe()
        process.standardOutput = pipe
        do { try process.run() } catch {
            throw SakkError(
                "file.missing", source: path, text: "The program with the C loops cannot be started.",
                remedy: "Run scripts/bench-chip: it compiles the program and names it.")
        }
        let text = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw SakkError(
                "bench.floor", source: path, text: "The C loop ended with code \(process.terminationStatus).",
                remedy: "Its own words stand above.")
        }
        return text.split(separator: "\n").compactMap { Int64($0) }
    }
}
