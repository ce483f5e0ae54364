import Foundation
import Glibc
import Ground
import Testing
import Workers

/// What a confined process reaches, tried from within (`worker-probe`).
struct ConfinementTests {
    private static var folder: String {
        get throws {
            let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
            return (own as NSString).deletingLastPathComponent
        }
    }

    private static func worker(_ words: String...) throws -> WorkerProcess {
        WorkerProcess(name: "probe", program: try folder + "/worker-probe", arguments: words)
    }

    private func tried(_ what: String, _ worker: WorkerProcess) async throws -> Int32 {
        let answer = try await worker.ask(Bytes(what.utf8), limitMS: 20_000)
        return try #require(Int32(String(decoding: answer, as: UTF8.self)))
    }

    @Test func `a worker at a service reads what it was given and nothing else, and writes nothing`() async throws {
        let place = try Place()
        defer { place.remove() }
        let worker = try Self.worker("local", place.given)
        #expect(try await tried("read \(place.given)", worker) == 0)
        #expect(try await tried("read \(place.other)", worker) == EACCES)
        #expect(try await tried("read /proc/\(getpid())/environ", worker) == EACCES)
        #expect(try await tried("write \(place.given)", worker) == EACCES)
        #expect(try await tried("write \(place.folder)/new", worker) == EACCES)
        #expect(try await tried("folder \(place.folder)/sub", worker) != 0)
        // its service is asked over a local socket, as the user that it is
        #expect(try await tried("socket \(AF_UNIX)", worker) == 0)
        #expect(try await tried("socket \(AF_INET)", worker) == EPERM)
        #expect((try await tried("user", worker) == 0) == (getuid() == 0))
        await worker.stop()
    }

    @Test func `a worker alone has no socket, no file of ours and is not root`() async throws {
        let place = try Place()
        defer { place.remove() }
        let worker = try Self.worker("alone", place.given)
        #expect(try await tried("read \(place.given)", worker) == EACCES)
        #expect(try await tried("write \(place.given)", worker) == EACCES)
        #expect(try await tried("socket \(AF_UNIX)", worker) == EPERM)
        #expect(try await tried("user", worker) == EPERM)
        await worker.stop()
    }

    @Test(arguments: ["alone", "local"])
    func `neither starts a program nor touches another process`(_ place: String) async throws {
        let worker = try Self.worker(place)
        #expect(try await tried("run /bin/true", worker) == EPERM)
        #expect(try await tried("kill \(getpid())", worker) == EPERM)
        // what its libraries need is there
        #expect(try await tried("read /proc/self/maps", worker) == 0)
        #expect(try await tried("read /dev/urandom", worker) == 0)
        let status = try String(contentsOfFile: "/proc/\(try #require(await worker.pid))/status", encoding: .utf8)
        #expect(status.contains("NoNewPrivs:\t1") && status.contains("Seccomp:\t2"))
        await worker.stop()
    }

    @Test func `started by nobody, it says so and ends`() throws {
        let process = Process()
        process.executableURL = URL(filePath: try Self.folder + "/worker-probe")
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationReason == .exit && process.terminationStatus == 3)
    }

    /// A folder with a file that a worker is given and one that it is not.
    private struct Place {
        let folder = NSTemporaryDirectory() + "sakk-confined-" + UUID().uuidString
        var given: String { folder + "/given" }
        var other: String { folder + "/other" }

        init() throws {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            for path in [given, other] { try "text".write(toFile: path, atomically: false, encoding: .utf8) }
        }

        func remove() { try? FileManager.default.removeItem(atPath: folder) }
    }
}
