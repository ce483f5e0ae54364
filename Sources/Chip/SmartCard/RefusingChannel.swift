public import Ground

/// A channel that can be told to send nothing more: a card that proved other keys is left in peace, whoever asks.
public protocol RefusingChannel: CardChannel {
    /// From now on every command throws `error`.
    func refuse(_ error: SakkError)
}
