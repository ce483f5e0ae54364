import Foundation
import Glibc
import Ground

/// Sizes whose worlds are another program's: this process becomes that program.
struct SimulateElsewhere {
    /// `sakk-simplant`, which lies beside this program.
    static func chips(_ arguments: [String]) throws(SakkError) {
        let program = FileManager.default.currentProgram.deletingLastPathComponent().appending(path: "sakk-simplant")
        try become([program.path] + arguments, "Build it: swift build --product sakk-simplant")
    }

    /// The full stack is a script of the source tree: it needs the virtual plant and root.
    static func fullStack(_ arguments: [String]) throws(SakkError) {
        try become(["scripts/kill-test"] + arguments, "Run this in the source tree, as root.")
    }

    private static func become(_ arguments: [String], _ remedy: String) throws(SakkError) {
        var words: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
        execv(arguments[0], &words)
        throw SakkError(
            "environment.program", source: arguments[0], native: .init(kind: "errno", value: "\(errno)"),
            text: "The program for this size cannot be started.", remedy: remedy)
    }
}

extension FileManager {
    fileprivate var currentProgram: URL {
        URL(filePath: (try? destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? CommandLine.arguments[0])
    }
}
