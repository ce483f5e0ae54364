public import Stations

/// The three status words of the language (firmware-spec, Status words): what each bit says in the words of IPP.
public struct EvolisStatusWords: Sendable, Hashable {
    public enum Word: String, Sendable, Hashable, CaseIterable {
        case information = "I"
        case warning = "W"
        case error = "X"
    }

    public let words: [Word: UInt32]

    /// `40000000;00020000;00000000`: information, warning, error. Nil for anything else.
    public init?(_ text: String) {
        let parts = text.split(separator: ";", omittingEmptySubsequences: false)
        guard parts.count == Word.allCases.count else { return nil }
        var words: [Word: UInt32] = [:]
        for (word, part) in zip(Word.allCases, parts) {
            guard part.utf8.count == 8, part.allSatisfy(\.isHexDigit), let bits = UInt32(part, radix: 16) else {
                return nil
            }
            words[word] = bits
        }
        self.words = words
    }

    /// Every bit that is set, in words; one that the page does not list is a stop.
    public var reasons: Set<PrinterStateReason> {
        var reasons: Set<PrinterStateReason> = []
        for (word, bits) in words {
            for place in 0..<32 where bits & (1 << place) != 0 {
                reasons.formUnion(EvolisStatusWords.meaning(word, 1 << place) ?? [.other, .hardwareFault])
            }
        }
        return reasons
    }

    /// What one bit says; empty for one that stops nothing, nil for one that is not listed.
    public static func meaning(_ word: Word, _ bit: UInt32) -> Set<PrinterStateReason>? {
        switch word {
        case .information: information[bit]
        case .warning: warning[bit]
        case .error: error[bit]
        }
    }

    private static let information: [UInt32: Set<PrinterStateReason>] = [
        // where a card is: the position is asked for itself
        0x4000_0000: [], 0x2000_0000: [], 0x1000_0000: [], 0x0800_0000: [], 0x0400_0000: [], 0x0200_0000: [],
        0x0100_0000: [],
        0x0008_0000: [.markerSupplyLow], 0x0004_0000: [.cleaningRequired], 0x0002_0000: [],
        0x0001_0000: [.powerDown], 0x0000_0080: [.other], 0x0000_0040: [.other], 0x0000_0002: [.other],
        0x0000_0001: [.other],
    ]

    private static let warning: [UInt32: Set<PrinterStateReason>] = [
        0x8000_0000: [.other], 0x0800_0000: [.rejectAreaFull], 0x0400_0000: [.outputAreaFull],
        0x0200_0000: [.mediaEmpty], 0x0100_0000: [.mediaEmpty], 0x0020_0000: [.fuserOverTemperature],
        0x0010_0000: [.outputAreaFull], 0x0008_0000: [.markerSupplyEmpty], 0x0004_0000: [.hardwareFault],
        0x0002_0000: [.coverOpen], 0x0001_0000: [.markerSupplyMissing], 0x0000_8000: [.markerSupplyMissing],
        0x0000_0400: [.coverOpen], 0x0000_0100: [.coverOpen],
    ]

    private static let error: [UInt32: Set<PrinterStateReason>] = [
        0x2000_0000: [.fuserOverTemperature], 0x0800_0000: [.mediaEmpty], 0x0400_0000: [.markerSupplyMissing],
        0x0200_0000: [.coverOpen], 0x0100_0000: [.mediaJam], 0x0080_0000: [.rejectAreaFull],
        0x0040_0000: [.markerSupplyMissing], 0x0020_0000: [.markerSupplyEmpty], 0x0010_0000: [.outputAreaFull],
        0x0000_8000: [.hardwareFault], 0x0000_0100: [.mediaEmpty], 0x0000_0080: [.coverOpen],
        0x0000_0001: [.hardwareFault],
    ]
}
