import Foundation
import Glibc
import Ground

/// Starting programs and finding a running plant.
enum Launch {
    static func absolute(_ path: String) -> String { URL(fileURLWithPath: path).standardizedFileURL.path }

    static func folder(_ path: String) throws(SakkError) -> String {
        do {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        } catch {
            throw SakkError(
                "plant.folder", source: path, text: "The folder cannot be made.",
                remedy: "Check its parent's permissions.")
        }
        return absolute(path)
    }

    static func ownPath() throws(SakkError) -> String {
        guard let path = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe") else {
            throw SakkError("plant.self", source: "/proc/self/exe", text: "/proc is missing.", remedy: "Mount /proc.")
        }
        return path
    }

    static func need(_ tool: String) throws(SakkError) {
        let packages = ["unshare": "util-linux", "ip": "iproute2", "umockdev-wrapper": "umockdev"]
        let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
        let folders: [String] = path.split(separator: ":").map { String($0) } + ["/usr/sbin", "/sbin"]
        guard folders.contains(where: { access("\($0)/\(tool)", X_OK) == 0 }) else {
            throw SakkError(
                "plant.missing", source: tool, text: "\(tool) is not installed.",
                remedy: "apt-get install \(packages[tool] ?? tool)")
        }
    }

    /// Puts a command in the place of this program.
    static func replace(_ words: [String]) throws(SakkError) {
        let arguments = words.map { strdup($0) } + [nil]
        execvp(words[0], arguments)
        throw SakkError(
            "plant.missing", source: words[0], native: SakkError.Native(kind: "errno", value: String(errno)),
            text: "The program cannot be started.", remedy: "Check that it is installed.")
    }

    static func environment(_ folder: String) throws(SakkError) -> (pid: String, testbed: String, preload: String) {
        let dead = SakkError(
            "plant.dead", source: folder, text: "No plant runs in this folder.",
            remedy: "Start one: sakk-plant up WORLD.yaml --dir \(folder) --stock STOCK")
        guard let data = FileManager.default.contents(atPath: folder + "/plant.env") else { throw dead }
        var values: [String: String] = [:]
        for line in String(decoding: data, as: UTF8.self).split(separator: "\n") {
            let parts = line.split(separator: "=", maxSplits: 1).map(String.init)
            if parts.count == 2 { values[parts[0]] = parts[1] }
        }
        guard let pid = values["SAKK_PLANT_PID"], let testbed = values["UMOCKDEV_DIR"],
            let preload = values["LD_PRELOAD"], let number = pid_t(pid), kill(number, 0) == 0
        else { throw dead }
        return (pid, testbed, preload)
    }
}
