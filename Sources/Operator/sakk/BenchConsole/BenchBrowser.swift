import Foundation
import Glibc
import Ground
import Printers

/// A plain client on a thread of its own: one kept connection for what it asks, and one for each open page. It reads and
/// draws nothing, so that what is measured is the server.
actor BenchBrowser {
    struct Answer: Sendable {
        let status: Int
        let body: Bytes
        /// From the first byte sent to the last byte received.
        let microseconds: Int64
    }

    private let thread = DeviceThread(label: "browser")
    nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }
    private let port: UInt16
    private var kept: StreamSocket?
    private var pages: [StreamSocket] = []
    private var cookie = ""

    init(port: Int) { self.port = UInt16(clamping: port) }

    /// Microseconds that this client's thread has worked.
    var spent: Int64 { BenchMeter.clock(CLOCK_THREAD_CPUTIME_ID) }

    func ask(_ path: String, form: String? = nil) throws(SakkError) -> Answer {
        let stream = try connected()
        let began = BenchMeter.now
        try stream.send(request(path, form), timeoutMS: 5000)
        var got = Bytes()
        while true {
            if let end = got.firstRange(of: Bytes("\r\n\r\n".utf8)) {
                let head = String(decoding: got[..<end.lowerBound], as: UTF8.self)
                let length = BenchBrowser.field("content-length", head).flatMap { Int($0) } ?? 0
                if got.count >= end.upperBound + length {
                    let taken = BenchMeter.now - began
                    if let set = BenchBrowser.field("set-cookie", head) {
                        cookie = String(set.split(separator: ";").first ?? "")
                    }
                    let status = head.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
                    return Answer(status: status, body: Bytes(got[end.upperBound...]), microseconds: taken)
                }
            }
            let more = try stream.receive(upTo: 1 << 16, timeoutMS: 10_000)
            guard !more.isEmpty else { throw BenchBrowser.silent(path) }
            got += more
        }
    }

    private func connected() throws(SakkError) -> StreamSocket {
        if let kept { return kept }
        let stream = try StreamSocket(host: "127.0.0.1", port: port, source: "bench")
        kept = stream
        return stream
    }

    /// Opens so many pages that are kept up to date, each with its first event.
    func open(_ count: Int, of path: String) throws(SakkError) {
        for _ in 0..<count {
            let page = try StreamSocket(host: "127.0.0.1", port: port, source: "bench")
            try page.send(request(path, nil), timeoutMS: 5000)
            try BenchBrowser.waitForEvent(page, path)
            pages.append(page)
        }
    }

    /// When an event that shows one of these reached each page, in the clock of `BenchMeter.now`.
    func arrivals(showing texts: [Bytes]) throws(SakkError) -> [Int64] {
        var times: [Int64] = []
        for page in pages {
            try BenchBrowser.wait(page, for: texts, "live")
            times.append(BenchMeter.now)
        }
        return times
    }

    /// Takes what is there already: the ends of events, heartbeats.
    func drain() throws(SakkError) {
        for page in pages { while try !page.receive(upTo: 1 << 16, timeoutMS: 0).isEmpty {} }
    }

    /// Listens for so long, as open pages do.
    func listen(milliseconds: Int64) throws(SakkError) {
        let end = BenchMeter.now + milliseconds * 1000
        while BenchMeter.now < end {
            try drain()
            Thread.sleep(forTimeInterval: 0.02)
        }
    }

    func close() {
        kept = nil
        pages = []
    }

    private func request(_ path: String, _ form: String?) -> Bytes {
        var head = "\(form == nil ? "GET" : "POST") \(path) HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\n"
        if !cookie.isEmpty { head += "Cookie: sakk-look=ar.latin; \(cookie)\r\n" }
        if let form {
            head += "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: \(form.utf8.count)\r\n"
        }
        return Bytes((head + "\r\n" + (form ?? "")).utf8)
    }

    /// Until an event begins; a heartbeat is none.
    private static func waitForEvent(_ page: StreamSocket, _ path: String) throws(SakkError) {
        try wait(page, for: [Bytes("data: ".utf8)], path)
    }

    private static func wait(_ page: StreamSocket, for texts: [Bytes], _ path: String) throws(SakkError) {
        let longest = texts.map(\.count).max() ?? 1
        var got = Bytes()
        while !texts.contains(where: { BenchBrowser.holds(got, $0) }) {
            let more = try page.receive(upTo: 1 << 16, timeoutMS: 10_000)
            guard !more.isEmpty else { throw silent(path) }
            got = Bytes(got.suffix(longest - 1)) + more
        }
    }

    /// The C library's search: what is measured is the server, also in a build that is not optimised.
    private static func holds(_ bytes: Bytes, _ text: Bytes) -> Bool {
        bytes.withUnsafeBytes { all in
            text.withUnsafeBytes { wanted in
                guard var place = all.baseAddress, let head = wanted.baseAddress else { return text.isEmpty }
                let end = place + all.count
                while end - place >= wanted.count {
                    guard let hit = memchr(place, Int32(wanted[0]), end - place - wanted.count + 1) else {
                        return false
                    }
                    if memcmp(hit, head, wanted.count) == 0 { return true }
                    place = UnsafeRawPointer(hit) + 1
                }
                return false
            }
        }
    }

    private static func field(_ name: String, _ head: String) -> String? {
        for line in head.split(separator: "\r\n") {
            let parts = line.split(separator: ":", maxSplits: 1)
            if parts.count == 2, parts[0].lowercased() == name { return String(parts[1].drop { $0 == " " }) }
        }
        return nil
    }

    private static func silent(_ path: String) -> SakkError {
        SakkError(
            "bench.silent", source: "bench", subject: path, text: "The server did not answer within 10 s.",
            remedy: "Run it again on a machine with less to do.")
    }
}
