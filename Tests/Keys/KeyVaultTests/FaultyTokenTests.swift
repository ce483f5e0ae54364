import CFaultyToken
import CPKCS11
import Foundation
import Ground
import OpenSSLCrypto
import Stations
import Testing

@testable import KeyVault

/// Tokens of another maker that do one thing wrong, or differently.
struct FaultyTokenTests {
    let week = ApprovalWeek(rawValue: "2026-W47")!

    /// A copy of the module, so that its state is not that of the other tests; made once.
    private static let library: String = {
        let copy = TokenWorld.shared.folder + "/of-another-maker.so"
        do {
            // the name may be a symbolic link, which would be copied as one
            try Data(contentsOf: URL(fileURLWithPath: TokenWorld.module)).write(to: URL(fileURLWithPath: copy))
        } catch { fatalError("\(error)") }
        for kind in 0..<FAULTY_KINDS.rawValue {
            guard let calls = faulty_module(copy, faulty_kind(kind)) else { fatalError("the module does not load") }
            Cryptoki.adopt(calls.assumingMemoryBound(to: CK_FUNCTION_LIST.self), as: "faulty-\(kind)")
        }
        return copy
    }()

    private func vault(_ kind: faulty_kind, _ token: String = TokenWorld.shared.freshToken()) -> PKCS11WeekKeys {
        _ = FaultyTokenTests.library
        return PKCS11WeekKeys(
            module: "faulty-\(kind.rawValue)", tokenLabel: token, pin: .environment(TokenWorld.pinVariable))
    }

    @Test(arguments: [FAULTY_NOTHING, FAULTY_OWN_IV, FAULTY_DROPS])
    func `A token of another maker, one with IVs of its own and one that drops sessions keep every promise`(
        _ kind: faulty_kind
    ) throws {
        let token = TokenWorld.shared.freshToken()
        let vault = vault(kind, token)
        try vault.prepare()
        let clear = try RandomSource.bytes(32)
        for _ in 0..<5 {
            var copy = clear
            let wrapped = try vault.wrap(SecretBytes(wiping: &copy), week: week, name: [1])
            #expect(try vault.unwrap(wrapped, week: week, name: [1]).withBytes { Bytes($0) } == clear)
            #expect(throws: error("vault.key.wrong")) { _ = try vault.unwrap(wrapped, week: week, name: [2]) }
        }
        #expect(try vault.tag([1]) == self.vault(kind, token).tag([1]))
        try vault.destroy(week)
        #expect(try vault.weeks().isEmpty)
    }

    @Test(arguments: [
        (FAULTY_PIN_LOCKED, "vault.pin.locked"), (FAULTY_LOGIN_LOCKED, "vault.pin.locked"),
        (FAULTY_PIN_FINAL_TRY, "vault.pin.final"), (FAULTY_NO_GCM, "vault.mechanism.missing"),
    ])
    func `A token that cannot be used says why`(_ kind: faulty_kind, _ code: String) throws {
        let found = try #require(throws: SakkError.self) { try vault(kind).weeks() }
        #expect(found.code.rawValue == code)
        #expect(faulty_logins(FAULTY_PIN_FINAL_TRY) == 0, "the last try is not ours")
    }

    @Test func `A token whose seals do not open again is found out before anything is wrapped`() throws {
        let found = try #require(throws: SakkError.self) {
            try vault(FAULTY_HIDDEN_IV).wrap(RandomSource.secret(32), week: week, name: [])
        }
        #expect(found == error("vault.token.unsound"))
    }

    @Test func `A sick token is not taken for a wrong key`() throws {
        let token = TokenWorld.shared.freshToken()
        let wrapped = try vault(FAULTY_NOTHING, token).wrap(RandomSource.secret(32), week: week, name: [])
        let found = try #require(throws: SakkError.self) {
            _ = try vault(FAULTY_SICK, token).unwrap(wrapped, week: week, name: [])
        }
        #expect(found == error("vault.token.fault") && found.native?.value == "CKR_GENERAL_ERROR")
    }

    @Test func `A token that only says it destroyed a key is found out`() throws {
        let vault = vault(FAULTY_KEEPS)
        let wrapped = try vault.wrap(RandomSource.secret(32), week: week, name: [])
        let found = try #require(throws: SakkError.self) { try vault.destroy(week) }
        #expect(found == error("vault.destroy.incomplete") && found.outcome == .unknown)
        // the mark is there: nothing is opened or wrapped any more
        #expect(throws: error("vault.key.destroyed")) { _ = try vault.unwrap(wrapped, week: week, name: []) }
        #expect(throws: error("vault.key.destroyed")) {
            try vault.wrap(RandomSource.secret(32), week: week, name: [])
        }
        #expect(try vault.weeks() == [week])
    }
}
