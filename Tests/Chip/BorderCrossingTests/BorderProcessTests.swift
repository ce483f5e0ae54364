import DocumentWriter
import Foundation
import Ground
import PlantChip
import Testing

private let readerPort = ProcessInfo.processInfo.environment["SAKK_PCSC_PORT"].flatMap { UInt16($0) }

/// The border check as a process of its own: `sakk-border` at a real pcscd with the vpcd driver and a chip of the plant in
/// the reader. `scripts/pcsc-test` makes that world and fails when these did not run.
@Suite(.serialized, .enabled(if: readerPort != nil, "run by scripts/pcsc-test in a world of its own"))
struct BorderProcessTests {
    private static let reader = "Plant 00 00 00"

    private func run(_ program: String, _ arguments: [String]) throws -> (status: Int32, output: String) {
        let process = Process()
        process.executableURL = URL(filePath: FileManager.default.currentDirectoryPath)
            .appending(path: ".build/debug/\(program)")
        process.arguments = arguments
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let output = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: output, as: UTF8.self))
    }

    private func object(_ text: String) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    }

    @Test func `A good passport passes by zone and by card access number, a wrong one is rejected with its reason`()
        throws
    {
        let country = try TestCountry()
        defer { country.remove() }
        let trust = country.folder.appending(path: "trust")
        try FileManager.default.createDirectory(at: trust, withIntermediateDirectories: true)
        try Data(try country.read("csca.pem")).write(to: trust.appending(path: "csca.pem"))
        var plan = TestPassport.Plan()
        plan.pace = [(.generic, .ecdh, .aes128, 13)]
        plan.can = "123456"
        plan.signingKey = 12
        plan.agreement = (13, .aes128)
        let signer = try country.signer("good")
        let now = SystemTime().wall()
        let passport = try TestPassport(plan, signer: signer, at: now)
        try passport.finish()
        let slot = VPCDSlot(port: try #require(readerPort))
        try slot.insert(passport.card.card)
        let common = ["--reader", Self.reader, "--csca", trust.path(), "--json"]
        let zone = ["--mrz", "L898902C3,740812,330415"]
        let good = try run("sakk-border", common + zone)
        let document = try object(good.output)
        #expect(good.status == 0 && good.output.hasPrefix("{\"schema\":\"sakk.border-check/1\""))
        #expect(document["verdict"] as? String == "pass" && (document["warnings"] as? [String]) == [])
        let protocols = try #require(document["protocols"] as? [String])
        #expect(protocols == ["PACE-ECDH-GM-aes128/13", "AA-ECDSA-sha256", "CA-ECDH-aes128"])
        let byNumber = try run("sakk-border", common + ["--can", "123456"])
        #expect(byNumber.status == 0)
        #expect(try run("sakk", ["chip", "read"] + common + zone).status == 0)
        let wrong = try run("sakk-border", common + ["--can", "654321"])
        #expect(wrong.status == 1)
        #expect(try object(wrong.output)["reasons"] as? [String] == ["border.access.refused"])
        slot.remove()

        var swapped = try TestPassport(plan, signer: signer, at: now)
        plan.faceBytes[50] ^= 1
        swapped.files[0x0102] = try TestPassport(plan, signer: signer, at: now).files[0x0102]
        try swapped.finish()
        try slot.insert(swapped.card.card)
        defer { slot.remove() }
        let rejected = try run("sakk-border", common + zone)
        #expect(rejected.status == 1)
        #expect(try object(rejected.output)["reasons"] as? [String] == ["border.dg.hash_differs"])
        #expect(try run("sakk-border", ["--reader", "No such", "--csca", trust.path()] + zone).status == 3)
        #expect(try run("sakk-border", ["--reader", Self.reader, "--csca", trust.path()]).status == 2)
    }
}
