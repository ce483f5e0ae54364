import ArgumentParser
import Catalog
import Connectors
import GlobalPlatform
import Ground

struct CheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Reads every file that a line or a product's profile names; says file, line and reason.")

    @Option(help: "The line's configuration (YAML).") var line: String?
    @Option(help: "Folder of a product's profile; may be given several times.") var product: [String] = []

    func validate() throws {
        if line == nil, product.isEmpty { throw ValidationError("give --line FILE or --product FOLDER") }
    }

    func run() async throws {
        for folder in product { try check(folder) }
        if let line { try check(LineOptions.parse(["--line", line])) }
    }

    private func check(_ folder: String) throws {
        let product = try ProductProfile(folder: folder)
        let chip = try ChipSettings(path: product.chipProfile)
        _ = try InspectionLimits(path: product.inspectionPlan)
        if !product.ribbon.isEmpty { _ = try product.artwork() }
        Words.say(
            "Product \(product.product): profile, chip (\(chip.dialect.name), \(chip.steps.count) steps, "
                + "\(CheckCommand.keys(of: chip))), inspection"
                + (product.ribbon.isEmpty ? " can be used; there is no artwork." : " and artwork can be used."))
    }

    /// Which keys the product's chips leave with.
    private static func keys(of chip: ChipSettings) -> String {
        guard let version = chip.productionKeyVersion else { return "they keep their transport keys" }
        return "keys version \(version) in the place of \(chip.keyVersion)"
    }

    private func check(_ options: LineOptions) throws {
        let profile = try options.profile()
        let product = try ProductProfile(folder: profile.profile)
        _ = try product.artwork()
        let builder = CellBuilder(
            line: profile, product: product, pictures: nil,
            wrongCards: WrongCardMemory())
        if let standing = profile.standing { _ = try StandingConfiguration(path: standing) }
        if let trust = profile.inspectionTrust { _ = try InspectionTrust(path: trust) }
        for cell in profile.cells { _ = try builder.stations(of: cell) }
        let chip = try ChipSettings(path: product.chipProfile)
        if chip.productionKeyVersion == nil, profile.keys.productionMaster != nil {
            Words.say(
                "Line \(profile.id): chips of \(product.product) keep their transport keys; "
                    + "keys.production_master is not used.")
        }
        for folder in Set(profile.cells.map { DeviceCheck.folder(of: $0.printerModel) }).sorted() {
            try DeviceCheck.run(devices: folder, specs: folder + "/../firmware-specs")
        }
        Words.say("Line \(profile.id): configuration, product, devices, keys and artwork can be used.")
    }
}
