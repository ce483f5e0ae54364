internal import Ground
internal import Stations

/// What a worker makes of a request: a result, or the error of an inspection that could not be done at all.
struct WorkerAnswer {
    var outcome: Result<InspectionResult, SakkError>
    /// Microseconds of a processor.
    var effort: Int64
}

extension WorkerAnswer {
    func write(_ wire: inout WireWriter) {
        wire.put(effort)
        switch outcome {
        case .success(let result):
            wire.put(true)
            result.write(&wire)
        case .failure(let error):
            wire.put(false)
            for text in [error.code.rawValue, error.source, error.subject ?? "", error.text, error.remedy] {
                wire.put(text)
            }
        }
    }

    init(_ wire: inout WireReader) throws(WireFault) {
        effort = try wire.integer()
        if try wire.flag() {
            outcome = .success(try InspectionResult(&wire))
        } else {
            let code = SakkError.Code(rawValue: try wire.text(atMost: 100))
            let (source, subject) = (try wire.text(), try wire.text())
            outcome = .failure(
                SakkError(
                    code, source: source, subject: subject.isEmpty ? nil : subject, text: try wire.text(),
                    remedy: try wire.text()))
        }
    }
}

extension InspectionResult {
    fileprivate func write(_ wire: inout WireWriter) {
        switch verdict {
        case .pass: wire.put(0)
        case .reject(let findings):
            wire.put(1)
            wire.put(findings) { (wire, finding) in
                wire.put(finding.code)
                wire.put(finding.side.rawValue)
                wire.put(finding.place)
                wire.put(finding.text)
            }
        case .cannotJudge(let text):
            wire.put(2)
            wire.put(text)
        }
        wire.put(seenMRZ) { (wire, line) in wire.put(line) }
        for pictures in [annotated, seen] {
            wire.put(pictures.sorted { $0.key.rawValue < $1.key.rawValue }) { (wire, picture) in
                wire.put(picture.key.rawValue)
                wire.put(picture.value)
            }
        }
        wire.put(evidence) { (wire, crop) in
            wire.put(crop.code)
            wire.put(crop.side.rawValue)
            wire.put(crop.place)
            wire.put(crop.png)
        }
        wire.put(measures.sorted { $0.key < $1.key }) { (wire, measure) in
            wire.put(measure.key)
            wire.put(measure.value)
        }
        wire.put(portrait != nil)
        if let portrait { wire.put(portrait) }
    }

    fileprivate init(_ wire: inout WireReader) throws(WireFault) {
        let verdict: Verdict
        switch try wire.count(atMost: 2) {
        case 0: verdict = .pass
        case 1:
            let findings = try wire.list(atMost: 1000) { (wire) throws(WireFault) in
                Finding(
                    code: try wire.code(), side: try wire.word(CardSide.self), place: try wire.place(),
                    text: try wire.text())
            }
            // a rejection says why
            guard !findings.isEmpty else { throw WireFault() }
            verdict = .reject(findings)
        default: verdict = .cannotJudge(try wire.text())
        }
        let zone = try wire.list(atMost: 10) { (wire) throws(WireFault) in
            let line = try wire.text(atMost: 100)
            guard line.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) else { throw WireFault() }
            return line
        }
        let (annotated, seen) = (try wire.pictures(), try wire.pictures())
        let evidence = try wire.list(atMost: 1000) { (wire) throws(WireFault) in
            EvidenceCrop(
                code: try wire.code(), side: try wire.word(CardSide.self), place: try wire.place(),
                png: try wire.bytes(atMost: WorkerLimits.answerBytes))
        }
        var measures: [String: Int64] = [:]
        for _ in 0..<(try wire.count(atMost: 10_000)) { measures[try wire.text(atMost: 200)] = try wire.integer() }
        let portrait = try wire.flag() ? try wire.picture() : nil
        self.init(
            verdict: verdict, seenMRZ: zone, annotated: annotated, measures: measures, seen: seen, evidence: evidence,
            portrait: portrait)
    }
}

extension WireReader {
    /// A reason's code: lower-case words with dots and dashes between them, which go to the books.
    fileprivate mutating func code() throws(WireFault) -> String {
        let code = try text(atMost: 60)
        let isWord = code.utf8.allSatisfy {
            (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || [0x2D, 0x2E, 0x5F].contains($0)
        }
        guard !code.isEmpty, isWord else { throw WireFault() }
        return code
    }

    fileprivate mutating func place() throws(WireFault) -> RectMM {
        let rect = try rect()
        guard [rect.x, rect.y, rect.width, rect.height].allSatisfy({ abs($0) < 1000 }) else { throw WireFault() }
        return rect
    }

    fileprivate mutating func pictures() throws(WireFault) -> [CardSide: Bytes] {
        var pictures: [CardSide: Bytes] = [:]
        for _ in 0..<(try count(atMost: 2)) {
            pictures[try word(CardSide.self)] = try bytes(atMost: WorkerLimits.answerBytes)
        }
        return pictures
    }
}

/// What neither end goes beyond.
enum WorkerLimits {
    /// Memory for one request: both sides at 600 dpi and two coloured frames.
    static let requestBytes = 256 << 20
    static let answerBytes = 64 << 20
}
