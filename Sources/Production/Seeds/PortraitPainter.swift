import Ground
import Pixels
import Stations

/// Paints an invented person, 413 by 531 pixels (35 by 45 mm at 300 dpi), plainly drawn and marked SPECIMEN.
struct PortraitPainter {
    static let width = 413
    static let height = 531

    let canvas = Canvas(width: PortraitPainter.width, height: PortraitPainter.height)
    let sitter: Sitter
    let center: Double
    let top = 92.0
    let eyes = 256.0
    let mouth = 352.0

    init(_ sitter: Sitter) {
        self.sitter = sitter
        center = 206.5 + sitter.tilt
    }

    func paint(random: inout SeedRandom) -> RGBImage {
        paintBackground()
        if sitter.hijab == nil { paintHairBehind() }
        paintNeck()
        paintClothes()
        if sitter.hijab == nil { paintEars() }
        paintFace()
        paintBeard()
        paintMouth()
        paintNose()
        paintEyes()
        if sitter.glasses { paintGlasses() }
        if let hijab = sitter.hijab { paintHijab(hijab) } else { paintHair() }
        paintMark()
        return canvas.image(noise: 4, random: &random)
    }

    private func paintBackground() {
        canvas.rectangle(0, 0, 413, 531)
        canvas.fillLinear(
            0, 0, 0, 531, [Stop(0, sitter.background.lighter(0.55)), Stop(1, sitter.background.darker(0.06))])
        canvas.rectangle(0, 0, 413, 531)
        canvas.fillRadial(
            center, 240, 330, [Stop(0, Colour(0x00FF_FFFF), 0.55), Stop(1, Colour(0x00FF_FFFF), 0)])
    }

    private func paintNeck() {
        let half = sitter.woman ? 50.0 : 60.0
        canvas.move(center - half, 340)
        canvas.curve(center - half, 420, center - half - 4, 440, center - half - 34, 470)
        canvas.line(center - half - 20, 531)
        canvas.line(center + half + 20, 531)
        canvas.line(center + half + 34, 470)
        canvas.curve(center + half + 4, 440, center + half, 420, center + half, 340)
        canvas.close()
        canvas.fillLinear(
            0, 385, 0, 500,
            [Stop(0, sitter.skin.darker(0.34)), Stop(0.6, sitter.skin.darker(0.1)), Stop(1, sitter.skin)])
    }

    func shoulders(_ collar: Double) {
        canvas.move(-4, 540)
        canvas.curve(4, 482, 60, 470, center - collar - 18, 446)
        canvas.curve(center - collar, 438, center - collar + 6, 430, center - collar + 6, 424)
        canvas.curve(center - 40, 476, center + 40, 476, center + collar - 6, 424)
        canvas.curve(center + collar - 6, 430, center + collar, 438, center + collar + 18, 446)
        canvas.curve(353, 470, 409, 482, 417, 540)
        canvas.close()
    }

    func fillCloth(_ colour: Colour) {
        canvas.fillLinear(
            0, 420, 0, 540, [Stop(0, colour.lighter(0.1)), Stop(0.5, colour), Stop(1, colour.darker(0.22))])
    }

    private func paintClothes() {
        let cloth = sitter.cloth
        switch sitter.top {
        case .jumper:
            shoulders(66)
            fillCloth(cloth)
            canvas.move(center - 62, 428)
            canvas.curve(center - 44, 482, center + 44, 482, center + 62, 428)
            canvas.stroke(cloth.darker(0.25), width: 9)
            canvas.move(center - 62, 427)
            canvas.curve(center - 44, 480, center + 44, 480, center + 62, 427)
            canvas.stroke(cloth.lighter(0.12), width: 3, 0.7)
        case .shirt, .dishdasha:
            shoulders(66)
            fillCloth(cloth)
            paintCollar(cloth.lighter(sitter.top == .dishdasha ? 0.3 : 0.14), open: sitter.woman)
            canvas.move(center, 486)
            canvas.line(center, 531)
            canvas.stroke(cloth.darker(0.35), width: 2, 0.7)
        case .suit:
            let shirt = Colour(0x00F4_F4F2)
            shoulders(66)
            fillCloth(shirt)
            if let tie = sitter.tie {
                canvas.move(center - 13, 470)
                canvas.line(center + 13, 470)
                canvas.line(center + 8, 490)
                canvas.line(center + 17, 540)
                canvas.line(center - 17, 540)
                canvas.line(center - 8, 490)
                canvas.close()
                canvas.fillLinear(0, 466, 0, 540, [Stop(0, tie.lighter(0.15)), Stop(1, tie.darker(0.2))])
            }
            paintCollar(shirt, open: sitter.tie == nil)
            for side in [-1.0, 1.0] {
                canvas.move(center + side * 74, 434)
                canvas.curve(center + side * 66, 470, center + side * 30, 510, center + side * 14, 540)
                canvas.line(center + side * 214, 540)
                canvas.curve(center + side * 208, 482, center + side * 140, 464, center + side * 74, 434)
                canvas.close()
                fillCloth(cloth)
                canvas.move(center + side * 76, 436)
                canvas.line(center + side * 88, 486)
                canvas.line(center + side * 70, 492)
                canvas.line(center + side * 78, 502)
                canvas.line(center + side * 20, 540)
                canvas.stroke(cloth.darker(0.45), width: 2, 0.8)
            }
        }
    }

    private func paintCollar(_ colour: Colour, open: Bool) {
        for side in [-1.0, 1.0] {
            canvas.move(center + side * 62, 420)
            canvas.curve(center + side * 56, 450, center + side * 30, 470, center + side * (open ? 12 : 2), 480)
            canvas.line(center + side * 34, 506)
            canvas.curve(center + side * 62, 484, center + side * 76, 460, center + side * 74, 436)
            canvas.close()
            canvas.fillLinear(0, 424, 0, 510, [Stop(0, colour.darker(0.1)), Stop(1, colour)])
            canvas.move(center + side * (open ? 12 : 2), 480)
            canvas.line(center + side * 34, 506)
            canvas.curve(center + side * 62, 484, center + side * 76, 460, center + side * 74, 436)
            canvas.stroke(colour.darker(0.3), width: 1.5, 0.6)
        }
    }

    private func paintEars() {
        for side in [-1.0, 1.0] {
            let x = center + side * (sitter.halfWidth + 2)
            canvas.ellipse(x, 268, 13, 29)
            canvas.fill(sitter.skin.darker(0.12))
            canvas.ellipse(x + side * 1, 268, 6, 18)
            canvas.fill(sitter.skin.darker(0.28), 0.7)
        }
    }

    func facePath() {
        let half = sitter.halfWidth
        let chin = sitter.chin
        let jaw = half * (0.62 + 0.2 * sitter.jaw)
        canvas.move(center, top)
        canvas.curve(center + half * 0.72, top, center + half, top + 62, center + half, 236)
        canvas.curve(center + half, 300, center + half * 0.95, 336, center + jaw * 0.94, 364)
        canvas.curve(center + jaw * 0.66, chin - 6, center + half * 0.3, chin, center, chin)
        canvas.curve(center - half * 0.3, chin, center - jaw * 0.66, chin - 6, center - jaw * 0.94, 364)
        canvas.curve(center - half * 0.95, 336, center - half, 300, center - half, 236)
        canvas.curve(center - half, top + 62, center - half * 0.72, top, center, top)
        canvas.close()
    }

    private func paintFace() {
        let skin = sitter.skin
        facePath()
        canvas.fillRadial(
            center - 18, 236, 215,
            [Stop(0, skin.lighter(0.16)), Stop(0.5, skin), Stop(0.85, skin.darker(0.15)), Stop(1, skin.darker(0.26))])
        facePath()
        canvas.clipped {
            let blush = Colour(0x00C9_5F50)
            for side in [-1.0, 1.0] {
                canvas.ellipse(center + side * 62, 318, 44, 36)
                canvas.fillRadial(
                    center + side * 62, 318, 44, [Stop(0, blush, sitter.woman ? 0.24 : 0.14), Stop(1, blush, 0)])
                canvas.ellipse(center + side * sitter.eyeGap, eyes + 2, 42, 30)
                canvas.fillRadial(
                    center + side * sitter.eyeGap, eyes + 2, 42,
                    [Stop(0, skin.darker(0.4), 0.3), Stop(1, skin.darker(0.4), 0)])
            }
            if sitter.age > 45 { paintLines(skin) }
        }
    }

    private func paintLines(_ skin: Colour) {
        let alpha = min(Double(sitter.age - 45) / 40, 0.5)
        for side in [-1.0, 1.0] {
            canvas.move(center + side * 34, 318)
            canvas.curve(center + side * 44, 328, center + side * 50, 340, center + side * 50, 352)
            canvas.stroke(skin.darker(0.45), width: 2.2, alpha)
            canvas.move(center + side * (sitter.eyeGap - 14), eyes + 22)
            canvas.curve(
                center + side * sitter.eyeGap, eyes + 29, center + side * (sitter.eyeGap + 12), eyes + 27,
                center + side * (sitter.eyeGap + 18), eyes + 20)
            canvas.stroke(skin.darker(0.45), width: 2, alpha)
        }
        for row in 0..<2 {
            let y = 176 + Double(row) * 16
            canvas.move(center - 46, y)
            canvas.curve(center - 16, y - 5, center + 16, y - 5, center + 46, y)
            canvas.stroke(skin.darker(0.4), width: 1.8, alpha * 0.7)
        }
    }

    private func paintEyes() {
        let hair = sitter.hairColour
        for side in [-1.0, 1.0] {
            let x = center + side * sitter.eyeGap
            let half = sitter.eyeSize
            let lift = half * 0.62
            let almond = { [canvas] in
                canvas.move(x - half, eyes + 2)
                canvas.curve(x - half * 0.5, eyes - lift, x + half * 0.5, eyes - lift, x + half, eyes + 1)
                canvas.curve(x + half * 0.5, eyes + lift * 0.75, x - half * 0.5, eyes + lift * 0.75, x - half, eyes + 2)
                canvas.close()
            }
            almond()
            canvas.fillLinear(
                0, eyes - 12, 0, eyes + 10, [Stop(0, Colour(0x00D5_D3D0)), Stop(0.5, Colour(0x00F8_F7F5))])
            almond()
            canvas.clipped {
                canvas.ellipse(x, eyes - 1, 10.5, 10.5)
                canvas.fill(sitter.iris.darker(0.35))
                canvas.ellipse(x, eyes - 1, 9, 9)
                canvas.fillRadial(x, eyes + 2, 10, [Stop(0, sitter.iris.lighter(0.3)), Stop(1, sitter.iris)])
                canvas.ellipse(x, eyes - 1, 4.4, 4.4)
                canvas.fill(Colour(0x0009_0706))
                canvas.ellipse(x - 3.2, eyes - 4.4, 2.2, 2.2)
                canvas.fill(Colour(0x00FF_FFFF), 0.95)
            }
            canvas.move(x - half, eyes + 2)
            canvas.curve(x - half * 0.5, eyes - lift, x + half * 0.5, eyes - lift, x + half, eyes + 1)
            canvas.stroke(Colour(0x0021_1712), width: sitter.woman ? 4 : 2.8, 0.92)
            canvas.move(x - half + 4, eyes + 5)
            canvas.curve(x - half * 0.4, eyes + lift * 0.75, x + half * 0.4, eyes + lift * 0.75, x + half - 4, eyes + 4)
            canvas.stroke(sitter.skin.darker(0.5), width: 1.4, 0.7)
            canvas.move(x - half * 0.9, eyes - lift * 0.75)
            canvas.curve(
                x - half * 0.4, eyes - lift * 1.5, x + half * 0.5, eyes - lift * 1.5, x + half * 0.95, eyes - lift * 0.7
            )
            canvas.stroke(sitter.skin.darker(0.42), width: 1.6, 0.55)
            // brow: thick towards the nose, drawn out at the temple
            let inner = x - side * 28
            let outer = x + side * 30
            let y = eyes - 33
            let weight = sitter.browWeight
            canvas.move(inner, y + weight * 0.5 + sitter.browTilt)
            canvas.curve(x - side * 8, y - 8, x + side * 10, y - 10, outer, y + 2)
            canvas.curve(
                x + side * 10, y - 9 + weight * 0.8, x - side * 8, y - 6 + weight, inner,
                y + weight * 1.3 + sitter.browTilt)
            canvas.close()
            canvas.fill(hair.mixed(Colour(0x0030_261E), 0.4), 0.88)
        }
    }

    private func paintNose() {
        let shade = sitter.skin.darker(0.42)
        let half = sitter.noseWidth
        let y = 314.0
        canvas.move(center - 9, eyes + 4)
        canvas.curve(center - 13, 286, center - half, 300, center - half, y)
        canvas.curve(center - half, y + 10, center - 10, y + 10, center, y + 11)
        canvas.line(center, eyes)
        canvas.close()
        canvas.fillLinear(
            center - half, 0, center, 0, [Stop(0, shade, 0.26), Stop(1, shade, 0)])
        canvas.ellipse(center + 1, y - 6, 13, 12)
        canvas.fillRadial(
            center + 1, y - 8, 13, [Stop(0, sitter.skin.lighter(0.35), 0.6), Stop(1, sitter.skin, 0)])
        for side in [-1.0, 1.0] {
            canvas.move(center + side * half, y - 8)
            canvas.curve(
                center + side * (half + 5), y + 6, center + side * (half - 4), y + 12, center + side * (half - 9), y + 7
            )
            canvas.stroke(shade, width: 2.2, 0.6)
            canvas.ellipse(center + side * (half - 11), y + 8, 5.5, 2.6)
            canvas.fill(sitter.skin.darker(0.66), 0.7)
        }
        canvas.move(center - 7, y + 12)
        canvas.curve(center - 2, y + 15, center + 2, y + 15, center + 7, y + 12)
        canvas.stroke(shade, width: 2, 0.5)
    }

    private func paintMouth() {
        let half = sitter.mouthWidth
        let corner = mouth - sitter.smile
        canvas.move(center - half, corner)
        canvas.curve(center - half * 0.5, mouth - 11, center - 10, mouth - 13, center, mouth - 8)
        canvas.curve(center + 10, mouth - 13, center + half * 0.5, mouth - 11, center + half, corner)
        canvas.curve(center + half * 0.4, mouth + 3, center - half * 0.4, mouth + 3, center - half, corner)
        canvas.close()
        canvas.fill(sitter.lips.darker(0.1))
        canvas.move(center - half, corner)
        canvas.curve(center - half * 0.4, mouth + 3, center + half * 0.4, mouth + 3, center + half, corner)
        canvas.curve(center + half * 0.6, mouth + 17, center - half * 0.6, mouth + 17, center - half, corner)
        canvas.close()
        canvas.fillLinear(0, mouth - 2, 0, mouth + 14, [Stop(0, sitter.lips), Stop(1, sitter.lips.lighter(0.14))])
        canvas.move(center - half - 2, corner - 1)
        canvas.curve(center - half * 0.4, mouth + 3, center + half * 0.4, mouth + 3, center + half + 2, corner - 1)
        canvas.stroke(sitter.lips.darker(0.55), width: 2.2, 0.85)
        canvas.move(center - 15, mouth + 22)
        canvas.curve(center - 5, mouth + 25, center + 5, mouth + 25, center + 15, mouth + 22)
        canvas.stroke(sitter.skin.darker(0.4), width: 2.4, 0.32)
    }

    private func paintGlasses() {
        let frame = Colour(0x002B_2A2C)
        for side in [-1.0, 1.0] {
            canvas.ellipse(center + side * sitter.eyeGap, eyes + 3, 37, 29)
            canvas.stroke(frame, width: 3.4, 0.9)
            canvas.move(center + side * (sitter.eyeGap + 36), eyes - 4)
            canvas.line(center + side * sitter.halfWidth, eyes - 8)
            canvas.stroke(frame, width: 3, 0.9)
        }
        canvas.move(center - sitter.eyeGap + 36, eyes)
        canvas.curve(center - 6, eyes - 6, center + 6, eyes - 6, center + sitter.eyeGap - 36, eyes)
        canvas.stroke(frame, width: 3.2, 0.9)
    }

    /// One letter each of SPECIMEN as strokes, so that no font decides about the bytes.
    private func paintMark() {
        let strokes: [[(Double, Double)]] = [
            [(4, 0), (0, 0), (0, 4), (4, 4), (4, 8), (0, 8)], [(0, 8), (0, 0), (4, 0), (4, 4), (0, 4)],
            [(4, 0), (0, 0), (0, 8), (4, 8), (0, 8), (0, 4), (3, 4)], [(4, 0), (0, 0), (0, 8), (4, 8)],
            [(2, 0), (2, 8)], [(0, 8), (0, 0), (2.5, 4), (5, 0), (5, 8)],
            [(4, 0), (0, 0), (0, 8), (4, 8), (0, 8), (0, 4), (3, 4)], [(0, 8), (0, 0), (4, 8), (4, 0)],
        ]
        var x = 322.0
        for letter in strokes {
            for (index, point) in letter.enumerated() {
                let place = (x + point.0 * 1.4, 14 + point.1 * 1.4)
                if index == 0 { canvas.move(place.0, place.1) } else { canvas.line(place.0, place.1) }
            }
            canvas.stroke(Colour(0x0060_6C78), width: 1.4, 0.75)
            x += 10
        }
    }
}
