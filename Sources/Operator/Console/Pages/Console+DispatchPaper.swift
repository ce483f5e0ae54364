import Foundation
import Ground
import Ledger
import OpenSSLCrypto
import Reporting
import Shipping
import Stations

extension Console {
    /// An envelope's or a container's label; with the plant's dispatch key it bears its signed QR.
    func label(_ visit: Visit) async throws(SakkError) -> Reply {
        let desk = try shippingDesk()
        let scan = try ScannedCode(visit.parameter("number"))
        let label: ShippingLabelPDF
        switch scan {
        case .document: throw Console.unknown("label", scan.description)
        case .envelope(let number):
            let address = try await desk.find(scan).address
            let statement = try signer.map { key throws(SakkError) in
                try LabelStatement.signed(envelope: number, to: address, by: key)
            }
            label = ShippingLabelPDF(
                envelope: number, route: try desk.plan.rule(address.route).names,
                place: names(try desk.plan.target(address), desk.plan), statement: statement)
        case .container(let number):
            let container = try await desk.container(number)
            let statement = try signer.map { key throws(SakkError) in
                try LabelStatement.signed(container: number, container.kind, to: container.target, by: key)
            }
            label = ShippingLabelPDF(
                container: number, kind: container.kind, route: try desk.plan.rule(container.target.route).names,
                place: names(container.target, desk.plan), statement: statement)
        }
        return try paper("label-\(scan)") { path throws(SakkError) in try label.write(to: path) }
    }

    /// With the plant's dispatch key its head is signed, for a phone to check.
    func manifest(_ visit: Visit) async throws(SakkError) -> Reply {
        guard let number = SSCC(visit.parameter("number")) else {
            throw Console.unknown("consignment", visit.parameter("number"))
        }
        let desk = try shippingDesk()
        let manifest = try await desk.manifest(number)
        let head = try signer.map { key throws(SakkError) in try manifest.head(signedBy: key) }
        let pdf = try ManifestPDF(manifest, head: head, plan: desk.plan, carrier: nil)
        return try paper("manifest-\(number.digits)") { path throws(SakkError) in try pdf.write(to: path) }
    }

    private func names(_ target: Target, _ plan: LogisticsPlan) -> [PlaceNames] {
        let region = target.region.flatMap { iso in plan.governorates.first { $0.iso == iso }?.names }
        return [region, target.place.flatMap { plan.places[$0]?.names }].compactMap { $0 }
    }

    /// A PDF that is written, read and gone.
    func paper(_ name: String, _ write: (String) throws(SakkError) -> Void) throws(SakkError) -> Reply {
        let id = UUIDv7.make(wall: time.wall(), random: try RandomSource.bytes(10))
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("sakk-\(id).pdf").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        try write(path)
        return Reply(
            type: "application/pdf", body: FileManager.default.contents(atPath: path).map { Bytes($0) } ?? [],
            headers: [("content-disposition", "inline; filename=\"\(Address.escape(name)).pdf\"")])
    }
}
