public import Ground

extension Scenario {
    /// Something that goes wrong with the n-th card that is fed (1 is the first). Each happens once.
    public struct Fault: Sendable, Equatable {
        public enum Kind: String, Sendable, CaseIterable {
            /// Its chip does not answer.
            case muteChip = "mute_chip"
            /// Its chip loses power in the next PUT KEY, before it has taken the keys or after.
            case keysTornBefore = "keys_torn_before"
            case keysTornAfter = "keys_torn_after"
            /// Its chip lets everybody who opened the document read the fingers.
            case fingersOpen = "fingers_open"
            /// One ribbon panel (`panel`, and `side` when the panel comes twice) lays nothing.
            case missingPanel = "missing_panel"
            /// The ink comes wrong (`mark`, and `panel` where it is one dye's), and the machine says OK.
            case printMark = "print_mark"
            /// Somebody lays a card of another maker on top of the blanks before this feed.
            case foreignCard = "foreign_card"
            /// On its way to the print station somebody exchanges it for the topmost card of a box (`with`: reject, good)
            /// or the next blank (hopper), and lays it there; without `with`: reject, or hopper when that is empty. A
            /// blank's place is on the table.
            case swappedCard = "swapped_card"
            /// It stops on its way `at` contactless, print (the default), transfer, flip or exit.
            case jam
            /// Power fails after so many panels (`after_panels`), 0: before the first; all of them: before the eject.
            case powerCut = "power_cut"
            /// Somebody puts the topmost card of the reject box on top of the hopper before this feed.
            case usedCardBack = "used_card_back"
            /// The rollers take no card, though cards are there; the next try takes one.
            case misfeed
            /// Somebody opens the cover when the card has come to the print station.
            case coverOpen = "cover_open"
            /// The ribbon ends in the middle of a panel (`panel`).
            case ribbonEnd = "ribbon_end"
            /// The next ribbon count is answered by a stray `OK`.
            case strayAnswer = "stray_answer"
            /// The booklet machine says that it took one in, and took none.
            case bookletAbsent = "booklet_absent"
            /// It has another cover, lies open at another page, lies upside down.
            case wrongCover = "wrong_cover"
            case wrongPage = "wrong_page"
            case upsideDown = "upside_down"
            /// The maker put another booklet's chip in: its perforated number is another one.
            case otherNumber = "other_number"
            /// The laser breaks off in the middle of the page.
            case laserFault = "laser_fault"
        }

        public enum Station: String, Sendable, CaseIterable { case contactless, print, transfer, flip, exit }
        public enum Pile: String, Sendable, CaseIterable { case hopper, good, reject }
        public enum Side: String, Sendable, CaseIterable { case front, back }

        public var feed: Int
        public var kind: Kind
        public var panel: Character?
        public var side: Side?
        public var afterPanels: Int?
        public var station: Station?
        public var pile: Pile?
        public var mark: PrintMark?

        static let keys = ["at_feed", "kind", "panel", "side", "after_panels", "at", "with", "mark"]

        init(_ node: ScenarioNode, path: String) throws(SakkError) {
            try node.allow(Fault.keys)
            var words: [String: String] = [:]
            for key in Fault.keys { words[key] = try node.optionalText(key) }
            try self.init(words: words, source: path)
        }

        /// From the scenario's words, or from those of an order while the world runs.
        /// Throws `plant.scenario` when a word is missing, unknown, or does not belong to this kind.
        public init(words: [String: String], source: String) throws(SakkError) {
            guard let number = words["at_feed"].flatMap({ Int($0) }), number > 0 else {
                throw Scenario.fault(source, "`faults.at_feed` must be the number of a feed, 1 or more")
            }
            feed = number
            guard let kind: Kind = try Fault.choice("kind", words, source) else {
                throw Scenario.fault(source, "`faults.kind` is missing")
            }
            self.kind = kind
            side = try Fault.choice("side", words, source)
            station = try Fault.choice("at", words, source)
            pile = try Fault.choice("with", words, source)
            mark = try Fault.choice("mark", words, source)
            if let word = words["panel"] {
                guard word.count == 1, let letter = word.first, "ymckoup".contains(letter) else {
                    throw Scenario.fault(source, "`faults.panel` must be one of y, m, c, k, o, u, p")
                }
                panel = letter
            }
            if let word = words["after_panels"] {
                guard let count = Int(word), count >= 0 else {
                    throw Scenario.fault(source, "`faults.after_panels` must be a whole number")
                }
                afterPanels = count
            }
            try check(words, source)
        }

        private func check(_ words: [String: String], _ source: String) throws(SakkError) {
            let (needed, optional): ([String], [String]) =
                switch kind {
                case .missingPanel, .ribbonEnd: (["panel"], ["side"])
                case .printMark: (["mark"], ["panel"])
                case .powerCut: (["after_panels"], [])
                case .jam: ([], ["at"])
                case .swappedCard: ([], ["with"])
                default: ([], [])
                }
            for key in needed where words[key] == nil {
                throw Scenario.fault(source, "a fault of kind \(kind.rawValue) needs `\(key)`")
            }
            for key in words.keys.sorted() where !(["at_feed", "kind"] + needed + optional).contains(key) {
                throw Scenario.fault(source, "`\(key)` does not belong to a fault of kind \(kind.rawValue)")
            }
        }

        private static func choice<Choice: RawRepresentable & CaseIterable>(
            _ key: String, _ words: [String: String], _ source: String
        ) throws(SakkError) -> Choice? where Choice.RawValue == String {
            guard let word = words[key] else { return nil }
            guard let choice = Choice(rawValue: word) else {
                let known = Choice.allCases.map(\.rawValue).joined(separator: ", ")
                throw Scenario.fault(source, "`faults.\(key)` is '\(word)'; known are \(known)")
            }
            return choice
        }
    }
}
