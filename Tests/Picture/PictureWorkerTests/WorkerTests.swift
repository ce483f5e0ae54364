import Foundation
import Glibc
import Ground
import Inspection
import Stations
import Testing

@testable import PictureWorker

/// The real `sakk-picture`, and programs in its place that misbehave.
@Suite(.serialized) struct WorkerTests {
    @Test func `A worker says of a card what the inspection says in this process`() async throws {
        let request = try Pictures.request()
        let here = try await CardInspector(keepsSeen: true, labels: ["portrait.differs": ["وجه", "ڕوو", "face"]])
            .inspect(request)
        let worker = WorkerInspection(
            program: try Workers.real(),
            settings: PictureSettings(
                keepsGoodCards: true, keepsSeen: true, labels: ["portrait.differs": ["وجه", "ڕوو", "face"]]))
        let there = try await worker.inspect(request)
        #expect(there.verdict == here.verdict)
        #expect(there.seenMRZ == here.seenMRZ)
        #expect(there.annotated == here.annotated && there.annotated.count == 2)
        #expect(there.seen == here.seen && there.seen.count == 2)
        #expect(there.measures.filter { !$0.key.hasPrefix("worker.") } == here.measures && here.measures.count > 20)
        #expect((there.measures["worker.processor_ms"] ?? 0) > 0)
    }

    @Test func `A changed card is rejected with its reasons and a crop for each`() async throws {
        let request = try Pictures.request(meaning: 1)
        let here = try await CardInspector().inspect(request)
        let worker = WorkerInspection(program: try Workers.real(), settings: PictureSettings())
        let there = try await worker.inspect(request)
        guard case .reject(let findings) = there.verdict else {
            Issue.record("another person's card was not rejected: \(there.verdict)")
            return
        }
        #expect(there.verdict == here.verdict && there.evidence == here.evidence)
        #expect(there.evidence.map(\.code) == findings.map(\.code))
        #expect(findings.map(\.code).contains("portrait.differs"))
        #expect(there.seen.isEmpty)
    }

    @Test(arguments: [
        "kill -9 $$", "exit 0", "exec sleep 600", "cat /dev/zero >&3", "head -c 5 /dev/zero >&3; exec sleep 600",
    ])
    func `A worker that dies, hangs or answers nonsense cannot judge, and the next picture is judged`(deed: String)
        async throws
    {
        let request = try Pictures.request()
        let place = try Workers.Place()
        defer { place.remove() }
        let worker = WorkerInspection(
            program: try place.program(onPicture: deed), settings: PictureSettings(),
            limitMS: deed.contains("sleep") ? 1500 : 30_000)
        let lost = try await worker.inspect(request)
        guard case .cannotJudge(let why) = lost.verdict else {
            Issue.record("judged without a worker: \(lost.verdict)")
            return
        }
        #expect(why.hasPrefix("inspection.failed (the worker"))
        #expect(await worker.lost == 1)
        // the limit is short for a machine with much to do; this one is not asked again with it
        let patient =
            deed.contains("sleep")
            ? WorkerInspection(program: try place.program(onPicture: deed), settings: PictureSettings()) : worker
        let next = try await patient.inspect(request)
        #expect(next.verdict == (try await Pictures.here.value.verdict))
    }

    @Test func `An answer that claims too much is nonsense, whatever it claims`() async throws {
        let request = try Pictures.request()
        // an answer to another question; one of a length that is none; a pass with a word left over
        let answers = [
            Workers.answer(number: 7, ""), Workers.answer(length: 1 << 40, ""), Workers.answer("\\001"),
            Workers.answer(Workers.passing + Workers.word(0)),
        ]
        for answer in answers {
            let place = try Workers.Place()
            defer { place.remove() }
            let worker = WorkerInspection(
                program: try place.program(onPicture: "printf '\(answer)' >&3; exec sleep 600"),
                settings: PictureSettings())
            let result = try await worker.inspect(request)
            #expect(result.verdict != .pass)
            #expect(await worker.lost == 1)
        }
        // the same without the word would be a pass: it is the check that refuses, not the script that fails
        let place = try Workers.Place()
        defer { place.remove() }
        let worker = WorkerInspection(
            program: try place.program(onPicture: "printf '\(Workers.answer(Workers.passing))' >&3; exec sleep 600"),
            settings: PictureSettings())
        #expect(try await worker.inspect(request).verdict == .pass)
    }

    @Test func `A worker that was killed between two cards costs no card`() async throws {
        let request = try Pictures.request()
        let worker = WorkerInspection(program: try Workers.real(), settings: PictureSettings())
        try await worker.start()
        let first = try #require(await worker.process)
        kill(first, SIGKILL)
        // its first thread may be gone while another still holds the socket
        while try Workers.state(of: first) != "Z" || Workers.threads(of: first) > 1 { usleep(1000) }
        let result = try await worker.inspect(request)
        #expect(result.verdict == (try await Pictures.here.value.verdict))
        #expect(await worker.lost == 0)
        #expect(await worker.process != first)
    }

    @Test func `Without its program nothing is judged`() async throws {
        let request = try Pictures.request()
        let worker = WorkerInspection(program: "/nonexistent/sakk-picture", settings: PictureSettings())
        do {
            _ = try await worker.inspect(request)
            Issue.record("judged by nobody")
        } catch {
            #expect(error.code == "inspection.worker.start" && error.outcome == .notDone)
        }
    }

    @Test func `A worker has no environment, no other descriptor, no new rights, and ends with its controller`()
        async throws
    {
        // as a controller has them: a descriptor that is inherited, and a secret in the environment
        setenv("SAKK_WORKER_SECRET", "open sesame", 1)
        let leak = dup(2)
        var worker: WorkerInspection? = WorkerInspection(program: try Workers.real(), settings: PictureSettings())
        try await worker?.start()
        close(leak)
        unsetenv("SAKK_WORKER_SECRET")
        let process = try #require(await worker?.process)
        let status = try String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)
        #expect(status.contains("NoNewPrivs:\t1") && status.contains("Seccomp:\t2"))
        if geteuid() == 0 {
            #expect(try String(contentsOfFile: "/proc/\(process)/environ", encoding: .utf8) == "LC_ALL=C.UTF-8\0")
            var open: [String: String] = [:]
            for name in try FileManager.default.contentsOfDirectory(atPath: "/proc/\(process)/fd") {
                open[name] = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(process)/fd/\(name)")
            }
            #expect(open["0"] == "/dev/null" && open["1"] == "/dev/null")
            // its socket; whatever else there is, its own runtime made (event queues)
            let others = open.filter { !["0", "1", "2"].contains($0.key) && !$0.value.hasPrefix("anon_inode:") }
            #expect(others.count == 1 && others["3"]?.hasPrefix("socket:") == true, "\(open)")
            #expect(!status.contains("Uid:\t0"))
        }
        worker = nil
        while (try? Workers.state(of: process)) != nil { usleep(1000) }
    }

    @Test func `The memory in which a card was shown is empty afterwards`() async throws {
        let worker = WorkerInspection(program: try Workers.real(), settings: PictureSettings())
        _ = try await worker.inspect(try Pictures.request())
        let place = try #require(await worker.shown)
        let shown = UnsafeRawBufferPointer(start: UnsafeRawPointer(bitPattern: place.address), count: place.bytes)
        #expect(shown.count > 40 << 20)
        // two frames and two sides took some 20 MB from its beginning
        #expect(stride(from: 0, to: 40 << 20, by: 61).allSatisfy { shown[$0] == 0 })
        #expect(await worker.lost == 0)
    }
}
