// USBTransportTests
