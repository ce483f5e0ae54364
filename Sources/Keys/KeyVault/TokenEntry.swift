internal import CPKCS11
public import Ground

/// A token that a module shows, without a login.
public struct TokenEntry: Sendable, Equatable {
    public enum PIN: String, Sendable {
        case ready
        /// No user PIN is set.
        case unset
        /// One more wrong PIN locks it.
        case finalTry = "final_try"
        case locked
    }

    /// Empty for a token that nobody initialised.
    public let label: String
    public let isInitialised: Bool
    public let pin: PIN

    /// Every token of the module at `path`.
    public static func all(module path: String) throws(SakkError) -> [TokenEntry] {
        let module = try Cryptoki.module(path)
        return try module.using { (_) throws(SakkError) in
            var slots = [CK_SLOT_ID](repeating: 0, count: 256)
            var count = CK_ULONG(slots.count)
            let listed = CryptokiError(sakk_p11_slots(module.calls, &slots, &count))
            guard listed == .ok else { throw listed.during("list its slots", token: path) }
            var entries: [TokenEntry] = []
            for slot in slots.prefix(Int(count)) {
                var label = Bytes(repeating: 0, count: 32)
                var flags: CK_FLAGS = 0
                guard sakk_p11_token(module.calls, slot, &label, &flags) == 0 else { continue }
                let state = TokenState(flags: UInt(flags))
                entries.append(
                    TokenEntry(
                        label: state.initialised ? TokenState.label(label) : "", isInitialised: state.initialised,
                        pin: state.pin))
            }
            return entries.sorted { $0.label < $1.label }
        }
    }
}
