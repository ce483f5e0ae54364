/// Two worlds of seeds that never meet. What is made of test seeds says so in every file, so that whatever takes limits
/// from captures can refuse it.
public enum SeedSpace: String, Sendable, CaseIterable {
    case development, test

    /// A seed of this space: the high half tells the spaces apart before any number is drawn.
    func dice(_ seed: UInt64, _ name: String) -> Dice {
        let half: UInt64 = self == .test ? 0x7E57_0000_0000_0000 : 0x0DE7_0000_0000_0000
        return Dice(half ^ (seed &* 0x2545_F491_4F6C_DD1D)).apart(rawValue).apart(name)
    }
}
