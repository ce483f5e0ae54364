import GlobalPlatform
import Glibc
import Ground
import SmartCard

/// What the layers between a caller and libpcsclite cost: exchanges one after another, on one reader and on several.
enum BenchChipExchanges {
    /// GET DATA of the CPLC: 5 bytes there, 47 back.
    static let command = APDUCommand(0x80, 0xCA, 0x9F, 0x7F, le: 256)

    static var now: Int64 {
        var value = timespec()
        clock_gettime(CLOCK_MONOTONIC, &value)
        return Int64(value.tv_sec) * 1_000_000_000 + Int64(value.tv_nsec)
    }

    /// Nanoseconds of each exchange, and of the processor for all of them.
    static func times(
        _ reader: PCSCReader, count: Int
    ) async throws(SakkError) -> (times: [Int64], processor: Int64) {
        try await reader.withCard { channel throws(SakkError) in
            let worked = BenchMeter.cpu
            let times = try times(channel, count: count)
            return (times, (BenchMeter.cpu - worked) * 1000)
        }
    }

    /// The same behind a secure channel of the highest level.
    static func securedTimes(
        _ reader: PCSCReader, keys: any CardKeySource, count: Int
    ) async throws(SakkError) -> [Int64] {
        try await reader.withCard { channel throws(SakkError) in
            _ = try CardManager(channel).select([])
            return try times(try SecureChannel.open(on: channel, keys: keys, keyVersion: 0), count: count)
        }
    }

    private static func times(_ channel: any CardChannel, count: Int) throws(SakkError) -> [Int64] {
        var times: [Int64] = []
        times.reserveCapacity(count)
        for _ in 0..<count {
            let begun = now
            _ = try channel.transmit(command)
            times.append(now - begun)
        }
        return times
    }

    /// All readers at once until the time is over: each one's exchanges in nanoseconds.
    static func crowd(_ readers: [PCSCReader], milliseconds: Int64) async throws -> [[Int64]] {
        let deadline = now + milliseconds * 1_000_000
        return try await withThrowingTaskGroup(of: [Int64].self) { group in
            for reader in readers {
                group.addTask {
                    try await reader.withCard { channel throws(SakkError) in
                        var times: [Int64] = []
                        while now < deadline {
                            let begun = now
                            _ = try channel.transmit(command)
                            times.append(now - begun)
                        }
                        return times
                    }
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
    }
}
