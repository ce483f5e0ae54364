import Glibc
import Ground
import Workers

/// `worker-probe alone`, or `worker-probe local PATH...`. A request is a word and what it is about; the answer is an errno.
@main
struct WorkerProbe {
    static func main() {
        let words = CommandLine.arguments.dropFirst()
        WorkerDesk.run(
            "worker-probe", at: words.first == "local" ? .local(reading: Array(words.dropFirst())) : .alone
        ) {
            await WorkerDesk.serve { request in
                let asked = String(decoding: request, as: UTF8.self).split(separator: " ").map(String.init)
                return Bytes("\(tried(asked[0], asked.dropFirst().first ?? ""))".utf8)
            }
        }
    }

    /// 0, or why not.
    private static func tried(_ what: String, _ about: String) -> Int32 {
        let done: Int32 =
            switch what {
            case "read": open(about, O_RDONLY)
            case "write": open(about, O_WRONLY | O_CREAT, 0o600)
            case "socket": socket(Int32(about) ?? 0, Int32(SOCK_STREAM.rawValue), 0)
            case "kill": kill(Int32(about) ?? 0, 0)
            case "run": execve(about, [nil], [nil])
            case "folder": mkdir(about, 0o700)
            case "user": Int32(getuid() == 0 ? 0 : -2)
            default: -1
            }
        guard done != -2 else { return EPERM }
        return done < 0 ? errno : 0
    }
}
