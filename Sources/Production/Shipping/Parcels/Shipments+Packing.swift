import Ground
import Ledger

extension Shipments {
    func judgePacking(_ act: ShippingAct) throws(SakkError) -> [ShippingFact] {
        switch act {
        case .release(let document):
            // one that was destroyed, or given up before two people, may be made once more, on another blank
            guard parcels[document.production].map({ $0.state == .destroyed || $0.stopped == "remade" }) ?? true,
                marks[document.blank] == nil
            else { throw Refusal.knownDocument.error(document.production) }
            _ = try plan.target(document.address)
            return [.released(document)]
        case .label(let scan, let number):
            guard case .document = scan else { throw Refusal.scanKind.error(scan) }
            let parcel = try find(scan)
            try notStopped(parcel)
            try expect(parcel, .released, .enveloped)
            guard plan.itemRange(parcel.address.route)?.contains(number) == true else {
                throw Refusal.numberForeign.error(number)
            }
            guard labels[number] == nil else { throw Refusal.numberUsed.error(number) }
            return [.labelled(parcel.document.production, number)]
        case .match(let document, let envelope): return [try match(document, envelope)]
        default: return []
        }
    }

    private func match(_ document: ScannedCode, _ envelope: ScannedCode) throws(SakkError) -> ShippingFact {
        guard case .document = document else { throw Refusal.scanKind.error(document) }
        guard case .envelope(let number) = envelope else { throw Refusal.scanKind.error(envelope) }
        let parcel = try find(document)
        try notStopped(parcel)
        guard parcel.envelope == nil else { throw Refusal.documentTwice.error(document) }
        try expect(parcel, .released)
        guard parcel.label != nil else { throw Refusal.labelMissing.error(document) }
        let addressee = try find(envelope)
        guard addressee.envelope == nil else { throw Refusal.itemTwice.error(envelope) }
        guard addressee.document == parcel.document else {
            throw Refusal.otherEnvelope.error(document, "The envelope is \(number).")
        }
        return .enveloped(parcel.document.production, number)
    }

    func judgeContainer(_ act: ShippingAct) throws(SakkError) -> [ShippingFact] {
        switch act {
        case .open(let kind, let number, let address):
            let target = try plan.target(kind, for: address)
            guard plan.containerRange(kind)?.contains(number) == true else { throw Refusal.numberForeign.error(number) }
            guard containers[number] == nil else { throw Refusal.numberUsed.error(number) }
            return [.opened(number, kind, target)]
        case .put(let scan, let into): return [try put(scan, try container(into))]
        case .takeOut(let scan, let from):
            let container = try container(from)
            guard container.state == .open else { throw Refusal.containerClosed.error(from) }
            guard let item = item(scan), container.contents.contains(item) else {
                throw Refusal.itemElsewhere.error(scan)
            }
            return [.takenOut(item, from: container.number)]
        case .close(let scan, let count): return [try close(try container(scan), count)]
        case .seal(let scan, let seal): return [try sealBag(try container(scan), seal)]
        case .reopen(let scan, let people, let reason):
            let container = try container(scan)
            guard [.closed, .sealed].contains(container.state) else {
                throw container.state == .open
                    ? Refusal.containerOpen.error(scan, "Nothing is to be opened.")
                    : Refusal.containerClosed.error(scan)
            }
            guard container.inside == nil else { throw Refusal.itemElsewhere.error(scan, "Take it out first.") }
            return [.reopened(container.number, people, reason: reason)]
        case .dispatch(let scan, let carrier, let signatures):
            let consignment = try container(scan)
            guard consignment.kind == .consignment else { throw Refusal.containerLevel.error(scan) }
            guard consignment.state != .open else { throw Refusal.containerOpen.error(scan) }
            guard consignment.state == .closed else { throw Refusal.containerClosed.error(scan) }
            try signed(signatures, consignment)
            try noneStopped(consignment)
            return [.dispatched(consignment.number, carrier: carrier, signatures: signatures)]
        default: return []
        }
    }

    private func item(_ scan: ScannedCode) -> Item? {
        switch scan {
        case .document: nil
        case .envelope(let number): .envelope(number)
        case .container(let number): .container(number)
        }
    }

    private func put(_ scan: ScannedCode, _ container: Container) throws(SakkError) -> ShippingFact {
        guard container.state == .open else { throw Refusal.containerClosed.error(container.number) }
        let item: Item
        let target: Target
        let inside: SSCC?
        switch scan {
        case .document: throw Refusal.scanKind.error(scan)
        case .envelope(let number):
            guard container.kind == .box else { throw Refusal.containerLevel.error(scan) }
            let parcel = try packed(scan)
            try notStopped(parcel)
            try expect(parcel, .enveloped, .boxed)
            item = .envelope(number)
            target = try plan.target(parcel.address)
            inside = parcel.inside
        case .container(let number):
            let inner = try self.container(scan)
            guard
                (inner.kind == .box && container.kind == .bag) || (inner.kind == .bag && container.kind == .consignment)
            else { throw Refusal.containerLevel.error(scan) }
            guard inner.state != .open else { throw Refusal.containerOpen.error(scan) }
            if inner.kind == .bag, inner.state == .closed, try plan.rule(inner.target.route).isSealed {
                throw Refusal.sealMissing.error(scan)
            }
            guard [.closed, .sealed].contains(inner.state) else { throw Refusal.itemElsewhere.error(scan) }
            item = .container(number)
            target = inner.target
            inside = inner.inside
        }
        if let inside {
            throw inside == container.number ? Refusal.itemTwice.error(scan) : Refusal.itemElsewhere.error(scan)
        }
        if let refusal = container.target.refuses(target) { throw refusal.error(scan) }
        let rule = try plan.rule(container.target.route)
        guard container.contents.count < rule.capacity[container.kind] ?? 0 else {
            throw Refusal.containerFull.error(container.number)
        }
        return .put(item, into: container.number)
    }

    private func close(_ container: Container, _ count: Int) throws(SakkError) -> ShippingFact {
        guard container.state == .open else { throw Refusal.containerClosed.error(container.number) }
        guard !container.contents.isEmpty else { throw Refusal.containerEmpty.error(container.number) }
        // says nothing of what was expected: the next count is to be a count too
        guard count == container.contents.count else { throw Refusal.countDiffers.error(container.number) }
        try noneStopped(container)
        return .closed(
            container.number, count: count, contents: Manifest.digest(container.contents.map(\.description)))
    }

    private func sealBag(_ bag: Container, _ seal: String) throws(SakkError) -> ShippingFact {
        guard bag.kind == .bag else { throw Refusal.containerLevel.error(bag.number) }
        guard bag.state != .open else { throw Refusal.containerOpen.error(bag.number) }
        guard bag.state == .closed else { throw Refusal.containerClosed.error(bag.number) }
        guard !seal.isEmpty else { throw Refusal.sealMissing.error(bag.number) }
        guard seals[seal] == nil else { throw Refusal.sealUsed.error(seal) }
        return .sealed(bag.number, seal: seal)
    }

    private func noneStopped(_ container: Container) throws(SakkError) {
        for production in documents(in: container.number) { try notStopped(try parcel(production)) }
    }

    /// As many different people as the route asks for.
    func signed(_ names: [String], _ container: Container) throws(SakkError) {
        let needed = try plan.rule(container.target.route).signatures
        let isSigned =
            needed == 2
            ? names.count == 2 && (try? TwoPeople(names[0], names[1])) != nil
            : names.contains { !$0.allSatisfy(\.isWhitespace) }
        guard isSigned else { throw Refusal.signatures.error(container.number) }
    }
}
