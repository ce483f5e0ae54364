import Ground
import PlantChip
import Testing

@testable import PlantWorld

@Suite struct CardOrderTests {
    @Test func `a card without words is the plant's usual one`() throws {
        let order = try CardOrder([:], next: 7)
        #expect(order.serial == 7)
        #expect(order.configuration.secureChannel == .scp03(options: 0x70))
        #expect(order.configuration.transportKeys.scheme == .kdf3)
    }

    @Test func `the words of an order become the card's configuration`() throws {
        let order = try CardOrder(
            ["serial": "9", "scp": "02", "options": "55", "uid": "04A1B2C3", "does": "sw:3:6A84"], next: 1)
        #expect(order.serial == 9)
        #expect(order.configuration.secureChannel == .scp02(options: 0x55))
        #expect(order.configuration.transportKeys.scheme == .visa2)
        #expect(order.configuration.behaviour == .failsAt(apdu: 3, .status(0x6A84)))
    }

    @Test(arguments: [
        ["colour": "red"], ["scp": "04"], ["key": "0011"], ["scheme": "des"], ["serial": "many"], ["uid": "x"],
        ["does": "sing"], ["does": "sw:3"], ["scp": "02", "key": "404142434445464748494A4B4C4D4E4F5051525354555657"],
    ])
    func `a word that is not known is refused`(words: [String: String]) {
        #expect(throws: SakkError("plant.order", source: "", text: "", remedy: "")) { try CardOrder(words, next: 1) }
    }
}
