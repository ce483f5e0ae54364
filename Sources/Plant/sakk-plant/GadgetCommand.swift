import ArgumentParser
import Glibc
import PlantWorld

/// The world's USB printers on the bus of the kernel that it runs on, which must have `dummy_hcd` and FunctionFS.
struct GadgetCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gadgets",
        abstract: "Puts the world's USB printers on this kernel's own bus until SIGTERM; DIR/plant.ready appears.",
        discussion:
            "For a machine of one's own, such as a virtual one: it needs root, configfs, FunctionFS and dummy_hcd.")

    @Argument(help: "Scenario (YAML).") var scenario: String
    @Option(help: "Folder: mounts, control socket, plant.ready.") var dir: String

    func run() throws {
        Serve.blockSignals()
        let host = try GadgetHost(scenario: scenario, directory: dir)
        SakkPlant.say("sakk-plant: ready in \(dir)")
        Serve.waitForSignal()
        host.stop()
        Glibc.exit(0)
    }
}
