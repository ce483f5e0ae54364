import Foundation
import Ground
import KeyVault
import OpenSSLCrypto
import Stations
import Testing

/// Both vaults, each opened as often as a test likes.
enum Vault: String, CaseIterable, Sendable {
    case token
    case folder

    /// A new vault; each call of the result opens it anew, with nothing remembered.
    func make() -> () throws -> any WeekKeys { place().open }

    /// Also the folder in which everything that the vault writes lies.
    func place() -> (folder: String, open: () throws -> any WeekKeys) {
        switch self {
        case .token:
            let token = TokenWorld.shared.freshToken()
            return (TokenWorld.shared.folder, { TokenWorld.shared.keys(token) })
        case .folder:
            let folder = TemporaryFolder.make()
            return (folder, { try FileWeekKeys(folder: folder + "/keys") })
        }
    }
}

/// What every vault promises.
struct WeekKeysTests {
    let week = ApprovalWeek(rawValue: "2026-W47")!
    let name = Bytes("production 0001".utf8)

    private func secret(_ clear: Bytes) -> SecretBytes {
        var copy = clear
        return SecretBytes(wiping: &copy)
    }

    private func opened(_ vault: any WeekKeys, _ wrapped: Bytes, _ week: ApprovalWeek, _ name: Bytes) throws -> Bytes {
        try vault.unwrap(wrapped, week: week, name: name).withBytes { Bytes($0) }
    }

    @Test(arguments: Vault.allCases)
    func `A wrapped key opens for its week and name, also in a vault opened anew`(_ kind: Vault) throws {
        let open = kind.make()
        let clear = try RandomSource.bytes(32)
        let wrapped = try open().wrap(secret(clear), week: week, name: name)
        #expect(wrapped.count == 80)
        #expect(try opened(open(), wrapped, week, name) == clear)
    }

    @Test(arguments: Vault.allCases)
    func `The same key wrapped twice gives bytes that have no seal in common`(_ kind: Vault) throws {
        let vault = try kind.make()()
        let clear = try RandomSource.bytes(32)
        let first = try vault.wrap(secret(clear), week: week, name: name)
        let second = try vault.wrap(secret(clear), week: week, name: name)
        #expect(first.prefix(20) == second.prefix(20))
        #expect(first.suffix(60) != second.suffix(60) && first[20..<32] != second[20..<32])
    }

    @Test(arguments: Vault.allCases)
    func `Another name or another week does not open it`(_ kind: Vault) throws {
        let vault = try kind.make()()
        let clear = try RandomSource.bytes(32)
        let wrapped = try vault.wrap(secret(clear), week: week, name: name)
        let other = ApprovalWeek(rawValue: "2026-W48")!
        _ = try vault.wrap(secret(clear), week: other, name: name)
        #expect(throws: wrong) { try opened(vault, wrapped, week, Bytes("production 0002".utf8)) }
        #expect(throws: wrong) { try opened(vault, wrapped, week, []) }
        #expect(throws: wrong) { try opened(vault, wrapped, other, name) }
    }

    @Test(arguments: Vault.allCases)
    func `A flipped bit anywhere and a lost byte are refused`(_ kind: Vault) throws {
        let vault = try kind.make()()
        let clear = try RandomSource.bytes(32)
        let wrapped = try vault.wrap(secret(clear), week: week, name: name)
        for place in wrapped.indices {
            var flipped = wrapped
            flipped[place] ^= 1
            // the id of a key that is not here looks like the record of another vault
            let expected = (4..<20).contains(place) ? missing : wrong
            #expect(throws: expected, "byte \(place)") { try opened(vault, flipped, week, name) }
        }
        for length in [0, 1, 31, 32, 48, 79] {
            #expect(throws: wrong) { try opened(vault, Bytes(wrapped.prefix(length)), week, name) }
        }
        #expect(throws: wrong) { try opened(vault, wrapped + [0], week, name) }
        #expect(try opened(vault, wrapped, week, name) == clear)
    }

    @Test(arguments: Vault.allCases)
    func `A destroyed week opens nothing, in the vault that did it and in one opened before or after`(
        _ kind: Vault
    ) throws {
        let open = kind.make()
        let clear = try RandomSource.bytes(32)
        let next = ApprovalWeek(rawValue: "2026-W48")!
        let vault = try open()
        let before = try open()
        let wrapped = try vault.wrap(secret(clear), week: week, name: name)
        let kept = try vault.wrap(secret(clear), week: next, name: name)
        #expect(try opened(before, wrapped, week, name) == clear)
        #expect(try vault.weeks() == [week, next])

        try vault.destroy(week)

        for witness in [vault, before, try open()] {
            #expect(throws: destroyed) { try opened(witness, wrapped, week, name) }
            #expect(throws: destroyed) { try witness.wrap(secret(clear), week: week, name: name) }
            #expect(try witness.weeks() == [next])
            #expect(try opened(witness, kept, next, name) == clear)
        }
        try open().destroy(week)
    }

    @Test(arguments: Vault.allCases)
    func `A week that was destroyed before it had a key never gets one`(_ kind: Vault) throws {
        let open = kind.make()
        let clear = try RandomSource.bytes(32)
        try open().destroy(week)
        #expect(throws: destroyed) { try open().wrap(secret(clear), week: week, name: name) }
        #expect(try open().weeks().isEmpty)
    }

    @Test(arguments: Vault.allCases)
    func `The record of another vault is missing its key and is not called forgotten`(_ kind: Vault) throws {
        let clear = try RandomSource.bytes(32)
        let wrapped = try kind.make()().wrap(secret(clear), week: week, name: name)
        let other = try kind.make()()
        #expect(throws: missing) { try opened(other, wrapped, week, name) }
        _ = try other.wrap(secret(clear), week: week, name: name)
        #expect(throws: missing) { try opened(other, wrapped, week, name) }
    }

    @Test(arguments: Vault.allCases)
    func `Tags are the same in a vault opened anew, differ by data and by vault, and need a prepared vault`(
        _ kind: Vault
    ) throws {
        let open = kind.make()
        let number = Bytes("X0000001".utf8)
        #expect(throws: unprepared) { try open().tag(number) }
        #expect(throws: unprepared) { try open().check }
        try open().prepare()
        let tag = try open().tag(number)
        let check = try open().check
        try open().prepare()
        #expect(try open().tag(number) == tag)
        #expect(try open().check == check)
        #expect(tag.count == 32 && check.count == 32 && tag != check)
        #expect(try open().tag(Bytes("X0000002".utf8)) != tag)
        let other = try kind.make()()
        try other.prepare()
        #expect(try other.tag(number) != tag)
        #expect(try other.check != check)
        #expect(try open().weeks().isEmpty)
    }

    @Test(arguments: Vault.allCases)
    func `Many threads and vaults that wrap at once at the start of a week all open again`(_ kind: Vault) async throws {
        let open = kind.make()
        let vaults = [try open(), try open(), try open()]
        let made = try await withThrowingTaskGroup(of: [(clear: Bytes, wrapped: Bytes)].self) { group in
            for number in 0..<12 {
                group.addTask {
                    try (0..<10).map { _ in
                        let clear = try RandomSource.bytes(32)
                        return (clear, try vaults[number % 3].wrap(secret(clear), week: week, name: name))
                    }
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        #expect(made.count == 120)
        let fresh = try open()
        for pair in made { #expect(try opened(fresh, pair.wrapped, week, name) == pair.clear) }
    }

    @Test(arguments: Vault.allCases)
    func `A key of any length from one byte is wrapped, an empty one is not`(_ kind: Vault) throws {
        let vault = try kind.make()()
        for count in [1, 16, 24, 32, 64, 200] {
            let clear = try RandomSource.bytes(count)
            let wrapped = try vault.wrap(secret(clear), week: week, name: name)
            #expect(try opened(vault, wrapped, week, name) == clear)
        }
        #expect(throws: error("vault.key.empty")) {
            try vault.wrap(SecretBytes(count: 0) { _ in }, week: week, name: name)
        }
    }

    private let wrong = error("vault.key.wrong")
    private let missing = error("vault.key.missing")
    private let destroyed = error("vault.key.destroyed")
    private let unprepared = error("vault.keys.none")
}

/// Errors compare by code.
func error(_ code: SakkError.Code) -> SakkError { SakkError(code, source: "", text: "", remedy: "") }
