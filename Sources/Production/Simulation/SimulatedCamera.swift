import Ground
import Stations

/// The frame's pixels are the ink that lies on this side, panel letter first.
struct SimulatedCamera: CardCamera {
    let world: World
    let cell: Int
    let gate: Gate

    func connect() async throws(SakkError) { try await gate.pass("camera") }

    func capture(_ side: CardSide, for attempt: AttemptID) async throws(SakkError) -> Frame {
        try await gate.pass("capture")
        let (pixels, number) = try world.with { (state) throws(SakkError) -> (Bytes, UInt64) in
            state.cells[cell].frames += 1
            let number = state.cells[cell].frames
            if state.fault("frame.incomplete", world.profile.frameIncomplete, cell) {
                throw simulatedError("camera.frame.incomplete", .notDone)
            }
            guard let card = state.cells[cell].inside, state.cells[cell].station == .print,
                !state.fault("frame.dark", world.profile.frameDark, cell)
            else { return ([], number) }
            return (SimulatedInspection.pixels(state.card(card).ink, side), number)
        }
        return Frame(
            attempt: attempt, side: side, number: number, width: pixels.count, height: 1, format: .mono8,
            pixels: pixels)
    }

    func disconnect() async {}
}

/// Compares the ink that is seen with the panels that were to be laid; reads the zone from the back.
struct SimulatedInspection: InspectionStation {
    static func pixels(_ ink: [PanelRaster], _ side: CardSide) -> Bytes {
        var pixels = Bytes()
        for panel in ink where panel.side == side {
            pixels += panel.panel.rawValue.utf8
            pixels += panel.pixels
        }
        return pixels
    }

    func inspect(_ request: InspectionRequest) async throws(SakkError) -> InspectionResult {
        func result(_ verdict: Verdict, _ seen: [String]) -> InspectionResult {
            InspectionResult(verdict: verdict, seenMRZ: seen, annotated: [:], measures: [:])
        }
        for side in CardSide.allCases {
            guard let frame = request.frames.first(where: { $0.side == side }), !frame.pixels.isEmpty else {
                return result(.cannotJudge("image.dark"), [])
            }
            guard frame.pixels == SimulatedInspection.pixels(request.rendered.panels, side) else {
                let place = RectMM(x: 0, y: 0, width: 1, height: 1)
                return result(
                    .reject([Finding(code: "panel.missing", side: side, place: place, text: "It differs.")]), [])
            }
        }
        let back = request.frames.first { $0.side == .back }?.pixels.dropFirst() ?? []
        let seen = String(decoding: back, as: UTF8.self).split(separator: "\n").map(String.init)
        return result(.pass, seen)
    }
}
