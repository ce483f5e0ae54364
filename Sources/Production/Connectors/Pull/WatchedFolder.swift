import Glibc
public import Ground
import Records

/// A folder where batches (`.tar`) and single signed records (`.p7m`) appear; a sender writes beside and renames.
///
/// A whole file is first claimed (`work/`), so that a sender who puts another file of the same name takes nothing away;
/// after the ledger's commit it goes to `taken/` or, when nothing of it was taken, to `refused/`. A `.json` beside it
/// says what was refused. A crash at any point leaves the file in `work/` or in the folder: it is read again, and the
/// ledger knows its records. One file is one page; there is no cursor.
public actor WatchedFolder: RecordSource {
    /// What becomes of a file whose records are in the ledger. It holds personal data in the clear.
    public enum Afterwards: String, Sendable, CaseIterable { case keep, remove }

    public nonisolated let name: String
    private let folder: String
    private let afterwards: Afterwards
    private let maxBytes: Int
    private let thread: DeviceThread
    private var news: FolderNews?
    private var lock: Int32?
    /// Files that are not whole yet, cannot be read, or have names that are not taken.
    public private(set) var waiting: [String] = []

    public nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    public init(name: String, folder: String, afterwards: Afterwards = .keep, maxBytes: Int = 512 << 20) {
        self.name = name
        self.folder = folder
        self.afterwards = afterwards
        self.maxBytes = maxBytes
        thread = DeviceThread(label: "folder \(name)")
    }

    deinit {
        if let lock { close(lock) }
        thread.stop()
    }

    public func pull(after cursor: String?) async throws(SakkError) -> SourcePage {
        try begin()
        waiting = []
        // what a crash left comes first
        for name in try DurableFile.names(in: "\(folder)/work") {
            if let item = try claimed(name) { return SourcePage(items: [item], next: nil, more: true) }
        }
        for name in try DurableFile.names(in: folder) where name.hasSuffix(".tar") || name.hasSuffix(".p7m") {
            guard WatchedFolder.isPlain(name), try isWhole("\(folder)/\(name)") else {
                waiting.append(name)
                continue
            }
            // a file of this name is being worked on: its turn comes behind it
            guard try DurableFile.move("\(folder)/\(name)", to: "\(folder)/work/\(name)", replacing: false) else {
                continue
            }
            if let item = try claimed(name) { return SourcePage(items: [item], next: nil, more: true) }
        }
        return SourcePage(items: [], next: nil, more: false)
    }

    public func acknowledge(_ acknowledgement: Acknowledgement) async throws(SakkError) {
        for verdict in acknowledgement.verdicts {
            let work = "\(folder)/work/\(verdict.id)"
            // told already: the file went its way before a crash
            guard access(work, F_OK) == 0 else { continue }
            if verdict.isTaken, verdict.refused.isEmpty, afterwards == .remove {
                try DurableFile.remove(work)
                continue
            }
            let target = "\(folder)/\(verdict.isTaken ? "taken" : "refused")/\(verdict.id)"
            var number = 1
            var path = target
            while true {
                // the reason first: a refused file without one is never there
                if !verdict.refused.isEmpty, access(path, F_OK) != 0 {
                    try DurableFile.write(WatchedFolder.report(verdict), to: path + ".json")
                }
                if try DurableFile.move(work, to: path, replacing: false) { break }
                if try same(work, path) {
                    try DurableFile.remove(work)
                    break
                }
                number += 1
                path = "\(target).\(number)"
            }
            try FaultPoint.pass("source.moved")
        }
    }

    public func waitForNews(atMost limitMilliseconds: Int) async {
        var left = limitMilliseconds
        while left > 0, !Task.isCancelled, news?.wait(milliseconds: min(left, 250)) != true { left -= 250 }
    }

    private func begin() throws(SakkError) {
        guard lock == nil else { return }
        for inner in ["work", "taken", "refused"] { try DurableFile.makeFolder("\(folder)/\(inner)") }
        guard let lock = try DurableFile.lock("\(folder)/work/.lock") else {
            throw SakkError(
                "source.folder.busy", source: name, text: "Another program reads this folder.",
                remedy: "One program at a time pulls from a folder: end the other one.")
        }
        self.lock = lock
        news = FolderNews(folder: folder)
    }

    /// A claimed file when it is whole; nil when somebody still writes to it or it is no file.
    private func claimed(_ name: String) throws(SakkError) -> SourceItem? {
        let path = "\(folder)/work/\(name)"
        guard WatchedFolder.isPlain(name), try isWhole(path),
            let content = try DurableFile.read(path, atMost: maxBytes)
        else {
            waiting.append("work/\(name)")
            return nil
        }
        return SourceItem(id: name, content: content)
    }

    private func isWhole(_ path: String) throws(SakkError) -> Bool {
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard file >= 0 else {
            // gone again, a link, or not readable for us: no reason to stop the others
            if [ENOENT, ELOOP, EACCES, EPERM].contains(errno) { return false }
            throw DurableFile.failure(path, "file.unreadable")
        }
        defer { close(file) }
        var information = stat()
        guard fstat(file, &information) == 0, information.st_mode & S_IFMT == S_IFREG,
            information.st_size <= maxBytes
        else { return false }
        return FileClosure.judge(file, size: Int(information.st_size)) == .closed
    }

    private func same(_ left: String, _ right: String) throws(SakkError) -> Bool {
        try DurableFile.read(left, atMost: maxBytes) == DurableFile.read(right, atMost: maxBytes)
    }

    private static func report(_ verdict: SourceVerdict) -> Bytes {
        let refused = verdict.refused.map { problem -> JSONValue in
            [
                "record": .string(problem.recordName), "field": .string(problem.field),
                "code": .string(problem.code.rawValue), "reason": .string(problem.reason),
            ]
        }
        let report: JSONValue = [
            "file": .string(verdict.id), "taken": .integer(Int64(verdict.taken)),
            "known": .integer(Int64(verdict.known)), "refused": .array(refused),
        ]
        return Bytes((report.document(schema: "sakk.refused/1") + "\n").utf8)
    }

    /// Letters, digits, `.`, `-`, `_`; at most 128. Names go to journals, so nothing else is taken.
    private static func isPlain(_ name: String) -> Bool {
        name.utf8.count <= 128 && name.utf8.allSatisfy(PlainName.isPlain)
    }
}
