import Ground
import Line
import Stations

/// What the person does with a booklet: it is told by the number that it bears, never by what is missed.
extension SimulatedOperator {
    /// A booklet that the desk reader could not place by its chip.
    func settleBooklet(_ card: Int, _ box: CardExit?) async throws(SakkError) {
        let physical = world.look { $0.card(card) }
        guard let number = physical.booklet?.number else { return }
        let row = try reading { try $0.booklet(number) }
        // never received, or a second one with this number: not ours
        guard let row, !physical.foreign || row.chip == physical.chip.rawValue else { return put(card, .drawer) }
        switch row.account {
        case "held", "quarantine", "missing":
            if row.isBound {
                // the desk knows it by its chip, or it is mute
                if !physical.answers { try await destroy(card, row.blank) }
            } else {
                try await typed(card, number)
            }
        case "line":
            // the books have it in the hopper: it came unread for the one that they expected, or was never fed
            if box == nil { put(card, .hopper) } else { try await typed(card, number) }
        default:
            if box == nil { put(card, .reject) }
        }
    }

    /// The number is read from the booklet and typed twice.
    private func typed(_ card: Int, _ number: String) async throws(SakkError) {
        world.look { $0.cells[cell].typing = card }
        for goesBack in [true, false] {
            do throws(SakkError) {
                let settled = try await controller.settleBooklet(
                    number, again: number, goesBack: goesBack, cell: nil, by: "operator")
                trace("booklet \(number): \(settled.decision)")
                if settled.decision == .back { try layBehind(card) } else { put(card, .reject) }
                break
            } catch {
                guard error.code.rawValue.hasPrefix("settle.") else { throw error }
            }
        }
        world.look { $0.cells[cell].typing = nil }
    }

    /// After a crash: what the books took is done by hand and not asked again.
    func finishTyping() async throws(SakkError) {
        guard let card = world.look({ $0.cells[cell].typing }),
            let number = world.look({ $0.card(card).booklet?.number }),
            let row = try reading({ try $0.booklet(number) })
        else { return }
        switch row.account {
        case "line": try layBehind(card)
        case "spoiled": put(card, .reject)
        default: return try await typed(card, number)
        }
        world.look { $0.cells[cell].typing = nil }
    }

    /// The cell in whose hopper the books have it: it may have strayed here.
    private func owner(of card: Int) throws(SakkError) -> Int {
        guard let number = world.look({ $0.card(card).booklet?.number }),
            let row = try reading({ try $0.booklet(number) })
        else { return cell }
        return world.look { $0.cells.indices }.first { SimulatedPlant.line($0).rawValue == row.line } ?? cell
    }

    /// Behind the others, its data page open.
    private func layBehind(_ card: Int) throws(SakkError) {
        put(card, .hopper)
        let owner = try owner(of: card)
        world.look { state in
            state.cells[cell].hopper.removeAll { $0 == card }
            state.cells[owner].hopper.append(card)
            state.with(card) { $0.booklet?.page = .data }
        }
    }

    /// What the machine says it took in lies in the hopper still, most often on top.
    func lookForAbsent() async throws(SakkError) {
        for card in world.look({ $0.cells[cell].hopper }) {
            guard let number = world.look({ $0.card(card).booklet?.number }),
                let row = try reading({ try $0.booklet(number) }), row.account == "held", !row.isBound
            else { continue }
            return try await typed(card, number)
        }
    }

    /// A box of booklets: on the hopper first, then into the books with the numbers of its manifest.
    func stockUpBooklets() async throws(SakkError) {
        world.load(100, cell: cell) { $0.box = $1 }
        try await registerBooklets()
    }

    func registerBooklets() async throws(SakkError) {
        guard let box = world.look({ $0.cells[cell].box }) else { return }
        let known = try reading { try $0.booklet(Booklet.number(box.lowerBound)) }
        if known == nil {
            try await store.receive(
                box, category: world.profile.category(cell), line: SimulatedPlant.line(cell),
                cell: CellID("cell-\(cell + 1)"))
        }
        world.look { $0.cells[cell].box = nil }
    }
}
