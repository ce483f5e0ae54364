import Catalog
public import GlobalPlatform
import Ground
import SmartCard

/// Where the keys come from that a chip leaves with, and who counts the cards that do not know them: a count of its own,
/// beside that of the transport keys.
public struct ProductionKeys: Sendable {
    let keys: any CardKeySource
    let guardian: KeySetGuard?

    public init(_ keys: any CardKeySource, guarding guardian: KeySetGuard? = nil) {
        self.keys = keys
        self.guardian = guardian
    }
}

/// The key sets that a product's chip may hold in its life. Which one it holds is read, never tried: their versions differ.
struct ChipKeySets: Sendable {
    struct KeySet: Sendable {
        let version: UInt8
        let keys: any CardKeySource
        let guardian: KeySetGuard?
    }

    enum Holding: Sendable, Equatable {
        case transport
        case production
        /// The new ones came beside the old ones: on their way, or by a card that does not replace.
        case both
    }

    let transport: KeySet
    /// The new keys come beside the old ones, and these are deleted; else in their place.
    let isAdding: Bool
    private let productionVersion: UInt8?
    private let given: ProductionKeys?

    init(
        _ profile: ChipSettings, transport keys: any CardKeySource, guarding guardian: KeySetGuard?,
        production: ProductionKeys?
    ) {
        transport = KeySet(version: profile.keyVersion, keys: keys, guardian: guardian)
        isAdding = profile.addsKeys
        productionVersion = profile.productionKeyVersion
        given = production
    }

    /// Nil for a product whose chips keep the keys that they come with. `keys.missing`: it needs some, and nobody gave them.
    func production() throws(SakkError) -> KeySet? {
        guard let productionVersion else { return nil }
        guard let given else {
            throw SakkError(
                "keys.missing", source: "chip", subject: "production_master",
                text: "The chips of this product leave with production keys, and none are named.",
                remedy: "Name `keys.production_master` (or `production_master_token`) in the line's file.")
        }
        return KeySet(version: productionVersion, keys: given.keys, guardian: given.guardian)
    }

    /// By the key information of the selected security domain; where a card does not give that, by INITIALIZE UPDATE alone.
    /// A card of a product that keeps its transport keys is asked nothing. `chip.keys.missing`: it has neither.
    func holding(on channel: any CardChannel) throws(SakkError) -> Holding {
        guard let production = try production() else { return .transport }
        let versions = try KeyRecovery.versions(on: channel, among: [production.version, transport.version])
        switch (versions.contains(transport.version), versions.contains(production.version)) {
        case (true, false): return .transport
        case (false, true): return .production
        case (true, true): return .both
        case (false, false):
            throw SakkError(
                "chip.keys.missing", source: "chip",
                text: "The chip has neither its transport keys (version \(transport.version)) nor production keys "
                    + "(version \(production.version)). Nothing was sent under any.",
                remedy: "Check stock and the key versions of the chip profile.")
        }
    }

    /// What opens the chip now. One that holds both answers to those that are ours alone.
    func held(on channel: any CardChannel) throws(SakkError) -> KeySet {
        guard let production = try production(), try holding(on: channel) != .transport else { return transport }
        return production
    }

    /// PUT KEY of the production keys, derived for this chip, in the place of the transport keys or beside them; through a channel
    /// that these opened. `chip.keys.length`: the card could not take them.
    func command(
        through session: SecureChannel
    ) throws(SakkError) -> (command: APDUCommand, expectedAnswer: Bytes) {
        guard let production = try production() else {
            throw SakkError(
                "chip.keys.missing", source: "chip", text: "The chip profile names no production keys.",
                remedy: "Give it `production_key_version`.")
        }
        // the maker's first keys go by themselves when a set is added
        let replaced = isAdding || transport.version == 0xFF ? 0 : transport.version
        let (isDES, kdd) = (session.card.secureChannel == .scp02, session.card.kdd)
        let fresh = try production.keys.keys(forKDD: kdd, version: production.version)
        let length = fresh.enc.count
        var wanted = isDES ? 16 : length
        if replaced != 0 {
            // a key is replaced by one of its own kind and length
            let old = try transport.keys.keys(forKDD: kdd, version: transport.version)
            wanted = old.enc.count
        }
        guard length == wanted else {
            throw SakkError(
                "chip.keys.length", source: "chip",
                text: "The production keys have \(length * 8) bits; the chip takes \(wanted * 8). Nothing was put.",
                remedy: "Name a production master key that is as long as the transport key.")
        }
        return try PutKey.command(
            fresh, type: isDES ? .des : .aes, version: production.version, replacing: replaced, through: session)
    }
}
