/// How many attempts each document signer was taken for, by the SHA-256 of its certificate in hexadecimal digits.
public struct SignerUseQuery: LedgerQuery {
    public init() {}

    public func answer(_ books: BooksReader) throws -> [String: Int] {
        let rows = try books.rows(
            "SELECT value, COUNT(*) AS taken FROM genealogy WHERE key = ? GROUP BY value",
            [.text(GenealogyKey.documentSigner.rawValue)])
        return Dictionary(uniqueKeysWithValues: try rows.map { (try $0.text("value"), try $0.count("taken")) })
    }
}
