import BorderReader
import Catalog
import DocumentWriter
import GlobalPlatform
import Ground
import LDS
import Personalisation
import PlantChip
import Simulation
import Stations
import Synchronization

/// The chips of one world, and the controller's code in front of them.
final class RealChips: PlantChips {
    /// What all worlds share: the issuer's keys and certificates.
    struct Authority: Sendable {
        let master: MasterKey
        /// For a profile whose chips leave with keys of their own.
        let production: ProductionKeys?
        let chip: ChipSettings
        let transport: Bytes
        let signer: DocumentSigner
        let border: BorderInspection
        let time: WallTime
        /// That fingers open to, for a profile that has them.
        let fingers: Bytes?
    }

    private struct State {
        var cards: [Int: VirtualCard] = [:]
        var dice: SplitMix
    }

    private let authority: Authority
    private let personaliser: ChipPersonaliser
    private let seed: UInt64
    private let state: Mutex<State>

    init(_ authority: Authority, seed: UInt64) {
        self.authority = authority
        self.seed = seed
        personaliser = ChipPersonaliser(
            profile: authority.chip, keys: authority.master, production: authority.production)
        state = Mutex(State(dice: SplitMix(seed &+ 77)))
    }

    // MARK: the plant

    func make(_ number: Int, isMute: Bool, isForeign: Bool) -> ChipIdentity {
        let cplc = CardProductionLifeCycle(serial: UInt32(number), batch: isForeign ? 2 : 1)
        let card = VirtualCard(
            configuration: VirtualCardConfiguration(
                cplc: cplc, transportKeys: .init(masterKey: authority.transport, version: 0x30),
                seed: seed &+ UInt64(number), deliveredWithInstance: isForeign))
        // a broken chip has an identity too, which nobody ever reads
        let presence = try? personaliser.identify(on: CardWire(card))
        if isMute { card.set(behaviour: .mute) }
        state.withLock { $0.cards[number] = card }
        guard case .answers(let identity, _)? = presence else { return ChipIdentity("MUTE-\(number)") }
        return identity
    }

    func memory(_ number: Int) -> ChipMemory {
        let census = card(number).census()
        let zone = Bytes((census.dg1MRZ ?? "").utf8)
        let lines = stride(from: 0, to: zone.count, by: 30).map { start in
            String(decoding: zone[start..<min(start + 30, zone.count)], as: UTF8.self)
        }
        return ChipMemory(
            mrz: census.instanceInstalled ? lines : nil,
            sodHash: census.fileSHA256["011D"].flatMap { Bytes(hex: $0) } ?? [], isWhole: census.locked,
            isDead: census.cardState == "CARD_LOCKED" || census.cardState == "TERMINATED", answers: census.answers)
    }

    private func card(_ number: Int) -> VirtualCard {
        guard let card = state.withLock({ $0.cards[number] }) else { fatalError("card \(number) was never made") }
        return card
    }

    // MARK: the controller's stations

    func identify(_ number: Int) throws(SakkError) -> ChipPresence {
        do {
            return try personaliser.identify(on: try CardWire(card(number)))
        } catch {
            guard error.code == "chip.mute" || error.code == "chip.silent" else { throw error }
            return .mute
        }
    }

    func personalise(
        _ number: Int, _ job: ChipJob, on chip: ChipIdentity, breaks: ChipBreak?, progress: @Sendable (String) -> Void
    ) throws(SakkError) {
        let card = card(number)
        if breaks == .dies || breaks == .torn {
            let (command, isLost) = state.withLock { (1 + $0.dice.below(40), $0.dice.below(2) == 0) }
            card.set(behaviour: .failsAt(apdu: command, isLost ? .answerLost : .silent))
        }
        defer {
            if breaks == .dies { card.set(behaviour: .mute) } else { card.set(behaviour: .good) }
        }
        try personaliser.personalise(job, on: chip, channel: try CardWire(card), progress: progress)
        guard breaks != nil else { return }
        throw SakkError(
            "chip.silent", source: "virtual card", outcome: .unknown, text: "The chip does not answer.",
            remedy: "Look at the card again.")
    }

    func read(_ number: Int, with access: MRZAccess) throws(SakkError) -> BorderReport {
        do {
            return try authority.border.report(on: try CardWire(card(number)), access: access, at: authority.time)
        } catch {
            guard error.code == "chip.mute" || error.code == "chip.silent" else { throw error }
            return BorderReport(
                checks: [BorderCheck(name: "chip", passed: false, detail: error.text)], mrz: [], portrait: [],
                sodHash: [], fileHashes: [:])
        }
    }

    func kill(_ number: Int) throws(SakkError) -> ChipDeath {
        let card = card(number)
        do {
            try personaliser.kill(on: try CardWire(card))
        } catch {
            guard error.code.rawValue.hasPrefix("chip.") else { throw error }
        }
        do {
            return try personaliser.isDead(on: try CardWire(card)) ? .confirmed : .unconfirmed
        } catch {
            guard error.code.rawValue.hasPrefix("chip.") else { throw error }
            return .unconfirmed
        }
    }

    // MARK: what is written

    private struct Clock: TimeSource {
        let now: WallTime
        func wall() -> WallTime { now }
        func boot() -> BootTime { BootTime(boot: "simulated", microseconds: 0) }
    }

    func preparation(_ artwork: any ArtworkStation) -> any DocumentPreparation {
        TravelDocumentPreparation(
            format: .td1, document: authority.chip.document, artwork: artwork, signers: SignerRing(authority.signer),
            decode: { _ throws(SakkError) in Picture(width: 2, height: 3, rgb: Bytes(repeating: 0, count: 18)) },
            time: Clock(now: authority.time), fingerAuthority: authority.fingers)
    }
}

/// SplitMix64 (Vigna): the same throws on every machine.
struct SplitMix {
    private var state: UInt64
    init(_ seed: UInt64) { state = seed }

    mutating func below(_ bound: Int) -> Int {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return Int((value ^ (value >> 31)) % UInt64(max(1, bound)))
    }
}
