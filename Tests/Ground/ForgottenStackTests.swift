import Foundation
import Ground
import Testing

/// What calls leave on a stack, looked for in the memory of this process from another thread.
@Suite struct ForgottenStackTests {
    /// Leaves a mark at a depth of `depth` frames of over 1 KiB each, and says where.
    @inline(never) private static func mark(_ depth: Int, _ value: UInt64) -> UInt {
        withUnsafeTemporaryAllocation(of: UInt64.self, capacity: 120) { room in
            if depth > 0 { return mark(depth - 1, value) &+ UInt(room.count - 120) }
            for index in 0..<120 { room[index] = value }
            return UInt(bitPattern: room.baseAddress)
        }
    }

    @inline(never) private static func stays(_ value: UInt64, at place: UInt) -> Bool {
        (0..<120).contains { UnsafePointer<UInt64>(bitPattern: place + UInt($0) * 8)?.pointee == value }
    }

    @Test(arguments: [2, 30, 200, 1000])
    func whatCallsLeftIsWiped(depth: Int) async {
        let thread = WorkThread(label: "stack")
        let value = UInt64.random(in: 1 << 40..<1 << 60)
        let found = await Task.detached(executorPreference: thread) {
            let place = Self.mark(depth, value)
            let before = Self.stays(value, at: place)
            WorkThread.forgetStack()
            return (before, Self.stays(value, at: place))
        }.value
        #expect(found.0)
        #expect(!found.1)
    }

    @Test func aThreadThatWaitsHasForgotten() async throws {
        let device = Device()
        let value = UInt64.random(in: 1 << 40..<1 << 60)
        let place = await device.work { Self.mark(40, value) }
        var left = true
        for _ in 0..<600 where left {
            try await Task.sleep(for: .milliseconds(50))
            left = Self.stays(value, at: place)
        }
        #expect(!left)
        await device.end()
    }

    private actor Device {
        private let thread = DeviceThread(label: "stack of a device")
        nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }
        func work(_ work: @Sendable () -> UInt) -> UInt { work() }
        func end() { thread.stop() }
    }
}
