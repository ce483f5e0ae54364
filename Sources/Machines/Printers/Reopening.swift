import Glibc
import Ground
import USBTransport

/// A printer that was there a moment ago comes back under another address after a power cut or a replug: it is looked for by
/// its serial number for some seconds. One that was never there is reported at once.
enum Reopening {
    static func open<Device>(
        patiently: Bool, _ open: () throws(SakkError) -> Device
    ) throws(SakkError) -> Device {
        let deadline = SystemTime().boot().microseconds + (patiently ? 5_000_000 : 0)
        while true {
            do throws(SakkError) {
                return try open()
            } catch {
                guard ["usb.device.missing", "printer.network"].contains(error.code.rawValue),
                    SystemTime().boot().microseconds < deadline
                else { throw error }
                // looked for as soon as something arrives, and every 200 ms besides
                if error.code == "usb.device.missing" {
                    USBBus.awaitArrival(withinMS: 200)
                } else {
                    usleep(100_000)
                }
            }
        }
    }
}

extension Reopening {
    /// After a reset: looks, until the time is over, for a machine that has forgotten what a reset forgets. `find` is nil while
    /// it has not; `undone` is said when that stays so.
    static func afterReset<Session>(
        withinMS: Int, undone: SakkError, _ find: () throws(SakkError) -> Session?
    ) throws(SakkError) -> Session {
        let deadline = SystemTime().boot().microseconds + Int64(withinMS) * 1000
        while true {
            var reason = undone
            do throws(SakkError) {
                if let session = try find() { return session }
            } catch {
                reason = error
            }
            guard SystemTime().boot().microseconds + 200_000 < deadline else {
                reason.outcome = .unknown
                throw reason
            }
            rest(milliseconds: 200)
        }
    }

    /// Between two questions to a machine that is at work.
    static func rest(milliseconds: Int) { usleep(UInt32(milliseconds) * 1000) }
}

/// What holds a device of the bus until it is closed.
protocol DeviceSession {
    func close()
}

extension Reopening {
    /// The session when it is the right one; closed when it is not, and when asking fails.
    static func kept<Session: DeviceSession>(
        _ session: Session, when isRight: (Session) throws(SakkError) -> Bool
    ) throws(SakkError) -> Session? {
        if try closedIfItFails(session, { () throws(SakkError) in try isRight(session) }) { return session }
        session.close()
        return nil
    }

    static func closedIfItFails<Session: DeviceSession, Answer>(
        _ session: Session, _ work: () throws(SakkError) -> Answer
    ) throws(SakkError) -> Answer {
        do throws(SakkError) {
            return try work()
        } catch {
            session.close()
            throw error
        }
    }
}
