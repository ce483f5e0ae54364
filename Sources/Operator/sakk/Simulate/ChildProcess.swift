import Glibc
import Ground

/// A process that was started to be killed, frozen or waited for, by its own number only.
struct ChildProcess: Sendable {
    enum Ending: Sendable, Equatable {
        case exit(Int32)
        case signal(Int32)
    }

    let pid: pid_t

    /// Output and errors are appended to the file `output`; there is no input. Errors: `environment.process`.
    static func start(
        _ arguments: [String], environment: [String: String] = [:], output: String
    ) throws(SakkError) -> ChildProcess {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, output, O_WRONLY | O_CREAT | O_APPEND, 0o644)
        posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO)
        var words: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
        var variables = ChildProcess.inherited(without: Set(environment.keys))
        variables += environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { (words + variables).forEach { free($0) } }
        var pid: pid_t = 0
        let failure = posix_spawn(&pid, arguments[0], &actions, nil, &words, &variables)
        guard failure == 0 else {
            throw SakkError(
                "environment.process", source: arguments[0], native: .init(kind: "errno", value: "\(failure)"),
                text: "The program cannot be started.", remedy: "Check that it is there and may be executed.")
        }
        return ChildProcess(pid: pid)
    }

    private static func inherited(without names: Set<String>) -> [UnsafeMutablePointer<CChar>?] {
        var copies: [UnsafeMutablePointer<CChar>?] = []
        var entry = environ
        while let text = entry.pointee {
            let name = String(cString: text).prefix { $0 != "=" }
            if !names.contains(String(name)) { copies.append(strdup(text)) }
            entry += 1
        }
        return copies
    }

    /// Blocks until it has ended.
    func wait() -> Ending {
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0 {
            guard errno == EINTR else { return .exit(-1) }
        }
        return ChildProcess.ending(status)
    }

    /// Nil while it runs.
    func poll() -> Ending? {
        var status: Int32 = 0
        return waitpid(pid, &status, WNOHANG) == pid ? ChildProcess.ending(status) : nil
    }

    private static func ending(_ status: Int32) -> Ending {
        status & 0x7F == 0 ? .exit(status >> 8 & 0xFF) : .signal(status & 0x7F)
    }

    func send(_ signal: Int32) { Glibc.kill(pid, signal) }
}
