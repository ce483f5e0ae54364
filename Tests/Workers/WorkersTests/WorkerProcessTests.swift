import Glibc
import Ground
import Testing
import Workers

struct WorkerProcessTests {
    private func worker(_ program: String, _ arguments: String..., variables: [String] = []) -> WorkerProcess {
        WorkerProcess(name: "test worker", program: program, arguments: arguments, variables: variables)
    }

    /// A worker in Python that answers its first request with what `expression` is worth.
    private func python(_ expression: String, variables: [String] = []) -> WorkerProcess {
        worker(
            "/usr/bin/python3", "-c",
            """
            import os, struct, sys
            asked = os.fdopen(3, "rb", 0, closefd=False)
            def read(count):
                got = b""
                while len(got) < count: got += asked.read(count - len(got))
                return got
            request = read(struct.unpack(">I", read(4))[0])
            said = str(\(expression)).encode()
            os.write(3, struct.pack(">I", len(said)) + said)
            asked.read(4)
            """, variables: variables)
    }

    private func code(_ worker: WorkerProcess, limitMS: Int = 20_000) async -> SakkError? {
        do {
            _ = try await worker.ask([1, 2, 3], limitMS: limitMS, answerMax: 1 << 20)
            return nil
        } catch {
            return error
        }
    }

    @Test func `one process answers one request after another`() async throws {
        let echo = worker("/bin/sh", "-c", "exec cat <&3 >&3")
        let large = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        #expect(try await echo.ask([], limitMS: 20_000) == [])
        let pid = try #require(await echo.pid)
        #expect(try await echo.ask([0xAB], limitMS: 20_000) == [0xAB])
        #expect(await echo.pid == pid)
        await echo.stop()
        #expect(try await echo.ask(Bytes(large.prefix(60_000)), limitMS: 20_000) == Bytes(large.prefix(60_000)))
        #expect(await echo.pid != pid)
        await echo.stop()
        #expect(await echo.pid == nil && kill(pid, 0) == -1 && errno == ESRCH)
        let counted = python("len(request)")
        #expect(try await counted.ask(large, limitMS: 20_000) == Bytes("3000000".utf8))
        await counted.stop()
    }

    @Test func `a worker that dies says how, and the next request starts another one`() async throws {
        let crash = worker("/bin/sh", "-c", "head -c 7 <&3 >/dev/null; kill -SEGV $$")
        let first = await code(crash)
        #expect(first?.code == "worker.ended" && first?.outcome == .unknown)
        #expect(first?.native == SakkError.Native(kind: "signal", value: "11"))
        #expect(await code(crash)?.native == SakkError.Native(kind: "signal", value: "11"))
        let quit = await code(worker("/bin/sh", "-c", "head -c 7 <&3 >/dev/null; exit 7"))
        #expect(quit?.code == "worker.ended" && quit?.native == SakkError.Native(kind: "exit", value: "7"))
        #expect(await code(worker("/bin/true"))?.code == "worker.ended")
    }

    @Test func `a worker that hangs is ended when its time is over, before and in the middle of an answer`()
        async throws
    {
        let deaf = worker("/bin/sleep", "1000")
        #expect(await code(deaf, limitMS: 50)?.code == "worker.late")
        #expect(await deaf.pid == nil)
        let begins = worker("/bin/sh", "-c", "printf '\\000\\000\\000\\010half' >&3; exec sleep 1000")
        #expect(await code(begins, limitMS: 300)?.code == "worker.late")
        // its input is full and nobody reads it
        let full = Bytes(repeating: 0, count: 8 << 20)
        await #expect(throws: SakkError("worker.late", source: "", text: "", remedy: "")) {
            try await deaf.ask(full, limitMS: 300)
        }
    }

    @Test func `an answer of impossible length is none, and a program that is not there is missed`() async throws {
        let boast = worker("/bin/sh", "-c", "printf '\\377\\377\\377\\377' >&3; exec cat <&3 >/dev/null")
        #expect(await code(boast)?.code == "worker.answer")
        #expect(await boast.pid == nil)
        let missing = await code(worker("/nonexistent/worker"))
        #expect(missing?.code == "worker.missing" && missing?.outcome == .notDone)
    }

    @Test func `it gets one socket, the variables that are named, and nothing else of ours`() async throws {
        let secret = open("/dev/null", O_RDONLY)
        defer { close(secret) }
        setenv("SAKK_WORKER_SECRET", "secret", 1)
        setenv("SAKK_WORKER_NAMED", "named", 1)
        let open = python("sorted(int(name) for name in os.listdir('/proc/self/fd'))")
        // 4 is the folder that is being read
        #expect(try await open.ask([], limitMS: 20_000) == Bytes("[0, 1, 2, 3, 4]".utf8))
        await open.stop()
        let variables = python(
            "sorted(name for name in os.environ if name != 'LC_CTYPE')",
            variables: ["SAKK_WORKER_NAMED", "SAKK_NOT_THERE"])
        #expect(try await variables.ask([], limitMS: 20_000) == Bytes("['LC_ALL', 'SAKK_WORKER_NAMED']".utf8))
        await variables.stop()
    }

    @Test func `its processor time counts, while it runs and when it has ended`() async throws {
        let busy = python("sum(range(2000000))")
        let before = WorkerTime.microseconds
        _ = try await busy.ask([], limitMS: 20_000)
        let running = WorkerTime.microseconds
        #expect(running > before)
        await busy.stop()
        #expect(WorkerTime.microseconds >= running)
    }

    @Test func `nobody is left behind when the asking side is gone`() async throws {
        let pid: Int32
        do {
            let echo = worker("/bin/sh", "-c", "exec cat <&3 >&3")
            _ = try await echo.ask([], limitMS: 20_000)
            pid = try #require(await echo.pid)
        }
        // it is ended on its own thread, and waited for there
        let deadline = ContinuousClock().now + .seconds(20)
        while kill(pid, 0) == 0, ContinuousClock().now < deadline { await Task.yield() }
        #expect(kill(pid, 0) == -1 && errno == ESRCH)
    }
}
