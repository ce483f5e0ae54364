import ArgumentParser
import Catalog
import Connectors
import Ground

struct CheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Reads every file that a line names; says file, line and reason.")

    @OptionGroup var options: LineOptions

    func run() async throws {
        let profile = try options.profile()
        let product = try ProductProfile(folder: profile.profile)
        _ = try product.artwork()
        let builder = CellBuilder(line: profile, product: product, pictures: try options.specimenPictures(profile))
        if let standing = profile.standing { _ = try StandingConfiguration(path: standing) }
        for cell in profile.cells { _ = try builder.stations(of: cell) }
        for folder in Set(profile.cells.map { DeviceCheck.folder(of: $0.printerModel) }).sorted() {
            try DeviceCheck.run(devices: folder, specs: folder + "/../firmware-specs")
        }
        Words.say("Line \(profile.id): configuration, product, devices, keys and artwork can be used.")
    }
}
