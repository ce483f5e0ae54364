import ArgumentParser
import Cameras
import Catalog
import Foundation
import Ground
import Pixels
import Stations

struct CameraCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "camera", abstract: "A cell's camera by itself: its white reference, a frame to look at.",
        subcommands: [CameraWhiteCommand.self, CameraFrameCommand.self])
}

struct CameraOptions: ParsableArguments {
    @Option(help: "The line's file.") var line: String
    @Option(help: "The cell; the first without.") var cell: String?

    func camera(even: Bool) throws(SakkError) -> any CardCamera {
        let profile = try LineProfile(path: line)
        guard let cell = profile.cells.first(where: { cell == nil || $0.id == CellID(cell ?? "") }) else {
            throw SakkError(
                "config.missing", source: line, subject: cell, text: "The line has no cell of this name.",
                remedy: "Name one of: \(profile.cells.map(\.id.rawValue).joined(separator: ", ")).")
        }
        return try CameraBuilder(line: profile).camera(cell, even: even)
    }
}

struct CameraWhiteCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "white", abstract: "Takes the white reference of a station: a white target lies where cards lie.",
        discussion: "The file that is written goes into the line's configuration as `camera.white_reference`.")

    @OptionGroup var options: CameraOptions
    @Option(help: "The reference's file.") var out: String
    @Option(help: "Frames whose mean is taken.") var frames = 8

    func run() async throws {
        let camera = try options.camera(even: false)
        try await camera.connect()
        var taken: [Frame] = []
        for number in 0..<max(frames, 1) {
            taken.append(try await camera.capture(.front, for: AttemptID("WHITE-\(number)")))
        }
        await camera.disconnect()
        let reference = try WhiteReference(taken)
        try OutputFolder.write(reference.json.canonical, to: out)
        let evenness = reference.evenness
        print("darkest cell of the field: \(evenness.field / 10) % of the brightest")
        print("channels: \(evenness.channels.map { "\($0 / 10) %" }.joined(separator: ", "))")
        Words.say("Wrote \(out) from \(taken.count) frames.")
    }
}

struct CameraFrameCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "frame",
        abstract: "Takes one frame as the inspection gets it, as a PNG; personal data when a card lies there.")

    @OptionGroup var options: CameraOptions
    @Option(help: "The lamp: white, raking, uv or infrared.", transform: CameraFrameCommand.lamp)
    var light = CardLight.white
    @Option(help: "The picture.") var out: String

    private static func lamp(_ word: String) throws -> CardLight {
        guard let light = CardLight(rawValue: word) else {
            throw ValidationError("A lamp is one of \(CardLight.allCases.map(\.rawValue).joined(separator: ", ")).")
        }
        return light
    }

    func run() async throws {
        let camera = try options.camera(even: true)
        try await camera.connect()
        let frame = try await camera.capture(.front, under: light, for: AttemptID("FRAME-1"))
        await camera.disconnect()
        guard let picture = frame.picture else {
            throw SakkError(
                "camera.frame.incomplete", source: options.line, text: "The frame is not whole.",
                remedy: "Check cable, switch and receive buffer.")
        }
        try OutputFolder.write(try PNG.encode(picture), to: out)
        Words.say("Wrote \(out): \(frame.width) by \(frame.height).")
    }
}
