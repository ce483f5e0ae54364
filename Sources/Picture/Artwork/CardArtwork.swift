internal import CPangoCairo
public import Ground
internal import Pixels
public import Stations
internal import Synchronization

/// Draws documents of one template: sides as they must look, the planes of the ribbon, and the places of the fields.
///
/// Safe to use from several tasks: drawing is serial (one lock), and nothing of a record outlives a call.
public final class CardArtwork: ArtworkStation {
    /// Turns the approved bytes of a picture into pixels; throws when they are not one whole picture.
    public typealias Decoder = @Sendable (ApprovedRecord.Image) throws(SakkError) -> Picture
    /// Makes the visible digital seal of a record with this feature: whole bytes, header to signature. The same record
    /// must get the same seal where renders are to be the same: an ECDSA signature differs each time it is made.
    public typealias Sealer =
        @Sendable (ApprovedRecord, [String], VisibleDigitalSeal.Feature) throws(SakkError) -> Bytes

    public let raster: CardRaster
    private let template: ArtworkTemplate
    private let decode: Decoder
    private let seal: Sealer?
    private let grounds: [CardSide: DocumentPainter.Ground]
    private let painter: Mutex<DocumentPainter>

    /// Draws the stock once. `raster` is the printer's; the format's own at 300 dpi without.
    /// Throws `artwork.template.render`.
    public init(
        template: ArtworkTemplate, raster: CardRaster? = nil, seal: Sealer? = nil, decode: @escaping Decoder
    ) throws(SakkError) {
        let raster = raster ?? CardRaster(dpi: 300, format: template.format)
        precondition(raster.format == template.format, "a raster of the template's format")
        self.template = template
        self.raster = raster
        self.decode = decode
        self.seal = seal
        var grounds: [CardSide: DocumentPainter.Ground] = [:]
        for side in template.sides { grounds[side.side] = try Self.ground(side, raster: raster) }
        self.grounds = grounds
        painter = Mutex(DocumentPainter(template: template, raster: raster, grounds: grounds))
    }

    /// The same with the strict decoders of Pixels (JPEG and JPEG 2000); their errors are the record's.
    public convenience init(
        template: ArtworkTemplate, raster: CardRaster? = nil, seal: Sealer? = nil
    ) throws(SakkError) {
        try self.init(
            template: template, raster: raster, seal: seal,
            decode: { (image) throws(SakkError) in
                let picture =
                    switch image.format {
                    case .jpeg: try JPEG.decode(image.bytes)
                    case .jpeg2000: try JPEG2000.decode(image.bytes)
                    }
                return Picture(width: picture.width, height: picture.height, rgb: picture.rgb)
            })
    }

    public func render(_ record: ApprovedRecord, mrz: [String]) throws(SakkError) -> RenderedDocument {
        try measured(record, mrz: mrz).document
    }

    /// The same, with the time that composing the sides and separating the panels took, for `sakk bench print`.
    public func measured(
        _ record: ApprovedRecord, mrz: [String]
    ) throws(SakkError) -> (document: RenderedDocument, separation: Duration) {
        let portrait = try decode(record.portrait)
        var signature: Picture?
        if let image = record.signature { signature = try decode(image) }
        var sealed: Bytes?
        if let seal, let feature = template.sides.lazy.flatMap(\.placeholders).compactMap(\.feature).first {
            sealed = try seal(record, mrz, feature)
        }
        let content = DocumentPainter.Content(
            record: record, mrz: mrz, portrait: portrait, signature: signature, seal: sealed)
        return try painter.withLock { (painter) throws(SakkError) in
            let document = try painter.document(content)
            return (document, painter.separation)
        }
    }

    /// A side with these texts alone, by the names of its text fields, and the fields that were drawn: for comparing a
    /// drawing that came from elsewhere. A text that has no place on the side or does not fit it is left out. Nil when the
    /// document has no such side.
    public func texts(_ texts: [String: String], on side: CardSide) -> (picture: Picture, fields: [FieldPlace])? {
        painter.withLock { $0.texts(texts, on: side) }
    }

    /// The pre-printed layer alone at any resolution, for the printing house and for the virtual plant; the raster
    /// reaches over the card's edge as `CardRaster` says.
    public func stockPictures(dpi: Double) throws(SakkError) -> [CardSide: Picture] {
        if dpi == raster.dpi { return grounds.mapValues(\.stock) }
        return try template.stockPictures(CardRaster(dpi: dpi, format: template.format))
    }

    /// Both sides under each other on white, for eyes.
    public static func preview(_ document: RenderedDocument, margin: Int = 24) -> Picture {
        let width = (document.sides.map(\.picture.width).max() ?? 0) + 2 * margin
        let height = document.sides.reduce(margin) { $0 + $1.picture.height + margin }
        var rgb = Bytes(repeating: 255, count: width * height * 3)
        var top = margin
        for picture in document.sides.map(\.picture) {
            for y in 0..<picture.height {
                let from = y * picture.width * 3
                let to = ((top + y) * width + margin) * 3
                rgb.replaceSubrange(to..<to + picture.width * 3, with: picture.rgb[from..<from + picture.width * 3])
            }
            top += picture.height + margin
        }
        return Picture(width: width, height: height, rgb: rgb)
    }

    private static func ground(
        _ side: ArtworkTemplate.Side, raster: CardRaster
    ) throws(SakkError) -> DocumentPainter.Ground {
        var uv: Bytes?
        if let layer = side.uv { uv = dark(try layer.picture(raster, source: side.file)) }
        var overlay = Bytes(repeating: 255, count: raster.width * raster.height)
        if let layer = side.mask {
            let mask = dark(try layer.picture(raster, source: side.file))
            for at in overlay.indices where mask[at] >= 128 { overlay[at] = 0 }
        }
        if side.hasContacts {
            let box = raster.box(PlaceholderReader.contacts)
            for y in box.top..<box.bottom {
                for x in box.left..<box.right { overlay[y * raster.width + x] = 0 }
            }
        }
        return .init(stock: try side.stock.picture(raster, source: side.file), uv: uv, overlay: overlay)
    }

    /// How dark each pixel is (luma of ITU-R BT.601): ink of a layer that is drawn in grey.
    private static func dark(_ picture: Picture) -> Bytes {
        (0..<picture.width * picture.height).map { pixel in
            let (red, green) = (Int(picture.rgb[pixel * 3]), Int(picture.rgb[pixel * 3 + 1]))
            return UInt8(255 - (red * 77 + green * 150 + Int(picture.rgb[pixel * 3 + 2]) * 29) >> 8)
        }
    }
}
