public import Ground
public import Shipping

/// The manifest of a consignment on A4, for those who sign when it leaves and when it arrives: Arabic first, English
/// under it. Its QR code is the signed head, which a phone checks with the plant's public key and no network.
public struct ManifestPDF {
    private let manifest: Manifest
    private let head: SignedStatement?
    private let route: PlaceNames
    private let places: (PlaceID) -> PlaceNames?
    private let carrier: String?
    private let signatures: Int

    public init(
        _ manifest: Manifest, head: SignedStatement?, plan: LogisticsPlan, carrier: String?
    ) throws(SakkError) {
        self.manifest = manifest
        self.head = head
        let rule = try plan.rule(manifest.target.route)
        route = rule.names
        signatures = rule.signatures
        places = { plan.places[$0]?.names }
        self.carrier = carrier
    }

    /// Writes the file; throws `report.unwritable`.
    public func write(to path: String) throws(SakkError) {
        let number = manifest.consignment.digits
        let arabic = ReportLanguage.arabic
        try ReportFile.write(to: path, language: .arabic, footer: "Sakk, \(number)") { page in
            page.text("بيان الإرسالية \(arabic.value(number))", size: 18, bold: true, advance: 30)
            page.text("Manifest of consignment \(number)", size: 11, bold: true, advance: 20)
            page.codes(Barcode.sscc(number), under: "(00) \(number)", head.flatMap { Barcode.qr($0.text) })
            let place = manifest.target.place.flatMap(places)
            page.table([
                ["الإرسالية  consignment", number], ["الطريق  route", "\(route.arabic)  \(route.english)"],
                ["المكان  place", place.map { "\($0.arabic)  \($0.english)" } ?? "–"],
                ["الناقل  carrier", carrier ?? "–"], ["الأكياس  bags", String(manifest.bags.count)],
                ["الصناديق  boxes", String(manifest.bags.reduce(0) { $0 + $1.boxes.count })],
                ["الوثائق  documents", String(manifest.documents)],
            ])
            page.gap(10)
            page.table([["الكيس  bag", "الختم  seal", "الصندوق  box", "المكان  place", "العدد  count"]] + rows)
            page.gap(14)
            page.text("التواقيع  Signatures", size: 11, bold: true, advance: 16)
            page.signatures((1...max(signatures, 1)).map { "المُرسِل  sender \($0)" })
            page.signatures((1...max(signatures, 1)).map { "المستلم  receiver \($0)" })
        }
    }

    private var rows: [[String]] {
        manifest.bags.flatMap { bag in
            bag.boxes.map { box in
                let place = box.place.flatMap(places)
                return [
                    bag.number.digits, bag.seal ?? "–", box.number.digits,
                    place.map { "\($0.arabic)  \($0.english)" } ?? "–", String(box.count),
                ]
            }
        }
    }
}
