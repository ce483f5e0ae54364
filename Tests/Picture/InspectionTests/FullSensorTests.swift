import Inspection
import Stations
import Testing

/// Captures in which the lightest of the stock fills the sensor.
@Suite struct FullSensorTests {
    private var light: Capture {
        var capture = Capture()
        capture.exposure = 1.04
        capture.gradient = 0.12
        return capture
    }

    @Test func `a dark spot on such a card is seen`() throws {
        var capture = light
        capture.marks = [(RectMM(x: 60, y: 44, width: 0.9, height: 0.9), 40)]
        let result = try Pictures.inspect(try Cards.card(6), .front, capture: capture)
        #expect(!result.codes.isEmpty, "\(result.verdict)")
    }

    @Test func `a picture that is full all over is no picture to judge by`() throws {
        var capture = Capture()
        capture.exposure = 2.2
        let result = try Pictures.inspect(try Cards.card(6), .front, capture: capture)
        #expect(result.verdict == .cannotJudge(.exposureBright))
    }
}
