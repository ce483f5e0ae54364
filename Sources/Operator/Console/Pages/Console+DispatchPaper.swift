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
        let number = try consignment(visit)
        let desk = try shippingDesk()
        let manifest = try await desk.manifest(number)
        let head = try signer.map { key throws(SakkError) in try manifest.head(signedBy: key) }
        let pdf = try ManifestPDF(manifest, head: head, plan: desk.plan, carrier: nil)
        return try paper("manifest-\(number.digits)") { path throws(SakkError) in try pdf.write(to: path) }
    }

    private func consignment(_ visit: Visit) throws(SakkError) -> SSCC {
        guard let number = SSCC(visit.parameter("number")) else {
            throw Console.unknown("consignment", visit.parameter("number"))
        }
        return number
    }

    /// The bytes over which the digest in the signed head was made.
    func listing(_ visit: Visit) async throws(SakkError) -> Reply {
        let number = try consignment(visit)
        return Reply(
            type: "application/json; charset=utf-8", body: try await shippingDesk().manifest(number).json.canonical,
            headers: [("content-disposition", "attachment; filename=\"manifest-\(number.digits).json\"")])
    }

    /// The page with the plant's own key in it. It is saved and opened from there: on a page of the console its script would
    /// not run.
    func checker() throws(SakkError) -> Reply {
        let folder = settings.resources ?? Console.resources.appendingPathComponent("Resources").path
        let key = try PhoneKey(info: try dispatchKey().publicKeyInfo())
        guard let page = try? String(contentsOfFile: folder + "/checker.html", encoding: .utf8) else {
            throw SakkError(
                "console.checker", source: "console", text: "The page for phones is not among the resources.",
                remedy: "Install the program's resources again, or check with `sakk dispatch check`.")
        }
        let keys = JSONValue.array([[.string(key.curve), .string(key.x.hex), .string(key.y.hex)]]).canonicalText
        return Reply(
            type: "text/html; charset=utf-8", body: Bytes(page.replacing("/*KEYS*/[]", with: keys).utf8),
            headers: [("content-disposition", "attachment; filename=\"sakk-check.html\"")])
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
