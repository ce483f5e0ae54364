import Catalog
import Foundation
import Ground
import Inspection
import Stations

/// What was made of a job, and how it is said.
struct InspectAnswer {
    let id: String
    let verdict: PictureResult.Verdict
    /// The side, which a doubt is about as a whole.
    let whole: RectMM
    var result: PictureResult?
    /// The judging, all of it; and of that from the capture, decoded, to the verdict: without what the reference and what is
    /// signed alone take before there need be a capture, and without wiping all of it after.
    var milliseconds = 0.0
    var fromCaptureMilliseconds = 0.0

    var word: String {
        switch verdict {
        case .pass: "pass"
        case .reject: "reject"
        case .cannotJudge: "cannot_judge"
        }
    }

    /// One line of `sakk.inspect-verdict/1`. A doubt is a reason that the whole side is the place of.
    func json(_ list: ReasonList) -> String {
        let reasons = said(list).map { reason in
            let box = reason.box.map(Self.number).joined(separator: ",")
            return """
                {"code":\(Self.quoted(reason.code)),"severity":\(Self.quoted(reason.severity)),"box_mm":[\(box)],\
                "text":\(Self.quoted(reason.text))}
                """
        }
        return """
            {"schema":"sakk.inspect-verdict/1","id":\(Self.quoted(id)),"verdict":"\(word)",\
            "reasons":[\(reasons.joined(separator: ","))],"milliseconds":\(Self.number(milliseconds)),\
            "from_capture_milliseconds":\(Self.number(fromCaptureMilliseconds))}
            """
    }

    func explained(_ list: ReasonList) -> String {
        let times = "\(Self.number(milliseconds)) ms, \(Self.number(fromCaptureMilliseconds)) ms of it from the capture"
        var lines = ["\(id): \(word), \(times)"]
        for reason in said(list) {
            let place = reason.box.map(Self.number).joined(separator: " ")
            lines.append("  \(reason.code) (\(reason.severity)) at \(place) mm: \(reason.text)")
            if let known = list[reason.code] { lines.append("    \(known.arabic)\n    \(known.sorani)") }
        }
        for measure in result?.measures ?? [] {
            let least = measure.atLeast.map { " at least \(Self.number($0))" } ?? ""
            let most = measure.atMost.map { " at most \(Self.number($0))" } ?? ""
            lines.append("  \(measure.holds ? " " : "!") \(measure.name) \(Self.number(measure.value))\(least)\(most)")
        }
        return lines.joined(separator: "\n")
    }

    func explainedJSON(_ list: ReasonList) -> String {
        func thousandths(_ value: Double?) -> JSONValue {
            value.map { .integer(Int64(($0 * 1000).rounded())) } ?? .null
        }
        let measures = (result?.measures ?? []).map { measure -> JSONValue in
            [
                "name": .string(measure.name), "value": thousandths(measure.value),
                "at_least": thousandths(measure.atLeast), "at_most": thousandths(measure.atMost),
                "holds": .bool(measure.holds),
            ]
        }
        return JSONValue.object([
            "id": .string(id), "verdict": .string(word), "measures": .array(measures),
            "reasons": .array(said(list).map { .string($0.code) }),
        ]).document(schema: "sakk.inspect-explain/1")
    }

    private struct Said {
        let code: String
        let severity: String
        let place: RectMM
        var box: [Double] { [place.x, place.y, place.width, place.height] }
        let text: String
    }

    private func said(_ list: ReasonList) -> [Said] {
        switch verdict {
        case .pass: []
        case .reject(let findings):
            findings.map { finding in
                Said(
                    code: finding.code, severity: list[finding.code]?.severity.rawValue ?? "major",
                    place: finding.place, text: finding.text)
            }
        case .cannotJudge(let doubt):
            [Said(code: doubt.code, severity: "doubt", place: whole, text: list[doubt.code]?.english ?? doubt.code)]
        }
    }

    /// To the thousandth, as short as it can be said.
    private static func number(_ value: Double) -> String {
        let thousandths = Int((min(max(value.isFinite ? value : 0, -1e9), 1e9) * 1000).rounded())
        let (whole, rest) = abs(thousandths).quotientAndRemainder(dividingBy: 1000)
        let sign = thousandths < 0 ? "-" : ""
        guard rest > 0 else { return "\(sign)\(whole)" }
        var digits = String(String(1000 + rest).dropFirst())
        while digits.hasSuffix("0") { digits.removeLast() }
        return "\(sign)\(whole).\(digits)"
    }

    private static func quoted(_ text: String) -> String { JSONValue.string(text).canonicalText }
}
