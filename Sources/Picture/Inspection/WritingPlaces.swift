internal import CVision
internal import Ground
internal import Stations

/// Where in a box of a reference the signed writing may stand, and what ink would then be left over. A box may hold a
/// caption and reach into the next one's; but a dot that is left over makes another letter, and a word another name.
struct WritingPlaces {
    struct Piece {
        let rect: RectMM
        /// Its middle lies in the box.
        let isInside: Bool
    }

    /// Lines of writing from the top, each with the dots that stand above and below it.
    let lines: [RectMM]
    /// All that is there, each line, lines that follow each other, and parts of lines that stand apart.
    let places: [RectMM]
    let pieces: [Piece]

    init(rows: [RectMM], parts: [RectMM], pieces: [Piece]) {
        self.pieces = pieces
        lines = Self.lines(rows)
        guard let first = lines.first else {
            places = []
            return
        }
        var places = [lines.dropFirst().reduce(first, RectMM.union)]
        if lines.count > 1 { places += lines.sorted { $0.height > $1.height } }
        for length in 2..<max(lines.count, 2) {
            for start in 0...(lines.count - length) {
                places.append(lines[start + 1..<start + length].reduce(lines[start], RectMM.union))
            }
        }
        places += parts + (rows.count > lines.count ? rows : [])
        self.places = Array(places.filter { $0.height > 0.6 && $0.width > 0.4 }.prefix(14))
    }

    /// Rows of ink, of which those that hold nothing but dots go with the line that they are nearest to. What stands further from
    /// all of them than a dot from its letter is what a caption leaves in the box.
    private static func lines(_ rows: [RectMM]) -> [RectMM] {
        let most = rows.map(\.height).max() ?? 0
        var lines = rows.filter { $0.height >= 0.35 * most }.sorted { $0.y < $1.y }
        for dots in rows where dots.height < 0.35 * most {
            let nearest = lines.indices.min { gap(lines[$0], dots).y < gap(lines[$1], dots).y }
            if let nearest, gap(lines[nearest], dots).y < 0.5 * most {
                lines[nearest] = RectMM.union(lines[nearest], dots)
            }
        }
        return lines
    }

    /// Ink outside `ink` that belongs to the writing there: a dot of one of its letters, or another word of its size. Nil
    /// where all of the rest is a caption's.
    func leftOver(by ink: RectMM) -> RectMM? {
        let around = RectMM.grown(ink, by: 0.05)
        let own = pieces.filter { RectMM.contains(around, Self.middle($0.rect)) }
        let high = max(own.map(\.rect.height).max() ?? ink.height, 0.8)
        for piece in pieces where !RectMM.contains(around, Self.middle(piece.rect)) {
            let gap = Self.gap(ink, piece.rect)
            let isDot = piece.rect.height < 0.45 * high && piece.rect.width < 0.6 * high
            // Letters of a caption stand nearer to each other; two dots do so as well.
            let isOwn = isNearest(piece.rect, to: own, within: 0.6 * high, size: isDot ? 1 : 0.6)
            if isDot, standsInRow(piece.rect, beside: own) { continue }
            if piece.isInside {
                if isDot, gap.x < 0.3 * high, gap.y < 0.4 * high { return piece.rect }
                if isOwn { return piece.rect }
                let isOfSize = piece.rect.height > 0.8 * high
                if isOfSize, gap.y == 0 ? gap.x < 3 * high : gap.x == 0 && gap.y < high { return piece.rect }
            } else if isDot, isOwn, gap.x == 0, gap.y < 0.3 * high {
                return piece.rect
            }
        }
        return nil
    }

    /// One of four and more pieces of one height that follow each other, none of them the writing's: a caption's letter, small
    /// as it may be beside large writing.
    private func standsInRow(_ rect: RectMM, beside own: [Piece]) -> Bool {
        let others = pieces.map(\.rect).filter { other in
            let shared = min(rect.y + rect.height, other.y + other.height) - max(rect.y, other.y)
            return other != rect && !own.contains { $0.rect == other } && 0.6...1.7 ~= other.height / rect.height
                && shared > 0.6 * min(rect.height, other.height)
        }
        var row = [rect]
        while let next = others.first(where: { other in
            !row.contains(other) && row.contains { Self.gap($0, other).x < 0.6 * rect.height }
        }) { row.append(next) }
        return row.count >= 4
    }

    /// Of all other pieces that are larger than a share of it, the nearest is one of these.
    private func isNearest(_ rect: RectMM, to own: [Piece], within reach: Double, size: Double) -> Bool {
        func distance(_ other: RectMM) -> Double {
            let gap = Self.gap(rect, other)
            return gap.x * gap.x + gap.y * gap.y
        }
        func least(_ all: [Piece]) -> Double {
            all.filter { $0.rect != rect && Self.area($0.rect) > size * Self.area(rect) }.map { distance($0.rect) }
                .min() ?? .infinity
        }
        let nearest = least(own)
        return nearest < reach * reach && nearest <= least(pieces)
    }

    private static func area(_ rect: RectMM) -> Double { rect.width * rect.height }

    private static func middle(_ rect: RectMM) -> RectMM {
        RectMM(x: rect.x + rect.width / 2, y: rect.y + rect.height / 2, width: 0, height: 0)
    }

    private static func gap(_ one: RectMM, _ two: RectMM) -> (x: Double, y: Double) {
        (
            max(0, max(one.x - two.x - two.width, two.x - one.x - one.width)),
            max(0, max(one.y - two.y - two.height, two.y - one.y - one.height))
        )
    }
}

extension CardView {
    /// Of a view that is the artwork.
    func writingPlaces(_ box: RectMM) throws(SakkError) -> WritingPlaces {
        var inks = [sakk_ink](repeating: sakk_ink(), count: 256)
        var count = 0
        let status = sakk_view_ink(handle, raster.pixels(box), &inks, inks.count, &count)
        if status == SAKK_VISION_BAD_FRAME { return WritingPlaces(rows: [], parts: [], pieces: []) }
        try Self.check(status, "ink")
        func places(_ isOne: (Int32) -> Bool) -> [RectMM] {
            inks[..<count].filter { isOne($0.line) }.map { raster.millimetres($0.place) }
        }
        return WritingPlaces(
            rows: places { $0 >= 0 }, parts: places { $0 == -1 },
            pieces: places { $0 == -2 }.map { .init(rect: $0, isInside: true) }
                + places { $0 == -3 }.map { .init(rect: $0, isInside: false) })
    }
}
