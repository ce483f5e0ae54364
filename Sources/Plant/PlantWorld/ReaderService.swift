import Foundation
import Glibc
import Ground

/// pcscd with a virtual reader of two slots for each cell.
enum ReaderService {
    private static let drivers = [
        "/usr/lib/pcsc/drivers/serial/libifdvpcd.so", "/usr/lib/x86_64-linux-gnu/pcsc/drivers/serial/libifdvpcd.so",
    ]

    private static let leash = "/usr/bin/setpriv"

    /// The name of a driver's entry; pcscd appends its own number and the slot's.
    static func name(_ index: Int) -> String { "Plant \(index < 10 ? "0" : "")\(index)" }

    private static func driver() throws(SakkError) -> String {
        guard let driver = drivers.first(where: { FileManager.default.fileExists(atPath: $0) }) else {
            throw missing("the driver of the virtual readers", "vsmartcard-vpcd")
        }
        return driver
    }

    /// Writes the folder of configuration files that pcscd reads; returns the folder.
    private static func configure(directory: String, ports: [UInt16]) throws(SakkError) -> String {
        let driver = try driver()
        guard let bytes = WorldFile.read(driver) else {
            throw missing("the driver of the virtual readers", "vsmartcard-vpcd")
        }
        // pcscd reads every file of its configuration folder; the drivers lie outside
        let configuration = directory + "/reader.conf.d"
        try? FileManager.default.createDirectory(atPath: configuration, withIntermediateDirectories: true)
        var text = ""
        for (index, port) in ports.enumerated() {
            // the driver keeps its slots in static variables, by their number within a reader: two readers of one loaded
            // driver would show the same cards, so each loads a copy of its own
            let library = "\(directory)/reader-\(index).so"
            try WorldFile.write(bytes, to: library)
            let number = String(port, radix: 16, uppercase: true)
            text += """
                FRIENDLYNAME "\(name(index))"
                DEVICENAME /dev/null:0x\(number)
                LIBPATH \(library)
                CHANNELID 0x\(number)


                """
        }
        try WorldFile.write(Bytes(text.utf8), to: configuration + "/plant")
        return configuration
    }

    /// Starts pcscd on a reader.conf of its own; returns its pid once it answers.
    static func start(directory: String, ports: [UInt16]) throws(SakkError) -> pid_t {
        let daemon = "/usr/sbin/pcscd"
        guard FileManager.default.isExecutableFile(atPath: daemon) else { throw missing("pcscd", "pcscd") }
        let configuration = try configure(directory: directory, ports: ports)
        guard FileManager.default.isExecutableFile(atPath: leash) else { throw missing("setpriv", "util-linux") }
        // a plant that is killed takes its pcscd with it
        let pid = try spawn(
            [leash, "--pdeathsig", "TERM", daemon, "--foreground", "--config", configuration],
            log: directory + "/pcscd.log")
        for _ in 0..<100 {
            if FileManager.default.fileExists(atPath: "/run/pcscd/pcscd.comm") { return pid }
            var status: Int32 = 0
            if waitpid(pid, &status, WNOHANG) == pid { break }
            usleep(50_000)
        }
        stop(pid)
        throw SakkError(
            "plant.readers", source: "pcscd", text: "pcscd does not start; its words are in \(directory)/pcscd.log.",
            remedy: "Check that no other pcscd serves this namespace.")
    }

    static func stop(_ pid: pid_t) {
        guard pid > 0, kill(pid, SIGTERM) == 0 else { return }
        var status: Int32 = 0
        for _ in 0..<60 {
            if waitpid(pid, &status, WNOHANG) == pid { return }
            usleep(50_000)
        }
        kill(pid, SIGKILL)
        waitpid(pid, &status, 0)
    }

    private static func spawn(_ words: [String], log: String) throws(SakkError) -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, log, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
        posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO)
        // our blocked signals must not become its own, nor the preload that makes the virtual bus
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
        let arguments = words.map { strdup($0) } + [nil]
        let variables = [strdup("PATH=/usr/sbin:/usr/bin:/sbin:/bin"), nil]
        defer { (arguments + variables).forEach { free($0) } }
        var pid: pid_t = 0
        let code = posix_spawn(&pid, words[0], &actions, &attributes, arguments, variables)
        guard code == 0 else {
            throw SakkError(
                "plant.readers", source: words[0], native: SakkError.Native(kind: "errno", value: String(code)),
                text: "The program cannot be started.", remedy: "Check that it is installed and may be run.")
        }
        return pid
    }

    private static func missing(_ what: String, _ package: String) -> SakkError {
        SakkError(
            "plant.missing", source: "plant", text: "\(what) is not installed.", remedy: "apt-get install \(package)")
    }
}
