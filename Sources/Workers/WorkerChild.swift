internal import CJail
internal import Glibc
public import Ground

/// One life of a worker: a program of ours, started with one socket, memory where it needs some, the variables that it is given,
/// and nothing else. Ends with this object.
public final class WorkerChild {
    public let pid: Int32
    public let socket: WorkerSocket
    private var ending: SakkError.Native?

    /// - Parameters:
    ///   - program: path.
    ///   - arguments: nothing secret and nothing of a person: everybody on this machine can read them.
    ///   - variables: `NAME=value`, besides a locale.
    /// - Throws: an errno where it cannot be started.
    public init(program: String, arguments: [String], variables: [String] = [], memory: WorkerMemory? = nil)
        throws(WorkerStartFailure)
    {
        var ends: [Int32] = [-1, -1]
        let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        guard socketpair(AF_UNIX, kind, 0, &ends) == 0 else { throw WorkerStartFailure(errno: errno) }
        defer { close(ends[1]) }
        var words: [UnsafeMutablePointer<CChar>?] = ([program] + arguments).map { strdup($0) } + [nil]
        var named: [UnsafeMutablePointer<CChar>?] = (["LC_ALL=C.UTF-8"] + variables).map { strdup($0) } + [nil]
        defer { (words + named).forEach { free($0) } }
        var started: pid_t = 0
        let failed = sakk_worker_start(program, &words, &named, ends[1], memory?.descriptor ?? -1, &started)
        guard failed == 0 else {
            close(ends[0])
            throw WorkerStartFailure(errno: failed)
        }
        pid = started
        socket = WorkerSocket(descriptor: ends[0])
        WorkerTime.begin(started)
    }

    deinit { end() }

    /// Ends it whatever it does, and says how it ended.
    @discardableResult public func end() -> SakkError.Native {
        if let ending { return ending }
        close(socket.descriptor)
        Glibc.kill(pid, SIGKILL)
        let told = WorkerTime.end(pid)
        ending = told
        return told
    }

    /// Stops it at once, and leaves its socket: what it was given may change then.
    public func kill() { Glibc.kill(pid, SIGKILL) }

    /// The program of this name beside ours: of the same version as it.
    public static func beside(_ name: String) -> String {
        var path = [CChar](repeating: 0, count: Int(PATH_MAX))
        let length = readlink("/proc/self/exe", &path, path.count)
        let own = String(decoding: path.prefix(max(0, length)).map(UInt8.init(bitPattern:)), as: UTF8.self)
        guard let slash = own.lastIndex(of: "/") else { return name }
        return own[...slash] + name
    }
}

/// Why there is no worker.
public struct WorkerStartFailure: Error, Sendable {
    public let errno: Int32
}
