/// Why a side cannot be judged: codes of the published list, beside those of `InspectionReason`.
public enum InspectionDoubt: String, Error, Sendable, Hashable, CaseIterable {
    case frameMissing = "frame.missing"
    case frameRepeated = "frame.repeated"
    case frameIncomplete = "frame.incomplete"
    case frameGrey = "frame.grey"
    /// The frame was not taken by the lamp that it says.
    case lightOther = "light.other"
    case cardAbsent = "card.absent"
    case cardUnknown = "card.unknown"
    case focus = "focus"
    case exposureDark = "exposure.dark"
    case exposureBright = "exposure.bright"
    case glare
    case printUnplaced = "print.unplaced"
    case zoneUnplaced = "zone.unplaced"
    /// What is signed cannot be verified on this reference: its writing is of no font that is known here.
    case fieldUnverified = "field.unverified"
    /// Of pictures from outside a line: a file that is not there, does not decode whole, or is too large.
    case pictureMissing = "picture.missing"
    case pictureUnreadable = "picture.unreadable"
    /// The reference is no picture of a side of the product.
    case referenceUnusable = "reference.unusable"
    case jobInvalid = "job.invalid"
    case inspectionFailed = "inspection.failed"

    public var code: String { rawValue }
}
