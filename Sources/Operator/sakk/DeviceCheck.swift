import Catalog
import Ground

/// Checks `devices/` and `firmware-specs/`, and says each fault with file, line and reason.
enum DeviceCheck {
    /// The `devices` folder that a model's file lies in.
    static func folder(of path: String) -> String {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false).dropLast(2)
        return parts.isEmpty ? "." : parts.joined(separator: "/")
    }

    @discardableResult static func run(devices: String, specs: String) throws(SakkError) -> DeviceFolder {
        let folder = DeviceFolder(devices: devices, specs: specs)
        for fault in folder.faults.dropLast() { Words.say("\(fault.source): \(fault.text)") }
        if let last = folder.faults.last { throw last }
        Words.say(
            "Devices: \(folder.printers.count) printer models, \(folder.cameras.count) camera models, "
                + "\(folder.facts) facts, \(folder.transcripts) transcripts.")
        return folder
    }
}
