import Console
import Ground
import Ledger

/// A line that its books alone know: its controller works, and nobody orders anything of it.
struct BenchServedLine: ServedLine {
    let id = LineID("bench")
    let cells: [CellID]
    let product = BenchRecords.product
    let stock = "id1"
    let isTraining = true
    let pictures: String? = nil
    let targetPerHour: Int? = 120
    let countsBlanks = true

    func ask(_ word: LineCommand.Word, cell: CellID?, by person: String, facts: [String: JSONValue])
        async throws(SakkError) -> CommandAnswer
    { throw BenchServedLine.none }
    func begin(by person: String) async throws(SakkError) { throw BenchServedLine.none }
    func end(by person: String) async throws(SakkError) { throw BenchServedLine.none }
    func controller() async -> LineHand { LineHand(works: true) }
    func cameras() -> [ServedCamera] { [] }
    func keys() async throws(SakkError) -> [ServedKey] { [] }

    private static var none: SakkError {
        SakkError("bench.line", source: "bench", text: "This line has no machines.", remedy: "Report it.")
    }
}
