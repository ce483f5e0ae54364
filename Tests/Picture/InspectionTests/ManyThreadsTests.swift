import Dispatch
import Foundation
import Ground
import Testing

@testable import Inspection

/// cairo keeps ten font files open for all threads of a process, and closes one that another thread draws with.
@Suite struct ManyThreadsTests {
    @Test("threads that draw in more faces than cairo keeps open draw what one thread alone draws")
    func faces() {
        let faces = Array(FaceList.faces(for: "Amal 0123").prefix(40))
        #expect(faces.count > 12, "more than cairo keeps open")
        // each at a size of its own, which nobody has drawn before
        @Sendable func ink(_ turn: Int) -> Int {
            let size = 20 + Double(turn) * 0.037
            return DrawnLine("Amal 0123", face: faces[turn * 7 % faces.count], size: size)?.ink.hashValue ?? 0
        }
        let drawn = Drawn(4 * 300)
        DispatchQueue.concurrentPerform(iterations: 4) { thread in
            for turn in 0..<300 { drawn.keep(ink(4 * turn + thread), at: 4 * turn + thread) }
        }
        #expect((0..<1200).filter { ink($0) != drawn.inks[$0] } == [])
    }

    private final class Drawn: @unchecked Sendable {
        private let lock = NSLock()
        private(set) var inks: [Int]
        init(_ count: Int) { inks = Array(repeating: -1, count: count) }
        func keep(_ ink: Int, at turn: Int) { lock.withLock { inks[turn] = ink } }
    }
}
