import Ground
import Testing

@testable import PlantChip

/// The plant's card against the same facts page that the host is held to.
@Suite struct FirmwareSpecTests {
    @Test(arguments: try FirmwareSpec().commands)
    func `The card knows every command of the facts page`(command: FirmwareSpec.Command) throws {
        // a session without protection: each command is given to the card as the page writes it
        var host = TestHost(TestHost.card())
        #expect(host.open() == "9000")
        let isSelect = command.header[1] == 0xA4
        let opens = [0x50, 0x82].contains(command.header[1])
        let answer =
            isSelect || opens
            ? host.send(command.header.hex + (isSelect ? "00" : "")) : host.secured(command.header, [0x4F, 0x00])
        let word = try #require(answer).suffix(4)
        #expect(word != "6D00" && word != "6E00", "\(command.name)")
        // an empty body is refused for what it lacks, never for its parameters
        #expect(!["6A86", "6A81"].contains(word), "\(command.name)")
    }

    @Test func `The card says only what the facts page explains`() throws {
        let known = Set(try FirmwareSpec().statusWords.map(\.word) + [0x9000])
        var host = TestHost(TestHost.card())
        var said: Set<String> = []
        for ins in UInt8.min...UInt8.max where ins != 0xA4 {
            #expect(host.open() == "9000")
            for p1 in [UInt8(0x00), 0x02, 0x0C, 0x40, 0x80, 0xFF] {
                for data in [Bytes(), [0x4F, 0x00], Bytes(repeating: 0x41, count: 40)] {
                    // SET STATUS would end the card
                    guard ins != 0xF0, let answer = host.secured([0x80, ins, p1, 0x00], data) else { continue }
                    said.insert(String(answer.suffix(4)))
                    if answer.hasSuffix("6982") { _ = host.open() }
                }
            }
        }
        // enough was tried to reach the words that name a fault of the caller
        #expect(said.isSuperset(of: ["6985", "6A80", "6A86", "6A88", "6D00"]), "\(said.sorted())")
        for word in said {
            #expect(known.contains(try #require(UInt16(word, radix: 16))), "\(word)")
        }
    }
}
