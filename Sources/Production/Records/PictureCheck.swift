import Ground
import Pixels
import Stations

/// The pictures of a record: they must decode whole before they may reach a chip or a card.
struct PictureCheck {
    let rules: RecordRules.Portrait

    func portrait(_ reader: FieldReader) -> ApprovedRecord.Image? {
        guard let (image, picture) = read(reader, maxBytes: rules.maxBytes) else { return nil }
        let findings = reader.findings
        guard rules.side.contains(picture.width), rules.side.contains(picture.height) else {
            findings.add(
                "record.portrait.size", reader.field("data"),
                "\(picture.width) by \(picture.height) pixels; \(rules.side.lowerBound) to \(rules.side.upperBound) "
                    + "are allowed on each side")
            return nil
        }
        let aspect = picture.width * 1000 / picture.height
        guard rules.aspectThousandths.contains(aspect) else {
            findings.add(
                "record.portrait.aspect", reader.field("data"),
                "\(picture.width) by \(picture.height) pixels is not the shape of a portrait")
            return nil
        }
        guard hasContrast(picture) else {
            findings.add("record.portrait.blank", reader.field("data"), "the picture shows nothing")
            return nil
        }
        return image
    }

    func signature(_ reader: FieldReader) -> ApprovedRecord.Image? {
        read(reader, maxBytes: rules.maxBytes)?.0
    }

    private func read(_ reader: FieldReader, maxBytes: Int) -> (ApprovedRecord.Image, RGBImage)? {
        let format = reader.choice("format", ["jpeg", "jpeg2000"]).flatMap(ApprovedRecord.ImageFormat.init(rawValue:))
        let text = reader.string("data", length: 1...Int.max)
        reader.refuseOthers()
        guard let format, let text else { return nil }
        let field = reader.field("data")
        guard text.utf8.count <= (maxBytes + 2) / 3 * 4 else {
            reader.findings.add("record.portrait.bytes", field, "more than \(maxBytes) bytes")
            return nil
        }
        guard let bytes = Base64.decode(text) else {
            reader.findings.add("record.field.form", field, "this is not base64 (RFC 4648 clause 4)")
            return nil
        }
        let limit = rules.side.upperBound * rules.side.upperBound
        do throws(SakkError) {
            let picture =
                switch format {
                case .jpeg: try JPEG.decode(bytes, maxPixels: limit)
                case .jpeg2000: try JPEG2000.decode(bytes, maxPixels: limit)
                }
            return (ApprovedRecord.Image(format: format, bytes: bytes), picture)
        } catch {
            reader.findings.add(error.code, field, error.text)
            return nil
        }
    }

    /// A portrait has dark and light: a grey field has not.
    private func hasContrast(_ picture: RGBImage) -> Bool {
        let small = picture.resized(width: 16, height: 20).gray.values
        guard let low = small.min(), let high = small.max() else { return false }
        return high - low >= 24
    }
}
