public import Ground
public import Ledger
import Stations

extension LineController {
    /// Takes up what other terminals ask for while the line is at work.
    func listen() async {
        guard let every = first.commandsEvery else { return }
        while !Task.isCancelled {
            do {
                try await first.pause(every)
            } catch {
                return
            }
            do throws(SakkError) {
                for command in try await store.read(WaitingCommandsQuery(line: line)) {
                    try await answer(command, await take(command))
                }
            } catch {
                // books that cannot be read or written end the line through the cells
                continue
            }
        }
    }

    /// What was asked before this controller came is not done now: the reason may be gone.
    func refuseOldCommands() async throws(SakkError) {
        guard first.commandsEvery != nil else { return }
        for command in try await store.read(WaitingCommandsQuery(line: line)) {
            try await answer(
                command,
                CommandAnswer(
                    isAccepted: false, code: "line.command.old",
                    text: "The controller that was asked has ended; another one has begun.", remedy: "Ask again."))
        }
    }

    /// Obeys one command without a run: for a line that no controller works on. Takes the line over first and gives it
    /// back at the end; modes, clearances and found cards only.
    ///
    /// `ledger.line.leased` while a controller of another host works on the line.
    public func obeyAlone(_ command: LineCommand) async throws(SakkError) -> CommandAnswer {
        guard [.mode, .clearance, .settle].contains(command.word) else {
            throw SakkError(
                "line.stopped", source: "line \(line)", text: "No controller works on this line.",
                remedy: "Start one: sakk run.")
        }
        try await takeOver()
        for cell in cells {
            try await cell.read()
            if command.word == .clearance, command.cell.map({ $0 == cell.configuration.cell }) ?? true {
                try await cell.connectPrinter()
            }
            if command.facts["challenge"] != nil, command.cell.map({ $0 == cell.configuration.cell }) ?? true {
                try await cell.connect()
            }
        }
        let answer = await take(command)
        try await release()
        return answer
    }

    private func answer(_ command: LineCommand, _ answer: CommandAnswer) async throws(SakkError) {
        try await store.commit(
            Transition(
                lease: try lease.current(), cell: command.cell ?? first.cell, actor: command.actor,
                changes: [.answer(command: command.id, answer)]))
    }

    /// A command without a cell is for all: it is obeyed where it has a place, and refused when it has none anywhere.
    private func take(_ command: LineCommand) async -> CommandAnswer {
        do throws(SakkError) {
            if command.word == .settle { return try await settle(command) }
            let asked = cells.filter { command.cell == nil || $0.configuration.cell == command.cell }
            guard !asked.isEmpty else {
                throw SakkError(
                    "line.cells", source: "line \(line)", subject: command.cell?.rawValue,
                    text: "The line has no such cell.",
                    remedy: "Name one of: \(cells.map(\.configuration.cell.rawValue).joined(separator: ", ")).")
            }
            var obeyed: [String] = []
            var refusal: SakkError?
            for cell in asked {
                do throws(SakkError) {
                    try await cell.obey(command)
                    obeyed.append(cell.configuration.cell.rawValue)
                } catch {
                    refusal = refusal ?? error
                }
            }
            if obeyed.isEmpty, let refusal { throw refusal }
            return CommandAnswer(
                isAccepted: true, text: "\(command.word.rawValue): \(obeyed.joined(separator: ", ")).")
        } catch {
            return .refused(error)
        }
    }

    private func settle(_ command: LineCommand) async throws(SakkError) -> CommandAnswer {
        let settlement: Settlement
        if let counted = command.facts["hopper"]?.integer {
            let cell = command.cell ?? (cells.count == 1 ? first.cell : CellID(""))
            let count = try await settleCount(of: cell, hopper: Int(clamping: counted), by: command.actor)
            return CommandAnswer(isAccepted: true, text: count.text)
        }
        if let word = TrustWord(command.facts) {
            let cell = command.cell ?? (cells.count == 1 ? first.cell : CellID(""))
            return CommandAnswer(isAccepted: true, text: try await hear(word, cell: cell, by: command.actor))
        }
        if let word = try InspectorsWord(command.facts) {
            settlement = try await judge(word, at: try demandDesk(), by: command.actor)
        } else if let reason = command.facts["void"]?.string {
            let blank = command.facts["blank"]?.string.map { BlankID($0) }
            settlement = try await void(
                reason, blank: blank, attempt: command.facts["attempt"]?.string.map { AttemptID($0) }, at: desk,
                by: command.actor, witness: command.facts["witness"]?.string ?? "")
        } else if let missing = command.facts["missing"]?.string {
            settlement = try await settleMissing(
                BlankID(missing), by: command.actor, witness: command.facts["witness"]?.string ?? "",
                incident: command.facts["incident"]?.string ?? "")
        } else if let destroyed = command.facts["destroyed"]?.string {
            settlement = try await settleDestroyed(
                BlankID(destroyed), by: command.actor, witness: command.facts["witness"]?.string ?? "")
        } else if let number = command.facts["booklet"]?.string {
            settlement = try await settleBooklet(
                number, again: command.facts["again"]?.string ?? "", goesBack: command.facts["back"] == .bool(true),
                cell: command.cell, by: command.actor)
        } else {
            let box = command.facts["found"]?.string.flatMap(CardExit.init(rawValue:))
            settlement = try await settleFound(in: box, at: try demandDesk(), by: command.actor)
        }
        return CommandAnswer(
            isAccepted: true, text: "\(settlement.decision.rawValue)  \(settlement.blank)  \(settlement.text)")
    }

    private func demandDesk() throws(SakkError) -> any ChipStation {
        guard let desk else {
            throw SakkError(
                "config.missing", source: "line \(line)", subject: "cell.desk_reader",
                text: "The line has no desk reader.", remedy: "Name it in the line's configuration.")
        }
        return desk
    }
}

extension InspectorsWord {
    /// What a command says: `verdict`, and `reason`, `zone` (hexadecimal tag), `final` and `attempt` where they belong. Nil for a
    /// command about something else.
    init?(_ facts: [String: JSONValue]) throws(SakkError) {
        guard let word = facts["verdict"]?.string else { return nil }
        guard let verdict = CardVerdict(rawValue: word) else {
            throw SakkError(
                "verdict.word", source: "line", text: "There is no such verdict.", remedy: "Say pass, reject or hold.")
        }
        self.init(
            verdict, reason: facts["reason"]?.string, zone: facts["zone"]?.string.flatMap { Bytes(hex: $0) },
            isFinal: facts["final"] == .bool(true), attempt: facts["attempt"]?.string.map { AttemptID($0) })
    }

    /// For `LineCommand.facts`, with the word `settle`.
    public var facts: [String: JSONValue] {
        var facts: [String: JSONValue] = ["verdict": .string(verdict.rawValue), "final": .bool(isFinal)]
        facts["reason"] = reason.map { .string($0) }
        facts["zone"] = zone.map { .string($0.hex) }
        facts["attempt"] = attempt.map { .string($0.rawValue) }
        return facts
    }
}

extension CellController {
    /// The state that the books have, for a command without a run.
    func read() async throws(SakkError) {
        let cells = try await store.read(CellsQuery(line: configuration.line))
        cell.restore(
            cells.first { $0.cell == configuration.cell }?.unit ?? UnitState(state: .aborted), RecentEnds())
        orders.isWaiting = true
    }

    func connectPrinter() async throws(SakkError) { _ = try await stations.printer.connect() }
}
