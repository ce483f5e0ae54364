internal import CJail
internal import Glibc
public import Ground

/// The worker's end: gives up what the work does not need, then answers what comes over its socket, one after another, until
/// nobody asks any more.
public enum WorkerDesk {
    /// Where a worker finds what it works on.
    public enum Place: Sendable {
        /// In the memory that it is shown: no sockets, and `nobody` where it was root.
        case alone
        /// At a service of this machine, with these files and folders to read. It stays the user that it is.
        case local(reading: [String])
    }

    /// No request is longer.
    private static let requestMax = 1 << 26
    /// Ours, in a process that a controller started.
    public static let socket = WorkerSocket(descriptor: SAKK_WORKER_SOCKET)

    /// All of a worker's work is done here, so that its stack is wiped when it waits.
    private static let thread = WorkThread(label: "worker")

    /// Runs `work` with nothing but its work, and ends the process. To be called first of all, by the first thread: what comes
    /// later inherits what was given up.
    public static func run(_ name: String, at place: Place, _ work: @escaping @Sendable () async -> Void) -> Never {
        if let failure = confine(place) {
            let words = "\(name): it cannot be confined (\(failure.step), errno \(failure.errno)).\n"
            _ = words.withCString { write(STDERR_FILENO, $0, strlen($0)) }
            _exit(3)
        }
        guard isAsked else {
            let words = "\(name): it is started by `sakk`, and of no use to anybody else.\n"
            _ = words.withCString { write(STDERR_FILENO, $0, strlen($0)) }
            _exit(3)
        }
        Task.detached(executorPreference: thread) {
            await work()
            // without handlers of libraries that other threads are still in
            _exit(0)
        }
        while true { pause() }
    }

    /// Answers until the other side has closed.
    public static func serve(_ answer: @escaping @Sendable (Bytes) async -> Bytes) async {
        while let head = next(4) {
            let length = Int(BigEndian.unsigned(head) ?? 0)
            guard length <= requestMax, let request = try? socket.read(length) else { return }
            // a task of its own: what lay on its frames is given back, and wiped, with it
            let answered = await Task.detached(executorPreference: thread) { await answer(request) }.value
            guard (try? socket.write(BigEndian.bytes(UInt32(answered.count)) + answered)) != nil else { return }
        }
    }

    /// In the middle of an answer: a question back, and what the controller says to it. Nil when it is gone.
    public static func inquire(_ question: Bytes) -> Bytes? {
        guard (try? socket.write(BigEndian.bytes(UInt32(question.count)) + question)) != nil,
            let head = try? socket.read(4), let length = BigEndian.unsigned(head).map({ Int($0) }), length <= requestMax
        else { return nil }
        return try? socket.read(length)
    }

    /// The beginning of the next request; nil when the controller is gone. What the last one left on the stack is wiped first.
    public static func next(_ count: Int) -> Bytes? {
        WorkThread.forgetStack()
        return try? socket.read(count)
    }

    /// What a controller shows; nil, and `errno`, when it gave no such memory.
    public static func memory(_ count: Int) -> UnsafeRawBufferPointer? {
        let place = mmap(nil, count, PROT_READ, MAP_SHARED, SAKK_WORKER_MEMORY, 0)
        guard let place, place != MAP_FAILED else { return nil }
        close(SAKK_WORKER_MEMORY)
        return UnsafeRawBufferPointer(start: place, count: count)
    }

    /// A controller is there; one that died before this process was bound to it is not.
    private static var isAsked: Bool {
        var (kind, length) = (Int32(0), socklen_t(MemoryLayout<Int32>.size))
        guard getsockopt(SAKK_WORKER_SOCKET, SOL_SOCKET, SO_DOMAIN, &kind, &length) == 0, kind == AF_UNIX else {
            return false
        }
        var asked = pollfd(fd: SAKK_WORKER_SOCKET, events: 0, revents: 0)
        return poll(&asked, 1, 0) == 0
    }

    private static func confine(_ place: Place) -> (step: String, errno: Int32)? {
        var paths: [UnsafeMutablePointer<CChar>?] = []
        var kind = SAKK_WORKER_ALONE
        if case .local(let reading) = place {
            kind = SAKK_WORKER_LOCAL
            paths = reading.map { strdup($0) }
        }
        defer { paths.forEach { free($0) } }
        var step: UnsafePointer<CChar>?
        let readable = paths.map { UnsafePointer($0) } + [nil]
        let failed = sakk_worker_confine(kind, readable, &step)
        return failed == 0 ? nil : (step.map { String(cString: $0) } ?? "", failed)
    }
}
