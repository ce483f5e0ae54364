import Catalog
import Foundation
import Glibc
import GlobalPlatform
import Ground

/// Cards that proved other keys, in `gp-cards.json` of a folder: on disk before anything else is done, so that a program that
/// is started again (or killed) has not forgotten them.
struct WrongCardFile: WrongCardStore {
    let folder: String
    private var path: String { "\(folder)/gp-cards.json" }

    /// Without a folder the one of `SAKK_STATE`, or the user's.
    init(folder: String?) throws(SakkError) {
        let environment = ProcessInfo.processInfo.environment
        let home = environment["HOME"] ?? "/var/lib"
        self.folder =
            folder ?? environment["SAKK_STATE"] ?? "\(environment["XDG_STATE_HOME"] ?? home + "/.local/state")/sakk"
        try OutputFolder.make(self.folder)
    }

    private func all() throws(SakkError) -> [String: WrongCards] {
        guard let bytes = FileBytes.read(path) else { return [:] }
        guard let value = try? JSONValue(parsing: bytes), case .object(let members) = value else {
            throw SakkError(
                "file.malformed", source: path, text: "The memory of cards with other keys cannot be read.",
                remedy: "Look into the file; moving it away forgets what it knew.")
        }
        return members.compactMapValues { entry in
            guard case .object(let fields) = entry, case .integer(let count)? = fields["in_a_row"],
                case .array(let cards)? = fields["cards"]
            else { return nil }
            let names = cards.compactMap { if case .string(let name) = $0 { name } else { nil } }
            return WrongCards(inARow: Int(count), cards: names)
        }
    }

    func wrongCards(of keySet: String) throws(SakkError) -> WrongCards { try all()[keySet] ?? WrongCards() }

    func change(_ keySet: String, _ body: (inout WrongCards) -> Void) throws(SakkError) {
        // another reader of this program, or another program, may have something to remember too
        let lock = open("\(folder)/gp-cards.lock", O_CREAT | O_RDWR | O_CLOEXEC, 0o600)
        defer { if lock >= 0 { close(lock) } }
        guard lock >= 0, flock(lock, LOCK_EX) == 0 else {
            throw SakkError(
                "file.unwritable", source: folder, text: "The memory of cards with other keys cannot be locked.",
                remedy: "Check the permissions of the folder, or name another with --state.")
        }
        var sets = try all()
        body(&sets[keySet, default: WrongCards()])
        sets = sets.filter { $0.value != WrongCards() }
        let value = JSONValue.object(
            sets.mapValues {
                ["in_a_row": .integer(Int64($0.inARow)), "cards": .array($0.cards.map(JSONValue.string))]
            })
        try OutputFolder.write(value.canonical, to: path)
    }
}
