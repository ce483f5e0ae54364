import Ground
import Stations

/// How an invented person looks. Drawn from the seed, kept apart from how it is painted.
struct Sitter {
    enum Top: CaseIterable { case suit, shirt, jumper, dishdasha }
    enum Hair: CaseIterable { case short, side, curly, thin, long, bob, tied }
    enum Beard: CaseIterable { case none, stubble, moustache, short, full }

    let woman: Bool
    let age: Int
    let skin: Colour
    let hairColour: Colour
    let hair: Hair
    let hijab: Colour?
    let beard: Beard
    let top: Top
    let cloth: Colour
    let tie: Colour?
    let glasses: Bool
    let background: Colour
    let iris: Colour
    let lips: Colour
    /// Half the width of the face and where the chin is, in pixels.
    let halfWidth: Double
    let chin: Double
    /// 0 round to 1 square.
    let jaw: Double
    let browTilt: Double
    let browWeight: Double
    let eyeGap: Double
    let eyeSize: Double
    let noseWidth: Double
    let mouthWidth: Double
    let smile: Double
    let tilt: Double

    init(sex: ApprovedRecord.Sex, age: Int, random: inout SeedRandom) {
        woman = sex == .female
        self.age = age
        skin = random.pick(Sitter.skins)
        let grey = min(max(Double(age - 40) / 32, 0), 0.9) * random.real(0.5...1)
        hairColour = random.pick(Sitter.hairs).mixed(Colour(0x00B9_B7B4), grey)
        hijab = sex == .female && random.chance(62) ? random.pick(Sitter.scarves) : nil
        if sex == .female {
            hair = random.pick([.long, .bob, .tied, .long])
            beard = .none
            top = random.pick([.shirt, .jumper, .suit])
        } else {
            hair = random.pick(age > 48 ? [.thin, .short, .side] : [.short, .side, .curly])
            beard = random.pick(age < 20 ? [.none, .none, .stubble] : Beard.allCases)
            top = random.pick(Top.allCases)
        }
        cloth = top == .dishdasha ? random.pick(Sitter.robes) : random.pick(Sitter.cloths)
        tie = sex == .female || top != .suit || random.chance(30) ? nil : random.pick(Sitter.ties)
        glasses = random.chance(12)
        background = random.pick(Sitter.backgrounds)
        iris = random.pick(Sitter.irises)
        lips = skin.mixed(Colour(0x00A8_4A4A), sex == .female ? 0.62 : 0.36)
        halfWidth = random.real(sex == .female ? 97...106 : 103...114)
        chin = random.real(sex == .female ? 396...408 : 402...418)
        jaw = sex == .female ? random.real(0.0...0.35) : random.real(0.35...0.95)
        browTilt = random.real(-3...4)
        browWeight = random.real(sex == .female ? 5...8 : 8...12)
        eyeGap = random.real(46...52)
        eyeSize = random.real(21...25)
        noseWidth = random.real(sex == .female ? 17...22 : 21...28)
        mouthWidth = random.real(33...43)
        smile = random.real(2...7)
        tilt = random.real(-3...3)
    }

    private static let skins = [
        0xF3D3B8, 0xEBC4A4, 0xE2B592, 0xD8A67F, 0xCB966E, 0xBC855D, 0xA9724C, 0x8F5D3C,
    ].map { Colour(UInt32($0)) }
    private static let hairs = [0x17130F, 0x1F1814, 0x2A1E16, 0x3A2819, 0x4B3420].map { Colour(UInt32($0)) }
    private static let scarves = [
        0x23262B, 0x2C3E57, 0x5B6B7D, 0x7A5C6E, 0x8C7A68, 0xB9A58D, 0xD9CFC1, 0x3F5A50, 0x6E3B46, 0x9DB1BF,
    ].map { Colour(UInt32($0)) }
    private static let cloths = [
        0x22304A, 0x2E2E33, 0x3D4A3A, 0x5A3037, 0x31566B, 0x6A5B4B, 0x4A4461, 0x1F3B3B, 0x75808C,
    ].map { Colour(UInt32($0)) }
    private static let robes = [0xF1EDE4, 0xE4E2DD, 0xCFC6B4, 0x9FA5A8].map { Colour(UInt32($0)) }
    private static let ties = [0x7A2230, 0x1F3F73, 0x3B5E46, 0x5E4A2B].map { Colour(UInt32($0)) }
    private static let backgrounds = [0xDCE6EE, 0xE4E6E8, 0xE8E4DC, 0xDDE8E4, 0xE6E0EA].map { Colour(UInt32($0)) }
    private static let irises = [0x3A2415, 0x4B301B, 0x2A1A10, 0x5E4526, 0x4E5B3A, 0x5C6B78].map { Colour(UInt32($0)) }
}
