import Ground
import Ledger

extension ShippingAct {
    /// What stands in the row of a refusal: the act, and what was scanned.
    var note: ScanNote {
        switch self {
        case .release(let document): ScanNote(act: "release", items: [document.blank.rawValue])
        case .label(let scan, _): ScanNote(act: "label", items: [scan.description])
        case .match(let document, let envelope):
            ScanNote(act: "match", items: [document.description, envelope.description])
        case .open(_, let number, _): ScanNote(act: "open", items: [number.digits])
        case .put(let item, let into): ScanNote(act: "put", items: [item.description, into.description])
        case .takeOut(let item, let from): ScanNote(act: "take_out", items: [item.description, from.description])
        case .close(let scan, _): ScanNote(act: "close", items: [scan.description])
        case .seal(let scan, _): ScanNote(act: "seal", items: [scan.description])
        case .reopen(let scan, _, _): ScanNote(act: "reopen", items: [scan.description])
        case .dispatch(let scan, _, _): ScanNote(act: "dispatch", items: [scan.description])
        case .arrive(let scan, let place, _, _):
            ScanNote(act: "arrive", items: [scan.description, place.rawValue])
        case .receive(let scan, let place): ScanNote(act: "receive", items: [scan.description, place.rawValue])
        case .handOut(let scan, _): ScanNote(act: "hand_out", items: [scan.description])
        case .sendCode(let scan, _): ScanNote(act: "send_code", items: [scan.description])
        case .fail(let scan, _): ScanNote(act: "fail", items: [scan.description])
        case .deliver(let scan, _): ScanNote(act: "deliver", items: [scan.description])
        case .comeBack(let scan, _, _, _): ScanNote(act: "come_back", items: [scan.description])
        case .lose(let scan, _, _): ScanNote(act: "lose", items: [scan.description])
        case .turnUp(let scan, _, _): ScanNote(act: "turn_up", items: [scan.description])
        case .withdraw(let production, _): ScanNote(act: "withdraw", items: [production.rawValue])
        case .setAside(let scan, _, _): ScanNote(act: "set_aside", items: [scan.description])
        case .reroute(let scan, _, _): ScanNote(act: "reroute", items: [scan.description])
        case .destroy(let scan, _, _): ScanNote(act: "destroy", items: [scan.description])
        }
    }
}
