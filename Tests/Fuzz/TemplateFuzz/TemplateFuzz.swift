import FuzzDoor
import Ground
import Stations

@testable import Artwork

/// A drawing as an enemy would send it: read, checked, taken apart, and when it is accepted and small, drawn.
private enum Doors {
    static func open(_ choice: UInt8, _ bytes: Bytes) {
        let format: DocumentFormat = choice & 1 == 0 ? .td1 : .td3
        let ribbon = ["ymckok", "ymckuok", "laser", "k"][Int(choice >> 1 & 3)]
        let side: CardSide = format == .td3 || choice & 8 == 0 ? .front : .back
        let drawing = ArtworkTemplate.Drawing(side: side, file: "fuzz.svg", svg: bytes)
        let result = ArtworkTemplate.examine([drawing], format: format, ribbon: ribbon)
        for problem in result.problems { precondition(!problem.text.isEmpty && !problem.remedy.isEmpty) }
        _ = try? FontPins(text: String(decoding: bytes.prefix(400), as: UTF8.self), file: "fuzz")
        if let template = result.template, bytes.count < 3000 {
            _ = try? template.stockPictures(CardRaster(dpi: 40, format: format))
        }
        #if PLANTED_BUG
            trusting(bytes)
        #endif
    }

    #if PLANTED_BUG
        /// Follows the first reference without looking whether there is one, as a careless loader would.
        static func trusting(_ bytes: Bytes) {
            guard let root = try? XMLReader.read(bytes, file: "fuzz"), root["viewBox"] != nil else { return }
            root.visit { element in
                if element.name == "use" { precondition(element["xlink:href"] != nil) }
            }
        }
    #endif
}

/// The package manager gives every program a main of its own name.
@_cdecl("TemplateFuzz_main")
public func fuzzMain(_ count: CInt, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?) -> CInt {
    FuzzDoor.run(count, arguments, doors: 256, open: Doors.open)
}
