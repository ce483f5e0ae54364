internal import Ground
internal import SmartCard

/// Terminal Authentication version 1 (Doc 9303-11 clause 7.1): opens fingerprints and irises.
struct TerminalAuthentication {
    let credentials: TerminalCredentials
    /// Who the chip is: the document number with its check digit after BAC, the compressed PACE key after PACE.
    let chipIdentity: Bytes
    /// The reader's ephemeral key of Chip Authentication, compressed.
    let terminalKey: Bytes

    /// The chip trusts the terminal when it returns.
    func run(on messaging: SecureMessaging, authorities: [Bytes]) throws(BorderFault) {
        let chain = credentials.chain
        let start = chain.firstIndex { authorities.contains($0.authority) } ?? 0
        guard let terminal = chain.last else { throw .chip("Terminal Authentication: no certificate of the terminal") }
        for certificate in chain[start...] {
            _ = try messaging.expect(
                APDUCommand(0x00, 0x22, 0x81, 0xB6, data: TLV(0x83, certificate.authority).encoded),
                "Terminal Authentication: MSE:Set DST")
            _ = try messaging.expect(
                APDUCommand(0x00, 0x2A, 0x00, 0xBE, data: certificate.body + certificate.signature),
                "Terminal Authentication: PSO:Verify Certificate")
        }
        _ = try messaging.expect(
            APDUCommand(0x00, 0x22, 0x81, 0xA4, data: TLV(0x83, terminal.holder).encoded),
            "Terminal Authentication: MSE:Set AT")
        let challenge = try messaging.expect(
            APDUCommand(0x00, 0x84, 0, 0, le: 8), "Terminal Authentication: GET CHALLENGE")
        let signature: Bytes
        do {
            signature = try credentials.sign(chipIdentity + challenge + terminalKey)
        } catch {
            throw .transport(error)
        }
        _ = try messaging.expect(
            APDUCommand(0x00, 0x82, 0, 0, data: signature), "Terminal Authentication: EXTERNAL AUTHENTICATE")
    }
}
