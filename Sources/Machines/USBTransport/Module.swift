// USBTransport
