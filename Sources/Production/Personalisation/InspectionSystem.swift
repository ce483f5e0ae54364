internal import BorderReader
public import Ground
public import OpenSSLCrypto

/// The plant's own inspection system, which reads fingers back. Its certificates go to the border process; its key stays on this
/// side and signs one challenge for each document that the line has read (`TerminalQuestion`).
public struct InspectionSystem: Sendable {
    /// Paths, the terminal's own last.
    let certificates: [String]
    private let credentials: TerminalCredentials

    /// `folder`: `*.cvcert` in the order of their names; `key`: of the last one. Throws `border.terminal.folder`,
    /// `border.terminal.certificate`, `border.terminal.mismatch`, `border.terminal.algorithm`.
    public init(folder: String, key: any SigningKey) throws(SakkError) {
        certificates = try TerminalCredentials.certificates(in: folder)
        credentials = try TerminalCredentials(chain: try TerminalCredentials.read(certificates), key: key)
    }

    /// Where a folder keeps a key that is no token's.
    public static func keyFile(in folder: String) -> String { TerminalCredentials.keyFile(in: folder) }

    /// Certificate holder reference, and the last day on which chips believe it (YYMMDD).
    public var holder: String { credentials.holder }
    public var expires: String { credentials.expires }

    /// Nil for bytes that ask for no signature of Terminal Authentication.
    func signature(for question: Bytes) throws(SakkError) -> Bytes? {
        guard let message = TerminalQuestion.message(question) else { return nil }
        return try credentials.sign(message)
    }
}
