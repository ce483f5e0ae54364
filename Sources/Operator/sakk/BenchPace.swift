import Glibc
import Ground

/// How long the stations of a virtual cell take, as a data sheet says: the parts of a card's time, in thousandths.
///
/// A retransfer or dye-sublimation printer for both sides makes about 150 cards an hour (24 s a card): most of it is the
/// print; feeding, turning and moving between encoder and print head take seconds, and so do chip and camera.
struct BenchPace: Sendable {
    /// One card, all stations, microseconds.
    let card: Int64
    /// Processor time that inspection and preparation are to take, microseconds: measured by `bench card`.
    var inspection: Int64 = 0
    var preparation: Int64 = 0

    enum Act: Int64, Sendable {
        case feed = 80
        case personalise = 60
        case read = 15
        case move = 25
        case print = 685
        case turn = 40
        case capture = 5
        case eject = 45
    }

    /// What the machine itself takes for it, microseconds.
    func time(_ act: Act) -> Int64 { card * act.rawValue / 1000 }

    /// Keeps a core busy for so long, as the real work would.
    static func burn(_ microseconds: Int64) {
        guard microseconds > 0 else { return }
        let end = BenchPace.thread + microseconds
        var rest: UInt64 = 1
        while BenchPace.thread < end {
            for _ in 0..<2000 { rest = rest &* 6_364_136_223_846_793_005 &+ 1 }
        }
        guard rest != 0 else { return }
    }

    private static var thread: Int64 { BenchMeter.clock(CLOCK_THREAD_CPUTIME_ID) }
}
