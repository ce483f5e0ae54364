import Ground
import SmartCard
import Testing

/// The seven encodings of ISO/IEC 7816-4 clause 5.1, written out by hand from its table.
@Suite struct APDUTests {
    static let forms: [(String, APDUCommand)] = [
        ("00DADEAD", APDUCommand(0x00, 0xDA, 0xDE, 0xAD)),
        ("0084000008", APDUCommand(0x00, 0x84, 0, 0, le: 8)),
        ("80CA9F7F00", APDUCommand(0x80, 0xCA, 0x9F, 0x7F, le: 256)),
        ("00A4020C02011E", APDUCommand(0x00, 0xA4, 2, 0x0C, data: [1, 0x1E])),
        ("80F28002024F0000", APDUCommand(0x80, 0xF2, 0x80, 2, data: [0x4F, 0], le: 256)),
        ("00B00000000000", APDUCommand(0x00, 0xB0, 0, 0, le: 0x1_0000)),
        ("00B00000000400", APDUCommand(0x00, 0xB0, 0, 0, le: 0x400)),
        (
            "00D6000000" + "0100" + String(repeating: "AA", count: 256),
            APDUCommand(0x00, 0xD6, 0, 0, data: Bytes(repeating: 0xAA, count: 256))
        ),
        (
            "0022000000" + "0001" + "55" + "0200",
            APDUCommand(0x00, 0x22, 0, 0, data: [0x55], le: 0x200)
        ),
    ]

    @Test(arguments: forms) func `a command is written and read in each form of 7816-4`(
        form: (hex: String, command: APDUCommand)
    ) throws {
        #expect(form.command.encoded.hex == form.hex)
        #expect(APDUCommand(encoded: try #require(Bytes(hex: form.hex))) == form.command)
    }

    @Test(arguments: ["", "00A404", "00A4040005AABB", "00A4040C02011E0000", "00D60000000003AA"])
    func `a command whose lengths do not fit is not read`(hex: String) throws {
        #expect(APDUCommand(encoded: try #require(Bytes(hex: hex))) == nil)
    }

    @Test func `a response needs a status word`() throws {
        #expect(APDUResponse(encoded: [0x90]) == nil)
        let response = try #require(APDUResponse(encoded: [1, 2, 0x62, 0x83]))
        #expect(response.data == [1, 2])
        #expect(response.status == .selectedFileDeactivated)
        #expect(response.encoded == [1, 2, 0x62, 0x83])
    }

    @Test func `no description shows data`() {
        let command = APDUCommand(0x00, 0xDA, 0, 0x62, data: Array("D23145890".utf8))
        let response = APDUResponse(data: Array("D23145890".utf8), status: .success)
        for text in ["\(command)", String(reflecting: command), "\(response)", String(reflecting: response)] {
            #expect(!text.contains("D23145890"))
            #expect(!text.contains("443233"))
        }
    }

    @Test func `a status word says what it means`() {
        #expect(StatusWord.conditionsNotSatisfied.description == "6985 conditions of use not satisfied")
        #expect(StatusWord(rawValue: 0x63C2).retriesLeft == 2)
        #expect(StatusWord(rawValue: 0x6100).bytesAvailable == 256)
        #expect(StatusWord(rawValue: 0x6C12).correctLe == 0x12)
        #expect(StatusWord(rawValue: 0x6D66).text == "status word unknown to ISO/IEC 7816-4")
    }
}
