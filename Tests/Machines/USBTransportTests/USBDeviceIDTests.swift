import Ground
import Testing
import USBTransport

/// The identity string (IEEE 1284), as GET_DEVICE_ID gives it.
@Suite struct USBDeviceIDTests {
    @Test(arguments: [
        ("MFG:Evolis;MDL:KC200B;CMD:ESC;SN:SAKK-PR-0001;CLS:PRINTER;", "SAKK-PR-0001"),
        ("MFG:A;SERN:77;", "77"), ("MANUFACTURER:A; SERIALNUMBER:9 9;", "9 9"), ("MFG:A;SNR:1;CMD:SN;", nil), ("", nil),
    ])
    func aPrinterWithoutASerialDescriptorIsKnownByItsIdentityString(text: String, serial: String?) {
        #expect(USBDeviceID.serial(in: text) == serial)
    }

    @Test(arguments: [
        // the length counts itself, and may say more or less than came
        ("000741424344455A", "ABCDE"), ("FFFF4142", "AB"), ("00004142", ""), ("0007", nil), ("", nil),
    ])
    func theTextIsAsLongAsItSaysAndNoLongerThanWhatCame(answer: String, text: String?) {
        #expect(USBDeviceID.text(Bytes(hex: answer) ?? []) == text)
    }
}
