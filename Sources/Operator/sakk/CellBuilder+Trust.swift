import Artwork
import Catalog
import Ground
import Line
import Personalisation
import Records
import Stations

extension CellBuilder {
    /// The challenge cards and the watched measures of the line's file; neither without one.
    func trust(_ configuration: inout LineConfiguration) throws(SakkError) {
        guard let path = line.inspectionTrust else { return }
        let trust = try InspectionTrust(path: path)
        if !trust.cards.isEmpty {
            let artwork = try product.artwork(seal: try sealer())
            var documents: [String: ChallengeSet.Document] = [:]
            for card in trust.cards { documents[card.name] = try document(card, artwork) }
            let known = documents
            configuration.challenges = ChallengeSet(
                cards: trust.cards.map { ChallengeSet.Card(name: $0.name, reasons: $0.reasons) },
                interval: trust.interval
            ) { (name) async throws(SakkError) in
                guard let document = known[name] else {
                    throw SakkError(
                        "line.challenge.unknown", source: path, subject: name, text: "There is no such challenge card.",
                        remedy: "Take one of the set.")
                }
                return document
            }
        }
        if !trust.atLeast.isEmpty || !trust.atMost.isEmpty {
            configuration.trends = TrendLimits(atLeast: trust.atLeast, atMost: trust.atMost)
        }
    }

    private func document(_ card: InspectionTrust.Card, _ artwork: CardArtwork) throws(SakkError)
        -> ChallengeSet.Document
    {
        guard let bytes = FileBytes.read(card.record) else {
            throw SakkError(
                "file.missing", source: card.record, subject: card.name, text: "The record cannot be read.",
                remedy: "Check the path.")
        }
        switch RecordDecoder().decode(bytes, name: card.record) {
        case .refused(let problems):
            throw SakkError(
                "record.refused", source: card.record, subject: card.name,
                text: problems.map { "\($0)" }.joined(separator: "; "), remedy: "Correct the record.")
        case .record(let record):
            let mrz = try TravelDocumentPreparation.mrz(of: record, format: product.zone)
            return ChallengeSet.Document(
                rendered: try artwork.render(record, mrz: mrz), mrz: mrz,
                portrait: try Portraits.decode(record.portrait))
        }
    }
}
