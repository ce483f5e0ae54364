import CCrashDisk
internal import Ground
import Synchronization

/// What is simulated.
public struct SimulationOptions: Sendable {
    public var documents = 1000
    public var cells = 1
    public var profile = FaultProfile.typical
    /// One kill in so many documents on average; 0 never kills.
    public var killEvery = 10
    public var seed: UInt64 = 1
    /// Worlds that run at the same time.
    public var jobs = 1
    /// Documents of a world: each has its own disk, so that memory stays flat.
    public var worldSize = 1000

    /// Makes the chips of a world, by its seed; nil for chips that are a state only.
    public var chips: (@Sendable (UInt64) -> any PlantChips)?
    public var size = "a"

    /// The wall clock is set forward and back while the line works: leap seconds, summer time, wrong dates.
    public var clockJumps = false

    /// Gets what happens in words, for the search after a breach.
    public var trace: (@Sendable (String) -> Void)?

    /// Folder for the ledgers of worlds with a breach.
    public var keep: String?

    public init() {}

    /// The command that does the same again.
    public var command: String {
        var words = ["sakk simulate"]
        if size != "a" { words.append("--size \(size)") }
        words.append("--documents \(documents) --cells \(cells) --faults \(profile.name) --kill-every \(killEvery)")
        words.append("--seed \(seed)")
        if clockJumps { words.append("--clock jumps") }
        if worldSize != 1000 { words.append("--world \(worldSize)") }
        return words.joined(separator: " ")
    }
}

/// The proof of the one rule by simulation: plants whose controllers die at every moment, and a judge that counts cards.
public enum SimulatedPlants {
    /// Runs all worlds. `progress` gets the sum so far after each.
    public static func run(
        _ options: SimulationOptions, progress: @escaping @Sendable (Balance) -> Void = { _ in }
    ) async -> Balance {
        crashdisk_keep_memory()
        let sum = Sum()
        let size = max(1, options.worldSize)
        let worlds = (options.documents + size - 1) / size
        @Sendable func world(_ index: Int) async {
            let run = WorldRun(
                options: options, seed: options.seed &+ UInt64(index),
                documents: min(size, options.documents - index * size))
            let balance = await run.run()
            progress(sum.add(balance))
        }
        await withTaskGroup(of: Void.self) { group in
            var next = 0
            while next < min(max(1, options.jobs), worlds) {
                let index = next
                group.addTask { await world(index) }
                next += 1
            }
            while await group.next() != nil, next < worlds {
                let index = next
                group.addTask { await world(index) }
                next += 1
            }
        }
        return sum.value
    }

    private final class Sum: Sendable {
        private let balance = Mutex(Balance())
        var value: Balance { balance.withLock { $0 } }

        func add(_ other: Balance) -> Balance {
            balance.withLock { balance in
                balance.add(other)
                return balance
            }
        }
    }
}
