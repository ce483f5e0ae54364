import Ground

extension CellController {
    /// Runs one card's work in a task of its own. What a task keeps on its frames (short texts of the record, values of the
    /// zone) stays there until the task ends, and a cell's own task lives as long as the line: so the memory that a card's
    /// person lay in is given back, and wiped, when the card is done.
    func apart<Value: Sendable>(
        _ body: @escaping @Sendable () async throws(SakkError) -> Value
    ) async throws(SakkError) -> Value {
        let result = await withTaskGroup(of: Result<Value, SakkError>.self, returning: Result<Value, SakkError>?.self) {
            group in
            group.addTask {
                do throws(SakkError) { return .success(try await body()) } catch { return .failure(error) }
            }
            return await group.next()
        }
        guard let result else { throw hold("line.sequence", "A card's work came to no end.", "Call the engineer.") }
        return try result.get()
    }
}
