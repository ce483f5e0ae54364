import Ground

extension Books {
    /// Something was committed to the log by anybody, or may have been: look. Never the only way to notice: with SQLite
    /// it stays silent, and a server's word can be lost.
    public func news(_ log: LogID) -> AsyncStream<Void> { store.news(log) }
}

extension SQLStore {
    func news(_ log: LogID) -> AsyncStream<Void> { AsyncStream { _ in } }
}
