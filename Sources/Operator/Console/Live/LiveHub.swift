import Ground
import Ledger

/// Keeps the open pages up to date. What several browsers look at in one look is made once, and sent only when it
/// changed.
actor LiveHub {
    struct Key: Hashable, Sendable {
        let path: String
        let look: Look
        let roles: Set<PersonRole>
        /// Of a page that is each person's own; nil where all see the same.
        var person: PersonID?
    }

    private struct Room {
        var make: @Sendable () async -> String?
        var last: String?
        var listeners: [Int: AsyncStream<String>.Continuation] = [:]
    }

    private var rooms: [Key: Room] = [:]
    private var next = 0
    private let tick: @Sendable () async -> Int64?
    private let grew: @Sendable () async -> Void
    private let isDue: @Sendable () async -> Bool
    private let idle: Int
    private var watcher: Task<Void, Never>?
    private var seen: Int64?

    /// - Parameters:
    ///   - idle: after so many beats without a change the pages are made anew all the same.
    ///   - grew: is told of each change before the pages are made anew.
    ///   - isDue: whether a page showed something that was already old then, and can be known better now.
    ///   - tick: tells whether anything changed in the books.
    init(
        idle: Int = 100, grew: @escaping @Sendable () async -> Void = {},
        isDue: @escaping @Sendable () async -> Bool = { false }, tick: @escaping @Sendable () async -> Int64?
    ) {
        self.idle = idle
        self.grew = grew
        self.isDue = isDue
        self.tick = tick
    }

    /// The page's part now, and whenever it changes. `make` renders it.
    func join(_ key: Key, make: @escaping @Sendable () async -> String?) async -> AsyncStream<String> {
        let (stream, continuation) = AsyncStream.makeStream(of: String.self, bufferingPolicy: .bufferingNewest(4))
        next += 1
        let id = next
        continuation.onTermination = { [weak self] _ in Task { await self?.leave(key, id) } }
        var room = rooms[key] ?? Room(make: make)
        room.listeners[id] = continuation
        rooms[key] = room
        if watcher == nil { watcher = Task { [weak self] in await self?.watch() } }
        // whoever comes late may have a page of before the last change
        if let now = await make() {
            rooms[key]?.last = now
            continuation.yield(LiveHub.event(now))
        }
        return stream
    }

    private func leave(_ key: Key, _ id: Int) {
        rooms[key]?.listeners[id] = nil
        if rooms[key]?.listeners.isEmpty == true { rooms[key] = nil }
        if rooms.isEmpty {
            watcher?.cancel()
            watcher = nil
        }
    }

    var listeners: Int { rooms.values.reduce(0) { $0 + $1.listeners.count } }

    private func watch() async {
        var quiet = 0
        while !Task.isCancelled {
            let now = await tick()
            quiet += 1
            if now != seen { await grew() }
            // figures of the hour change without a row in the books
            let isOld = await isDue()
            if now != seen || isOld || quiet >= idle {
                seen = now
                quiet = 0
                await renew()
            }
            try? await Task.sleep(for: .milliseconds(100))
        }
    }

    private func renew() async {
        for key in Array(rooms.keys) {
            guard let room = rooms[key], let text = await room.make() else { continue }
            guard rooms[key]?.last != text else { continue }
            rooms[key]?.last = text
            for listener in rooms[key]?.listeners.values.map(\.self) ?? [] { listener.yield(LiveHub.event(text)) }
        }
    }

    /// One event of server-sent events; the text goes as a JSON string on one line.
    static func event(_ text: String) -> String { "data: \(JSONValue.string(text).canonicalText)\n\n" }
}
