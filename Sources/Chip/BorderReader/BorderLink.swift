internal import Ground
internal import SmartCard

/// A way to talk to the chip: in the clear, or under secure messaging.
protocol BorderLink: AnyObject {
    func transmit(_ command: APDUCommand) throws(BorderFault) -> APDUResponse
    /// Most plain bytes to ask for in one READ BINARY.
    var readLimit: Int { get }
}

/// Without secure messaging: EF.CardAccess, and documents that are not protected.
final class PlainLink: BorderLink {
    private let channel: any CardChannel
    let readLimit = 256

    init(channel: any CardChannel) { self.channel = channel }

    func transmit(_ command: APDUCommand) throws(BorderFault) -> APDUResponse {
        do { return try channel.transmit(command) } catch { throw .transport(error) }
    }
}

extension BorderLink {
    /// The data of a successful answer.
    func expect(_ command: APDUCommand, _ step: String) throws(BorderFault) -> Bytes {
        let response = try transmit(command)
        guard response.status.isSuccess else { throw .chip("\(step) was answered \(response.status)") }
        return response.data
    }
}
