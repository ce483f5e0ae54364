/// The camera's description of itself (GenICam, GenApi schema 1.0): which register each feature is. What Aravis asks of a camera
/// with a software trigger, and nothing else.
enum GigEDescription {
    /// Where it lies in the camera's memory.
    static let address = 0x1_0000
    /// Digital outputs, and what may switch them.
    static let lines = 4

    static let xml = """
        <?xml version="1.0" encoding="utf-8"?>
        <RegisterDescription ModelName="Bench" VendorName="Sakk" StandardNameSpace="None" SchemaMajorVersion="1" \
        SchemaMinorVersion="0" SchemaSubMinorVersion="1" MajorVersion="1" MinorVersion="0" SubMinorVersion="0" \
        ProductGuid="0" VersionGuid="0" xmlns="http://www.genicam.org/GenApi/Version_1_0">
        <Category Name="Root"><pFeature>Camera</pFeature></Category>
        <Category Name="Camera">\(features.map { "<pFeature>\($0)</pFeature>" }.joined())</Category>
        \(strings)
        \(integer("SensorWidth", .sensorWidth, least: 1))
        \(integer("SensorHeight", .sensorHeight, least: 1))
        \(integer("OffsetX", .offsetX, least: 0))
        \(integer("OffsetY", .offsetY, least: 0))
        \(integer("Width", .width, least: 1, most: "SensorWidth"))
        \(integer("Height", .height, least: 1, most: "SensorHeight"))
        \(choice("PixelFormat", .pixelFormat, [("Mono8", 0x0108_0001), ("BayerRG8", 0x0108_0009), ("RGB8", 0x0218_0014)]))
        \(choice("AcquisitionMode", .acquisitionMode, [("Continuous", 0), ("SingleFrame", 1)]))
        \(command("AcquisitionStart", .acquisition, 1))
        \(command("AcquisitionStop", .acquisition, 0, isFirst: false))
        \(choice("TriggerSelector", .triggerSelector, [("FrameStart", 0)]))
        \(choice("TriggerMode", .triggerMode, [("Off", 0), ("On", 1)]))
        \(choice("TriggerSource", .triggerSource, [("Line0", 0), ("Software", 1)]))
        \(choice("TriggerActivation", .triggerActivation, [("RisingEdge", 0)]))
        \(command("TriggerSoftware", .triggerSoftware, 1))
        \(float("ExposureTime", .exposure, parts: 1, least: 10, most: 1_000_000))
        \(float("Gain", .gain, parts: 10, least: 0, most: 24))
        \(choice("LineSelector", .lineSelector, (1...lines).map { ("Line\($0)", $0 - 1) }))
        \(selected("LineMode", .lineMode, by: .lineSelector, [("Input", 0), ("Output", 1)]))
        \(selected("LineSource", .lineSource, by: .lineSelector, [("Off", 0)] + (1...lines).map { ("UserOutput\($0)", $0) }))
        \(choice("UserOutputSelector", .outputSelector, (1...lines).map { ("UserOutput\($0)", $0 - 1) }))
        <Boolean Name="UserOutputValue"><pValue>\(GigERegister.outputValue)Register</pValue><OnValue>1</OnValue>\
        <OffValue>0</OffValue></Boolean>
        \(register(.outputValue, by: .outputSelector))
        \(float("DeviceTemperature", .temperature, parts: 10, least: 0, most: 120))
        <IntSwissKnife Name="PayloadSize"><pVariable Name="W">Width</pVariable><pVariable Name="H">Height</pVariable>\
        <pVariable Name="F">PixelFormat</pVariable><Formula>W * H * ((F &gt;&gt; 16) &amp; 255) / 8</Formula></IntSwissKnife>
        <Integer Name="TLParamsLocked"><Visibility>Invisible</Visibility><Value>0</Value><Min>0</Min><Max>1</Max></Integer>
        <Port Name="Device"/>
        </RegisterDescription>
        """

    private static let features = [
        "DeviceVendorName", "DeviceModelName", "SensorWidth", "SensorHeight", "OffsetX", "OffsetY", "Width", "Height",
        "PixelFormat", "AcquisitionMode", "AcquisitionStart", "AcquisitionStop", "TriggerSelector", "TriggerMode",
        "TriggerSource", "TriggerActivation", "TriggerSoftware", "ExposureTime", "Gain", "PayloadSize",
        "LineSelector", "LineMode", "LineSource", "UserOutputSelector", "UserOutputValue", "DeviceTemperature",
    ]

    private static let strings = [("DeviceVendorName", 0x48), ("DeviceModelName", 0x68)].map { name, address in
        "<StringReg Name=\"\(name)\"><Address>\(address)</Address><Length>32</Length><AccessMode>RO</AccessMode>"
            + "<pPort>Device</pPort></StringReg>"
    }.joined(separator: "\n")

    private static func register(
        _ register: GigERegister, _ access: String = "RW", by selector: GigERegister? = nil
    ) -> String {
        let index = selector.map { "<pIndex Offset=\"4\">\($0)Register</pIndex>" } ?? ""
        return "<IntReg Name=\"\(register)Register\"><Address>\(register.rawValue)</Address>\(index)<Length>4</Length>"
            + "<AccessMode>\(access)</AccessMode><pPort>Device</pPort><Cachable>NoCache</Cachable><Sign>Unsigned</Sign>"
            + "<Endianess>BigEndian</Endianess></IntReg>"
    }

    private static func integer(_ name: String, _ place: GigERegister, least: Int, most: String? = nil) -> String {
        let end = most.map { "<pMax>\($0)</pMax>" } ?? "<Max>65535</Max>"
        return
            "<Integer Name=\"\(name)\"><pValue>\(place)Register</pValue><Min>\(least)</Min>\(end)<Inc>1</Inc></Integer>"
            + register(place)
    }

    private static func choice(_ name: String, _ place: GigERegister, _ entries: [(String, Int)]) -> String {
        let list = entries.map { "<EnumEntry Name=\"\($0.0)\"><Value>\($0.1)</Value></EnumEntry>" }.joined()
        return "<Enumeration Name=\"\(name)\">\(list)<pValue>\(place)Register</pValue></Enumeration>" + register(place)
    }

    /// One register for each value of the selector.
    private static func selected(
        _ name: String, _ place: GigERegister, by selector: GigERegister, _ entries: [(String, Int)]
    ) -> String {
        let list = entries.map { "<EnumEntry Name=\"\($0.0)\"><Value>\($0.1)</Value></EnumEntry>" }.joined()
        return "<Enumeration Name=\"\(name)\">\(list)<pValue>\(place)Register</pValue></Enumeration>"
            + register(place, by: selector)
    }

    private static func command(_ name: String, _ place: GigERegister, _ value: Int, isFirst: Bool = true) -> String {
        "<Command Name=\"\(name)\"><pValue>\(place)Register</pValue><CommandValue>\(value)</CommandValue></Command>"
            + (isFirst ? register(place, "WO") : "")
    }

    private static func float(_ name: String, _ place: GigERegister, parts: Int, least: Int, most: Int) -> String {
        "<Float Name=\"\(name)\"><pValue>\(place)Converter</pValue><Min>\(least)</Min><Max>\(most)</Max></Float>"
            + "<Converter Name=\"\(place)Converter\"><FormulaTo>FROM * \(parts)</FormulaTo>"
            + "<FormulaFrom>TO / \(parts).0</FormulaFrom><pValue>\(place)Register</pValue></Converter>"
            + register(place)
    }
}

/// Registers of this camera, behind those that GigE Vision has at fixed places.
enum GigERegister: Int, CaseIterable {
    case width = 0xA100
    case height = 0xA104
    case pixelFormat = 0xA108
    case acquisition = 0xA10C
    case acquisitionMode = 0xA110
    case triggerMode = 0xA114
    case triggerSource = 0xA118
    case triggerActivation = 0xA11C
    case triggerSoftware = 0xA120
    /// Microseconds.
    case exposure = 0xA124
    /// Tenths of a decibel.
    case gain = 0xA128
    case triggerSelector = 0xA12C
    case sensorWidth = 0xA130
    case sensorHeight = 0xA134
    case offsetX = 0xA138
    case offsetY = 0xA13C
    case lineSelector = 0xA140
    case outputSelector = 0xA144
    /// Tenths of a degree.
    case temperature = 0xA148
    /// Of four lines and four outputs each.
    case lineMode = 0xA200
    case lineSource = 0xA220
    case outputValue = 0xA240
}
