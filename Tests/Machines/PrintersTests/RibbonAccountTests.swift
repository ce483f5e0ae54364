import Printers
import Testing

@Suite struct RibbonAccountTests {
    @Test func theAccountFollowsThePanelsAndANewRibbonBeginsItAnew() {
        var account = RibbonAccount(panelsPerCard: 6)
        #expect(account.cards(panelsPrinted: 0) == nil)
        account.read(cardsLeft: 100, panelsPrinted: 600)
        #expect(account.cards(panelsPrinted: 660) == 90)
        account.read(cardsLeft: 90, panelsPrinted: 660)
        #expect(account.cards(panelsPrinted: 720) == 80)
        account.read(cardsLeft: 200, panelsPrinted: 720)
        #expect(account.cards(panelsPrinted: 726) == 199)
    }

    @Test(arguments: [(90, 90, false), (89, 90, false), (88, 90, true), (92, 90, true)])
    func aDriftOfMoreThanOneCardIsAnAlarm(printer: Int, account: Int, drifts: Bool) {
        let details = PrinterDetails(
            ribbonCards: printer, accountedCards: account, ribbonLot: nil, cleaningCards: 40, counters: [])
        #expect(details.drifts == drifts)
        #expect(details.forecast == 40)
    }
}
