import Foundation
import Ground
import Synchronization

@testable import KeyVault

/// SoftHSM tokens in a folder of their own. All are made before the module is loaded, because it looks for tokens only
/// when it starts; each test takes a fresh one.
final class TokenWorld: Sendable {
    static let module = "/usr/lib/softhsm/libsofthsm2.so"
    static let pinVariable = "SAKK_TEST_TOKEN_PIN"
    static let pin = "4711-test"
    static let shared = TokenWorld()

    let folder: String
    private let count = 64
    private let taken = Mutex(0)

    private init() {
        folder = TemporaryFolder.make()
        let tokens = folder + "/tokens"
        mkdir(tokens, 0o700)
        let settings = folder + "/softhsm2.conf"
        let text = "directories.tokendir = \(tokens)\nobjectstore.backend = file\nlog.level = ERROR\n"
        do {
            try text.write(toFile: settings, atomically: true, encoding: .utf8)
            setenv("SOFTHSM2_CONF", settings, 1)
            setenv(TokenWorld.pinVariable, TokenWorld.pin, 1)
            for number in 1...count {
                try Tool.run(
                    "softhsm2-util", "--init-token", "--free", "--label", TokenWorld.label(number), "--pin",
                    TokenWorld.pin,
                    "--so-pin", "0815-test")
            }
        } catch { fatalError("SoftHSM tokens cannot be made: \(error)") }
    }

    // pkcs11-tool takes the first label that begins with the one it is given: none may begin with another
    private static func label(_ number: Int) -> String { "vault-\(100 + number)" }

    func freshToken() -> String {
        let number = taken.withLock { taken in
            taken += 1
            return taken
        }
        precondition(number <= count, "more tokens are needed: raise the count")
        return TokenWorld.label(number)
    }

    func keys(_ token: String) -> PKCS11WeekKeys {
        PKCS11WeekKeys(module: TokenWorld.module, tokenLabel: token, pin: .environment(TokenWorld.pinVariable))
    }

    /// What OpenSC's pkcs11-tool, a process of its own, says or does as the token's user.
    @discardableResult
    func pkcs11Tool(_ token: String, _ arguments: String...) throws -> String {
        try Tool.run(
            "pkcs11-tool",
            arguments: ["--module", TokenWorld.module, "--token-label", token, "--login", "--pin", TokenWorld.pin]
                + arguments)
    }
}

enum Tool {
    struct Failed: Error { let status: Int32, output: String }

    @discardableResult
    static func run(_ name: String, _ arguments: String...) throws -> String { try run(name, arguments: arguments) }

    @discardableResult
    static func run(_ name: String, arguments: [String]) throws -> String {
        let process = Process()
        let pipe = Pipe()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [name] + arguments
        process.standardOutput = pipe
        process.standardError = FileHandle.nullDevice
        try process.run()
        let output = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw Failed(status: process.terminationStatus, output: output)
        }
        return output
    }
}

/// Folders that go when the tests end.
enum TemporaryFolder {
    private static let made = Mutex<[String]>([])

    static func make() -> String {
        var template = Array((NSTemporaryDirectory() + "/sakk-vault-XXXXXX").utf8CString)
        guard let path = mkdtemp(&template) else { fatalError("no temporary folder") }
        let folder = String(cString: path)
        made.withLock { made in
            if made.isEmpty { atexit { TemporaryFolder.removeAll() } }
            made.append(folder)
        }
        return folder
    }

    private static func removeAll() {
        for folder in made.withLock({ $0 }) { try? FileManager.default.removeItem(atPath: folder) }
    }

    /// Files under the folder that hold these bytes.
    static func files(in folder: String, holding needle: Bytes) throws -> [String] {
        try FileManager.default.subpathsOfDirectory(atPath: folder).filter { name in
            guard let content = FileManager.default.contents(atPath: folder + "/" + name) else { return false }
            return content.range(of: Data(needle)) != nil
        }
    }
}
