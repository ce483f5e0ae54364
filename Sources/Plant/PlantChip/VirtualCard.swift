public import Ground
internal import Glibc
internal import Synchronization

/// One physical chip card of the virtual plant: an issuer security domain with SCP02 or SCP03, and the passport applet.
/// Its memory outlives power cycles and the controller; every call is safe from any thread.
public final class VirtualCard: Sendable {
    private struct State: Sendable {
        var chip: Chip
        var behaviour: VirtualCardConfiguration.Behaviour
        var isPowered = false
        var isSilent = false
        var commandCount = 0
    }

    private let state: Mutex<State>

    public convenience init(configuration: VirtualCardConfiguration) {
        self.init(configuration: configuration, forcedRandom: [])
    }

    /// `forcedRandom` are the first random bytes that the chip draws (published worked examples need them).
    init(configuration: VirtualCardConfiguration, forcedRandom: Bytes) {
        state = Mutex(
            State(chip: Chip(configuration, forcedRandom: forcedRandom), behaviour: configuration.behaviour))
    }

    /// Cold reset: the answer to reset, or nil from a mute card.
    public func powerOn() -> Bytes? {
        state.withLock { state in
            state.chip.reset()
            state.isSilent = false
            state.isPowered = state.behaviour != .mute
            return state.isPowered ? state.chip.answerToReset : nil
        }
    }

    /// Takes the power away: session, selection and challenge are gone, the memory stays.
    public func powerOff() {
        state.withLock { state in
            state.chip.reset()
            state.isPowered = false
            state.isSilent = false
        }
    }

    /// Warm reset.
    public func reset() -> Bytes? { powerOn() }

    /// Changes what the card does wrong from now on; commands are counted from 1 again.
    public func set(behaviour: VirtualCardConfiguration.Behaviour) {
        state.withLock { state in
            state.behaviour = behaviour
            state.commandCount = 0
            state.chip.fault = Chip.Fault(behaviour)
        }
    }

    /// Commands that it answered since its behaviour was set.
    public var commandCount: Int { state.withLock { $0.commandCount } }

    /// Answers one command APDU with data and status word; nil when the card is mute, silent or without power.
    public func process(_ command: Bytes) -> Bytes? {
        state.withLock { state in
            if case .slow(let milliseconds) = state.behaviour { usleep(milliseconds * 1000) }
            guard state.isPowered, !state.isSilent, state.behaviour != .mute else { return nil }
            state.commandCount += 1
            guard case .failsAt(let number, let failure) = state.behaviour, number == state.commandCount else {
                let answer = state.chip.process(command)
                if answer == nil {
                    state.isSilent = true
                    state.behaviour = .good
                }
                return answer
            }
            switch failure {
            case .silent:
                state.isSilent = true
                return nil
            case .answerLost:
                _ = state.chip.process(command)
                state.isSilent = true
                return nil
            case .status(let word):
                return BigEndian.bytes(word)
            case .reset:
                state.chip.reset()
                return state.chip.process(command)
            }
        }
    }

    /// Reads the card's memory itself, past every lock: the judge's view.
    public func census() -> ChipCensus {
        state.withLock { state in
            let applet = state.chip.passport
            var sizes: [String: Int] = [:]
            var hashes: [String: String] = [:]
            for (fid, file) in applet?.files ?? [:] {
                let name = Hex.digits(of: BigEndian.bytes(fid))
                sizes[name] = file.bytes.count
                hashes[name] = ChipCrypto.sha256(file.bytes).hex
            }
            let mrz = (applet?.files[0x0101]?.bytes).flatMap(TLV.parse).flatMap { $0.first(0x5F1F) }
            return ChipCensus(
                cplcHex: state.chip.cplc.bytes.hex, cardState: state.chip.life.name,
                answers: state.behaviour != .mute, instanceInstalled: applet != nil, locked: applet?.isLocked ?? false,
                files: sizes, fileSHA256: hashes, dg1MRZ: mrz.map { String(decoding: $0.value, as: UTF8.self) },
                failedAuthentications: state.chip.failedAuthentications)
        }
    }
}
