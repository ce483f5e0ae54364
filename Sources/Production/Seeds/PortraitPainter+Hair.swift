import Ground
import Pixels
import Stations

/// Beards, hair and headscarves.
extension PortraitPainter {
    func paintBeard() {
        let hair = sitter.hairColour
        let half = sitter.halfWidth
        let chin = sitter.chin
        func whiskers(_ alpha: Double, upper: Double) {
            facePath()
            canvas.clipped {
                canvas.move(center - half - 6, upper)
                canvas.curve(center - half * 0.86, 330, center - 62, 334, center - 44, 332)
                canvas.curve(center - 26, 322, center - 14, 325, center, 330)
                canvas.curve(center + 14, 325, center + 26, 322, center + 44, 332)
                canvas.curve(center + 62, 334, center + half * 0.86, 330, center + half + 6, upper)
                canvas.line(center + half + 6, chin + 8)
                canvas.line(center - half - 6, chin + 8)
                canvas.close()
                canvas.fillLinear(
                    0, upper, 0, chin,
                    [Stop(0, hair, alpha * 0.35), Stop(0.5, hair, alpha), Stop(1, hair.darker(0.2), alpha)])
            }
        }
        func moustache(_ alpha: Double) {
            canvas.move(center, 329)
            canvas.curve(center + 18, 322, center + 38, 332, center + 46, 350)
            canvas.curve(center + 28, 344, center + 12, 342, center, 343)
            canvas.curve(center - 12, 342, center - 28, 344, center - 46, 350)
            canvas.curve(center - 38, 332, center - 18, 322, center, 329)
            canvas.close()
            canvas.fill(hair, alpha)
        }
        switch sitter.beard {
        case .none: break
        case .stubble: whiskers(0.3, upper: 284)
        case .moustache: moustache(0.92)
        case .short:
            whiskers(0.72, upper: 280)
            moustache(0.6)
        case .full:
            whiskers(0.94, upper: 272)
            moustache(0.85)
        }
    }

    func paintHairBehind() {
        let half = sitter.halfWidth
        // closes the temple between hair line and ear
        let crown = sitter.hair == .thin ? 100.0 : 60.0
        canvas.move(center - half - 4, 252)
        canvas.curve(center - half - 14, 150, center - half + 10, crown, center, crown)
        canvas.curve(center + half - 10, crown, center + half + 14, 150, center + half + 4, 252)
        canvas.close()
        canvas.fill(sitter.hairColour)
        guard sitter.woman, sitter.hair != .tied else { return }
        let end = sitter.hair == .long ? 500.0 : 404.0
        canvas.move(center, 54)
        canvas.curve(center + half + 40, 52, center + half + 40, 200, center + half + 30, 300)
        canvas.curve(center + half + 34, 380, center + half + 26, end - 20, center + half - 6, end)
        canvas.curve(center + 40, end - 30, center - 40, end - 30, center - half + 6, end)
        canvas.curve(center - half - 26, end - 20, center - half - 34, 380, center - half - 30, 300)
        canvas.curve(center - half - 40, 200, center - half - 40, 52, center, 54)
        canvas.close()
        canvas.fillLinear(
            0, 60, 0, end, [Stop(0, sitter.hairColour.lighter(0.1)), Stop(1, sitter.hairColour.darker(0.25))])
    }

    func paintHair() {
        let hair = sitter.hairColour
        let half = sitter.halfWidth
        let shade = [Stop(0, hair.lighter(0.2)), Stop(0.5, hair), Stop(1, hair.darker(0.2))]
        switch sitter.hair {
        case .long, .bob, .tied:
            canvas.move(center - half - 10, 290)
            canvas.curve(center - half - 30, 150, center - half, 50, center, 50)
            canvas.curve(center + half, 50, center + half + 30, 150, center + half + 10, 290)
            canvas.curve(center + half + 2, 220, center + half * 0.7, 176, center + 14, 124)
            canvas.curve(center - half * 0.5, 176, center - half + 4, 210, center - half - 10, 290)
            canvas.close()
            canvas.fillLinear(0, 50, 0, 280, shade)
        case .short, .side:
            let part = sitter.hair == .side ? -52.0 : 0
            canvas.move(center - half - 5, 252)
            canvas.curve(center - half - 22, 120, center - half + 6, 54, center, 54)
            canvas.curve(center + half - 6, 54, center + half + 22, 120, center + half + 5, 252)
            canvas.curve(center + half - 4, 214, center + half - 4, 190, center + half - 18, 164)
            canvas.curve(center + 40, 138, center + part + 30, 142, center + part, 132)
            canvas.curve(center + part - 20, 150, center - half + 26, 150, center - half + 16, 170)
            canvas.curve(center - half + 2, 190, center - half + 4, 214, center - half - 5, 252)
            canvas.close()
            canvas.fillLinear(0, 54, 0, 240, shade)
        case .curly:
            for index in 0..<15 {
                let angle = Double.pi * (1.02 + 0.96 * Double(index) / 14)
                let wave = index % 2 == 0 ? 6.0 : -3.0
                canvas.ellipse(
                    center + cosine(angle) * (half + wave - 6), 176 + sine(angle) * (98 + wave), 31, 30)
                canvas.fill(hair)
            }
            canvas.move(center - half - 5, 248)
            canvas.curve(center - half - 12, 120, center - half + 10, 66, center, 66)
            canvas.curve(center + half - 10, 66, center + half + 12, 120, center + half + 5, 248)
            canvas.curve(center + half - 4, 200, center + half - 10, 176, center + 50, 152)
            canvas.curve(center + 20, 160, center - 20, 144, center - 50, 154)
            canvas.curve(center - half + 10, 176, center - half + 4, 200, center - half - 5, 248)
            canvas.close()
            canvas.fillLinear(0, 60, 0, 240, [Stop(0, hair), Stop(1, hair.darker(0.15))])
        case .thin:
            for side in [-1.0, 1.0] {
                canvas.move(center + side * (half + 5), 252)
                canvas.curve(
                    center + side * (half + 13), 200, center + side * (half + 8), 158, center + side * half * 0.85, 130)
                canvas.curve(
                    center + side * half * 0.86, 165, center + side * (half - 12), 205, center + side * (half + 5), 252)
                canvas.close()
                canvas.fillLinear(0, 90, 0, 250, shade)
            }
            facePath()
            canvas.clipped {
                canvas.ellipse(center, 78, half * 0.8, 44)
                canvas.fillRadial(
                    center, 78, half * 0.8, [Stop(0, hair, 0.75), Stop(0.6, hair, 0.3), Stop(1, hair, 0)])
            }
        }
    }

    func paintHijab(_ colour: Colour) {
        let half = sitter.halfWidth
        let chin = sitter.chin
        let shade = [Stop(0, colour.lighter(0.16)), Stop(0.45, colour), Stop(1, colour.darker(0.28))]
        // outside, then the opening of the face: the even-odd hole is drawn by walking it the other way round
        canvas.move(center, 46)
        canvas.curve(center + half + 34, 46, center + half + 48, 160, center + half + 34, 280)
        canvas.curve(center + half + 30, 360, center + half + 44, 420, center + half + 78, 474)
        canvas.line(center + half + 100, 540)
        canvas.line(center - half - 100, 540)
        canvas.line(center - half - 78, 474)
        canvas.curve(center - half - 44, 420, center - half - 30, 360, center - half - 34, 280)
        canvas.curve(center - half - 48, 160, center - half - 34, 46, center, 46)
        canvas.close()
        canvas.move(center, 134)
        canvas.curve(center - half * 0.74, 136, center - half + 6, 190, center - half + 5, 250)
        canvas.curve(center - half + 6, 320, center - half * 0.66, chin - 14, center, chin - 3)
        canvas.curve(center + half * 0.66, chin - 14, center + half - 6, 320, center + half - 5, 250)
        canvas.curve(center + half - 6, 190, center + half * 0.74, 136, center, 134)
        canvas.close()
        canvas.fillLinear(center - half, 60, center + half, 520, shade)
        let fold = colour.darker(0.4)
        canvas.move(center - half + 4, 300)
        canvas.curve(center - half + 2, 400, center - 20, 440, center + half + 30, 452)
        canvas.stroke(fold, width: 3, 0.45)
        canvas.move(center - half - 10, 360)
        canvas.curve(center - half + 10, 440, center - 10, 490, center + half + 60, 500)
        canvas.stroke(fold, width: 3, 0.35)
        canvas.move(center + half - 4, 320)
        canvas.curve(center + half - 16, 390, center + 40, 424, center - 20, 430)
        canvas.stroke(fold, width: 2.5, 0.4)
        canvas.move(center - half - 8, 200)
        canvas.curve(center - half, 110, center - 50, 74, center + 6, 72)
        canvas.stroke(colour.lighter(0.35), width: 5, 0.25)
        canvas.move(center - half + 8, 226)
        canvas.curve(center - half + 18, 160, center - 56, 128, center, 126)
        canvas.curve(center + 56, 128, center + half - 18, 160, center + half - 8, 226)
        canvas.stroke(fold, width: 3, 0.35)
    }

    // Bhaskara's approximation keeps the bytes free of the C library's own rounding
    private func sine(_ angle: Double) -> Double {
        let turned = angle > Double.pi ? angle - Double.pi : angle
        let part = 4 * turned * (Double.pi - turned)
        let value = 4 * part / (5 * Double.pi * Double.pi - part)
        return angle > Double.pi ? -value : value
    }

    private func cosine(_ angle: Double) -> Double {
        let shifted = angle + Double.pi / 2
        return sine(shifted > 2 * Double.pi ? shifted - 2 * Double.pi : shifted)
    }
}
