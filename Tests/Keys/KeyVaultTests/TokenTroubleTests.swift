import CPKCS11
import Foundation
import Ground
import OpenSSLCrypto
import Stations
import Testing

@testable import KeyVault

/// A token that is not there, not open or not fit, and one that drops its sessions.
struct TokenTroubleTests {
    let week = ApprovalWeek(rawValue: "2026-W47")!
    let world = TokenWorld.shared

    private func failure(_ vault: PKCS11WeekKeys) throws -> SakkError {
        try #require(throws: SakkError.self) { try vault.weeks() }
    }

    @Test func `A module that is not there is named with the reason`() throws {
        let path = world.folder + "/no-such-module.so"
        let vault = PKCS11WeekKeys(module: path, tokenLabel: "vault", pin: .environment(TokenWorld.pinVariable))
        let found = try failure(vault)
        #expect(found == error("vault.module.missing") && found.source == path)
        let noModule = PKCS11WeekKeys(
            module: "/lib/x86_64-linux-gnu/libcrypto.so.3", tokenLabel: "vault",
            pin: .environment(TokenWorld.pinVariable))
        #expect(try failure(noModule).code == "vault.module.missing")
    }

    @Test func `A token that is not there is named, with those that are`() throws {
        let there = world.freshToken()
        let found = try failure(world.keys("vault-of-nobody"))
        #expect(found == error("vault.token.missing") && found.source == "token vault-of-nobody")
        #expect(found.text.contains(there))
    }

    @Test func `A wrong PIN is tried once, is never tried again by the same vault, and stands in no error`() throws {
        let token = world.freshToken()
        let path = TemporaryFolder.make() + "/pin"
        try write("0000-wrong\n", to: path, mode: 0o600)
        let vault = PKCS11WeekKeys(module: TokenWorld.module, tokenLabel: token, pin: .file(path))
        let found = try failure(vault)
        #expect(found == error("vault.pin.wrong") && found.native?.value == "CKR_PIN_INCORRECT")
        #expect(!found.description.contains("0000-wrong"))
        try write(TokenWorld.pin, to: path, mode: 0o600)
        #expect(try failure(vault) == found)
        let corrected = PKCS11WeekKeys(module: TokenWorld.module, tokenLabel: token, pin: .file(path))
        #expect(try corrected.weeks().isEmpty)
    }

    @Test func `A PIN file that is missing, empty or open to others is refused before any login`() throws {
        let token = world.freshToken()
        let folder = TemporaryFolder.make()
        try write("\n", to: folder + "/empty", mode: 0o600)
        try write(TokenWorld.pin, to: folder + "/open", mode: 0o640)
        try write(TokenWorld.pin + "\n", to: folder + "/good", mode: 0o400)
        let expected: [(String, SakkError.Code?)] = [
            ("none", "vault.pin.missing"), ("empty", "vault.pin.missing"), ("open", "vault.pin.open"), ("good", nil),
        ]
        for (name, code) in expected {
            let vault = PKCS11WeekKeys(
                module: TokenWorld.module, tokenLabel: token, pin: .file(folder + "/" + name))
            if let code { #expect(try failure(vault).code == code) } else { #expect(try vault.weeks().isEmpty) }
        }
        let unset = PKCS11WeekKeys(
            module: TokenWorld.module, tokenLabel: token, pin: .environment("SAKK_TEST_NO_SUCH_VARIABLE"))
        let found = try failure(unset)
        #expect(found == error("vault.pin.missing") && found.subject == "SAKK_TEST_NO_SUCH_VARIABLE")
    }

    @Test func `A token whose PIN is locked, unset or one try from locked is not tried`() {
        let usable: UInt = 1 << 10 | 1 << 3
        let states: [(UInt, SakkError.Code)] = [
            (usable | 1 << 18, "vault.pin.locked"), (usable | 1 << 17, "vault.pin.final"), (1 << 10, "vault.pin.unset"),
        ]
        for (flags, code) in states {
            #expect(throws: error(code)) { try TokenState(flags: flags).refuse(token: "token t") }
        }
        #expect(throws: Never.self) { try TokenState(flags: usable | 1 << 16).refuse(token: "token t") }
    }

    @Test(arguments: [
        (CKR_PIN_INCORRECT, "vault.pin.wrong"), (CKR_PIN_LEN_RANGE, "vault.pin.wrong"),
        (CKR_PIN_LOCKED, "vault.pin.locked"), (CKR_PIN_EXPIRED, "vault.pin.unset"),
        (CKR_USER_PIN_NOT_INITIALIZED, "vault.pin.unset"), (CKR_DEVICE_ERROR, "vault.token.fault"),
    ])
    func `A refused login says which way it was refused`(_ value: UInt, _ code: String) {
        let found = CryptokiError(rawValue: value).login(token: "token t")
        #expect(found.code.rawValue == code && found.source == "token t" && found.native?.kind == "PKCS#11")
    }

    @Test func `A vault whose sessions the token drops logs in again and goes on`() throws {
        let token = world.freshToken()
        let vault = world.keys(token)
        try vault.prepare()
        let clear = try RandomSource.bytes(32)
        var copy = clear
        let key = SecretBytes(wiping: &copy)
        let wrapped = try vault.wrap(key, week: week, name: [])
        let tag = try vault.tag([1])
        for _ in 0..<3 {
            try dropSessions(of: token)
            #expect(try vault.unwrap(wrapped, week: week, name: []).withBytes { Bytes($0) } == clear)
            try dropSessions(of: token)
            _ = try vault.wrap(key, week: week, name: [])
            try dropSessions(of: token)
            #expect(try vault.tag([1]) == tag)
            try dropSessions(of: token)
            #expect(try vault.weeks() == [week])
        }
    }

    @Test func `While another program logs in and makes keys, each new week is wrapped and opens`() async throws {
        let token = world.freshToken()
        let vault = world.keys(token)
        async let disturbance: Void = {
            for number in 0..<12 {
                // it may trip over us, which is its affair
                _ = try? world.pkcs11Tool(
                    token, "--keygen", "--key-type", "AES:32", "--sensitive", "--label", "other \(number)")
            }
        }()
        var made: [(week: ApprovalWeek, wrapped: Bytes)] = []
        for number in 1...20 {
            let week = try #require(ApprovalWeek(year: 2030, number: number))
            made.append((week, try vault.wrap(RandomSource.secret(32), week: week, name: [])))
        }
        let fresh = world.keys(token)
        for pair in made { _ = try fresh.unwrap(pair.wrapped, week: pair.week, name: []) }
        await disturbance
        #expect(try fresh.weeks() == made.map(\.week))
    }

    @Test func `A module that was started anew serves every vault that was open before`() throws {
        let tokens = [world.freshToken(), world.freshToken()]
        let vaults = tokens.map { world.keys($0) }
        let wrapped = try vaults.map { try $0.wrap(RandomSource.secret(32), week: week, name: []) }
        let module = try Cryptoki.module(TokenWorld.module)
        #expect(module.trips)
        for _ in 0..<3 {
            // the other vault gets the first session of the new epoch, whose number the first one knew as its own
            let epoch = module.using { $0 }
            try module.restart(since: epoch)
            #expect(module.using { $0 } > epoch)
            for number in [1, 0] { _ = try vaults[number].unwrap(wrapped[number], week: week, name: []) }
            #expect(throws: error("vault.key.missing")) { _ = try vaults[0].unwrap(wrapped[1], week: week, name: []) }
        }
    }

    private func dropSessions(of token: String) throws {
        let module = try Cryptoki.module(TokenWorld.module)
        module.using { _ in
            var slots = [CK_SLOT_ID](repeating: 0, count: 256)
            var count = CK_ULONG(slots.count)
            #expect(sakk_p11_slots(module.calls, &slots, &count) == 0)
            for slot in slots.prefix(Int(count)) {
                var label = Bytes(repeating: 0, count: 32)
                var flags: CK_FLAGS = 0
                guard sakk_p11_token(module.calls, slot, &label, &flags) == 0, TokenState.label(label) == token else {
                    continue
                }
                #expect(module.calls.pointee.C_CloseAllSessions(slot) == 0)
                return
            }
            Issue.record("no slot with \(token)")
        }
    }

    private func write(_ text: String, to path: String, mode: mode_t) throws {
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        #expect(chmod(path, mode) == 0)
    }
}
