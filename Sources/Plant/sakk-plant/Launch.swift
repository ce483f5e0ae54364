import Foundation
import Glibc
import Ground
import PlantWorld

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
        let packages = [
            "unshare": "util-linux", "nsenter": "util-linux", "setpriv": "util-linux", "ip": "iproute2",
            "umockdev-wrapper": "umockdev",
        ]
        let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
        let folders: [String] = path.split(separator: ":").map { String($0) } + ["/usr/sbin", "/sbin"]
        guard folders.contains(where: { access("\($0)/\(tool)", X_OK) == 0 }) else {
            throw SakkError(
                "plant.missing", source: tool, text: "\(tool) is not installed.",
                remedy: "apt-get install \(packages[tool] ?? tool)")
        }
    }

    /// The word that sends a request to a cell.
    static func at(_ cell: String?) -> [String] { cell.map { ["@" + $0] } ?? [] }

    /// Puts a command in the place of this program.
    static func replace(_ words: [String]) throws(SakkError) {
        let arguments = words.map { strdup($0) } + [nil]
        execvp(words[0], arguments)
        throw SakkError(
            "plant.missing", source: words[0], native: SakkError.Native(kind: "errno", value: String(errno)),
            text: "The program cannot be started.", remedy: "Check that it is installed.")
    }

    /// Starts a program beside this one and does not wait for it.
    static func beside(_ words: [String]) throws(SakkError) {
        _ = try spawn(words)
    }

    /// Whether this machine allows a world of its own.
    static func tryNamespaces() throws(SakkError) {
        let pid = try spawn(["unshare", "-m", "-n", "true"])
        var status: Int32 = 0
        guard waitpid(pid, &status, 0) == pid, status == 0 else {
            throw SakkError(
                "plant.namespaces", source: "unshare", text: "This machine allows no namespaces to this user.",
                remedy: "Run as root, on a machine or in a container with CAP_SYS_ADMIN.")
        }
    }

    private static func spawn(_ words: [String]) throws(SakkError) -> pid_t {
        let arguments = words.map { strdup($0) } + [nil]
        defer { arguments.forEach { free($0) } }
        var pid: pid_t = 0
        let code = posix_spawnp(&pid, words[0], nil, nil, arguments, environ)
        guard code == 0 else {
            throw SakkError(
                "plant.missing", source: words[0], native: SakkError.Native(kind: "errno", value: String(code)),
                text: "The program cannot be started.", remedy: "Check that it is installed.")
        }
        return pid
    }

    static func dead(_ folder: String) -> SakkError {
        SakkError(
            "plant.dead", source: folder, text: "No plant runs in this folder.",
            remedy: "Start one: sakk-plant up WORLD.yaml --dir \(folder) --stock STOCK")
    }

    /// Whether the process is there and is no zombie.
    static func runs(_ pid: pid_t) -> Bool {
        guard kill(pid, 0) == 0, let data = FileManager.default.contents(atPath: "/proc/\(pid)/stat") else {
            return false
        }
        let text = String(decoding: data, as: UTF8.self)
        return text.split(separator: ")").last?.split(separator: " ").first != "Z"
    }

    /// Refuses a folder in which a plant runs; clears what a killed one left.
    static func clear(_ folder: String) throws(SakkError) {
        if let plant = try? environment(folder) {
            throw SakkError(
                "plant.running", source: folder, text: "A plant runs in this folder already (process \(plant.pid)).",
                remedy: "End it: sakk-plant down --dir \(folder)")
        }
        if let testbed = values(folder)["UMOCKDEV_DIR"], testbed.contains("/umockdev.") {
            try? FileManager.default.removeItem(atPath: testbed)
        }
        unlink(folder + "/plant.env")
    }

    private static func values(_ folder: String) -> [String: String] {
        var values: [String: String] = [:]
        guard let data = FileManager.default.contents(atPath: folder + "/plant.env") else { return values }
        for line in String(decoding: data, as: UTF8.self).split(separator: "\n") {
            let parts = line.split(separator: "=", maxSplits: 1).map(String.init)
            if parts.count == 2 { values[parts[0]] = parts[1] }
        }
        return values
    }

    /// What `plant.env` says of a plant that runs. Throws `plant.dead`.
    /// `variables` are those that a program inside needs: of the virtual USB bus, where there is one.
    static func environment(_ folder: String) throws(SakkError) -> (pid: String, variables: [String]) {
        let values = values(folder)
        guard let pid = values["SAKK_PLANT_PID"], let number = pid_t(pid), runs(number),
            (try? ControlSocket.ask(["ping"], directory: folder)) != nil
        else { throw dead(folder) }
        return (pid, ["UMOCKDEV_DIR", "LD_PRELOAD"].compactMap { name in values[name].map { "\(name)=\($0)" } })
    }
}
