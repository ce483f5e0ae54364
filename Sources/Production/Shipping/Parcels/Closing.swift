public import Ground

/// A document that is not accounted for, and how far it came.
public struct Gap: Sendable, Hashable {
    public enum Stage: String, Sendable, Hashable, CaseIterable {
        /// Good, and still in the good box.
        case notPacked = "not_packed"
        case notLabelled = "not_labelled"
        case notEnveloped = "not_enveloped"
        case notBoxed = "not_boxed"
        case boxOpen = "box_open"
        case notBagged = "not_bagged"
        case bagOpen = "bag_open"
        case notSealed = "not_sealed"
        case notConsigned = "not_consigned"
        case consignmentOpen = "consignment_open"
        case notDispatched = "not_dispatched"
        /// Withdrawn, and nobody has it in custody yet.
        case notSetAside = "not_set_aside"
        /// It was in what arrived by the books, and nobody scanned it in.
        case notReceived = "not_received"
        case lost
    }

    public let production: ProductionID
    public let blank: BlankID
    public let envelope: S10?
    public let stage: Stage
    /// The innermost container that holds it up.
    public let container: SSCC?
    /// Who had it last.
    public let custodian: Custodian
}

/// What the end of a batch, a day or an arrival says.
public enum Closing: Sendable, Hashable {
    /// Everything is accounted for: this many documents.
    case accounted(Int)
    /// Ids only, in the order of production ids.
    case missing([Gap])
}

extension Shipments {
    /// Of a batch's released documents, or of all: each has left the plant, or has a custodian and a way out.
    public func closing(batch: BatchID? = nil) -> Closing {
        let parcels = parcels.values.filter { batch == nil || $0.document.batch == batch }
        return closing(parcels.map { ($0, stage($0)) })
    }

    /// Of a box that arrived: each envelope that left in it was scanned in, or what became of it is said.
    public func closing(arrived box: SSCC) throws(SakkError) -> Closing {
        guard let container = containers[box] else { throw Refusal.unknownContainer.error(box) }
        guard container.state == .arrived else { throw Refusal.unopened.error(box) }
        let left = documents(in: box).compactMap { parcels[$0] }
        let closing = closing(left.map { ($0, (.notReceived, box)) })
        return closing == .accounted(0) ? .accounted(container.count) : closing
    }

    private func closing(_ parcels: [(Parcel, (Gap.Stage, SSCC?)?)]) -> Closing {
        let gaps = parcels.compactMap { parcel, stage in
            stage.map {
                Gap(
                    production: parcel.document.production, blank: parcel.document.blank, envelope: parcel.envelope,
                    stage: $0.0, container: $0.1, custodian: parcel.custodian)
            }
        }
        return gaps.isEmpty ? .accounted(parcels.count) : .missing(gaps.sorted { $0.production < $1.production })
    }

    private func stage(_ parcel: Parcel) -> (Gap.Stage, SSCC?)? {
        if parcel.stopped != nil, parcel.state.isInPlant || parcel.state == .returned {
            return (.notSetAside, parcel.inside)
        }
        switch parcel.state {
        case .released: return (parcel.label == nil ? .notLabelled : .notEnveloped, nil)
        case .enveloped: return (.notBoxed, nil)
        case .boxed: return stage(boxed: parcel)
        case .lost: return (.lost, nil)
        default: return nil
        }
    }

    private func stage(boxed parcel: Parcel) -> (Gap.Stage, SSCC?) {
        guard let box = parcel.inside.flatMap({ containers[$0] }) else { return (.notBoxed, nil) }
        if box.state == .open { return (.boxOpen, box.number) }
        guard let bag = box.inside.flatMap({ containers[$0] }) else { return (.notBagged, box.number) }
        if bag.state == .open { return (.bagOpen, bag.number) }
        if bag.state == .closed, plan.routes[bag.target.route]?.isSealed == true { return (.notSealed, bag.number) }
        guard let consignment = bag.inside.flatMap({ containers[$0] }) else { return (.notConsigned, bag.number) }
        return (consignment.state == .open ? .consignmentOpen : .notDispatched, consignment.number)
    }

    /// What a consignment holds, in the order of its numbers. Refusals: `shipping.container.unknown`,
    /// `shipping.container.level`, `shipping.container.open`.
    public func manifest(_ number: SSCC) throws(SakkError) -> Manifest {
        guard let consignment = containers[number] else { throw Refusal.unknownContainer.error(number) }
        guard consignment.kind == .consignment else { throw Refusal.containerLevel.error(number) }
        guard consignment.state != .open else { throw Refusal.containerOpen.error(number) }
        let bags = inner(consignment).map { bag in
            Manifest.Bag(
                number: bag.number, seal: bag.seal,
                boxes: inner(bag).map { box in
                    // as it was closed: the paper is the same whenever it is printed, also when all have their document
                    Manifest.Box(
                        number: box.number, place: box.target.place, count: box.count, contents: box.digest ?? [])
                })
        }
        return Manifest(consignment: number, target: consignment.target, bags: bags)
    }

    private func inner(_ container: Container) -> [Container] {
        container.contents.sorted().compactMap { item in
            guard case .container(let number) = item else { return nil }
            return containers[number]
        }
    }
}
