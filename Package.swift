// swift-tools-version: 6.2
import PackageDescription

// The folders are the factory; imports go only downwards, and
// scripts/check-edges refuses an edge that is not in scripts/edges.txt.

let house: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
]
// Loops over pixels and bytes are a hundred times slower without the optimiser: these modules keep it in debug too.
let hot: [SwiftSetting] = house + [.unsafeFlags(["-O"])]

func library(_ group: String, _ name: String, _ uses: [Target.Dependency] = [], settings: [SwiftSetting] = house)
    -> Target
{
    .target(
        name: name, dependencies: uses, path: "Sources/\(group)/\(name)", exclude: ["README.md"],
        swiftSettings: settings)
}

func program(_ group: String, _ name: String, _ uses: [Target.Dependency]) -> Target {
    .executableTarget(
        name: name, dependencies: uses, path: "Sources/\(group)/\(name)", exclude: ["README.md"], swiftSettings: house)
}

func tests(
    _ group: String, _ name: String, _ uses: [Target.Dependency], resources: [Resource] = [],
    settings: [SwiftSetting] = house
) -> Target {
    .testTarget(
        name: name, dependencies: uses, path: "Tests/\(group)/\(name)", resources: resources, swiftSettings: settings)
}

func system(_ name: String, pkgConfig: String, apt: String) -> Target {
    .systemLibrary(name: name, path: "Sources/Bindings/\(name)", pkgConfig: pkgConfig, providers: [.apt([apt])])
}

let argumentParser: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")
let yams: Target.Dependency = .product(name: "Yams", package: "Yams")
let hummingbird: Target.Dependency = .product(name: "Hummingbird", package: "hummingbird")
let hummingbirdCore: Target.Dependency = .product(name: "HummingbirdCore", package: "hummingbird")
let httpTypes: Target.Dependency = .product(name: "HTTPTypes", package: "swift-http-types")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let nio: Target.Dependency = .product(name: "NIOCore", package: "swift-nio")
let nioTLS: Target.Dependency = .product(name: "NIOSSL", package: "swift-nio-ssl")
let hummingbirdTLS: Target.Dependency = .product(name: "HummingbirdTLS", package: "hummingbird")
let mustache: Target.Dependency = .product(name: "Mustache", package: "swift-mustache")
let grdb: Target.Dependency = .product(name: "GRDB", package: "GRDB.swift")

let package = Package(
    name: "sakk",
    products: [
        .executable(name: "sakk", targets: ["sakk"]),
        .executable(name: "sakk-plant", targets: ["sakk-plant"]),
        .executable(name: "sakk-border", targets: ["sakk-border"]),
        .executable(name: "sakk-picture", targets: ["sakk-picture"]),
        .executable(name: "sakk-judge", targets: ["sakk-judge"]),
        .executable(name: "sakk-simplant", targets: ["sakk-simplant"]),
        .executable(name: "sakk-faultplant", targets: ["sakk-faultplant"]),
        .executable(name: "sakk-defects", targets: ["sakk-defects"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser.git", from: "1.8.2"),
        .package(url: "https://github.com/groue/GRDB.swift.git", from: "7.10.0"),
        .package(url: "https://github.com/jpsim/Yams.git", from: "6.2.2"),
        .package(url: "https://github.com/hummingbird-project/hummingbird.git", from: "2.28.1"),
        .package(url: "https://github.com/hummingbird-project/swift-mustache.git", from: "2.1.1"),
        .package(url: "https://github.com/apple/swift-http-types.git", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log.git", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio.git", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl.git", from: "2.37.6"),
    ],
    targets: [
        // Bindings
        system("CPCSC", pkgConfig: "libpcsclite", apt: "libpcsclite-dev"),
        system("CUSB", pkgConfig: "libusb-1.0", apt: "libusb-1.0-0-dev"),
        system("COpenSSL", pkgConfig: "libcrypto", apt: "libssl-dev"),
        system("CPKCS11", pkgConfig: "p11-kit-1", apt: "libp11-kit-dev"),
        system("CPangoCairo", pkgConfig: "pangocairo", apt: "libpango1.0-dev"),
        system("CRSVG", pkgConfig: "librsvg-2.0", apt: "librsvg2-dev"),
        .systemLibrary(name: "CV4L2", path: "Sources/Bindings/CV4L2"),
        system("CAravis", pkgConfig: "aravis-0.8", apt: "libaravis-dev"),
        system("CQREncode", pkgConfig: "libqrencode", apt: "libqrencode-dev"),
        .systemLibrary(name: "CZint", path: "Sources/Bindings/CZint", providers: [.apt(["libzint-dev"])]),
        system("CPostgres", pkgConfig: "libpq", apt: "libpq-dev"),
        system("CCurl", pkgConfig: "libcurl", apt: "libcurl4-openssl-dev"),
        system("CUMockdev", pkgConfig: "umockdev-1.0", apt: "libumockdev-dev"),
        .target(
            name: "CImage", path: "Sources/Bindings/CImage", exclude: ["README.md"],
            cSettings: [.unsafeFlags(["-O2", "-I/usr/include/openjpeg-2.5"])],
            linkerSettings: [.linkedLibrary("jpeg"), .linkedLibrary("openjp2"), .linkedLibrary("png16")]),
        .target(
            name: "CVision", path: "Sources/Bindings/CVision", exclude: ["README.md"],
            cxxSettings: [.unsafeFlags(["-O2", "-I/usr/include/opencv4", "-I/usr/include/ZXing"])],
            linkerSettings: [
                .linkedLibrary("opencv_core"), .linkedLibrary("opencv_imgproc"), .linkedLibrary("opencv_video"),
                .linkedLibrary("opencv_calib3d"), .linkedLibrary("opencv_features2d"), .linkedLibrary("ZXing"),
            ]),
        // what OpenCV does alone: the baseline of `sakk bench inspect`
        .target(
            name: "CPlainVision", path: "Sources/Bindings/CPlainVision", exclude: ["README.md"],
            cxxSettings: [.unsafeFlags(["-O2", "-I/usr/include/opencv4"])],
            linkerSettings: [
                .linkedLibrary("opencv_core"), .linkedLibrary("opencv_imgproc"), .linkedLibrary("opencv_video"),
            ]),
        .target(
            name: "CWipe", path: "Sources/Bindings/CWipe", exclude: ["README.md"], cSettings: [.unsafeFlags(["-O2"])]),
        .target(
            name: "CJail", path: "Sources/Bindings/CJail", exclude: ["README.md"], cSettings: [.unsafeFlags(["-O2"])]),
        .target(
            name: "CStack", path: "Sources/Bindings/CStack", exclude: ["README.md"], cSettings: [.unsafeFlags(["-O2"])]),
        .target(name: "CTextLock", path: "Sources/Bindings/CTextLock", exclude: ["README.md"]),
        .target(
            name: "CCrashDisk", path: "Sources/Bindings/CCrashDisk", exclude: ["README.md"],
            cSettings: [.unsafeFlags(["-O2"])], linkerSettings: [.linkedLibrary("sqlite3")]),

        // Ground, Stations
        .target(
            name: "Ground", dependencies: ["CStack"], path: "Sources/Ground", exclude: ["README.md"],
            swiftSettings: house),
        .target(
            name: "Stations", dependencies: ["Ground"], path: "Sources/Stations", exclude: ["README.md"],
            swiftSettings: house),

        // Programs of ours as processes of their own
        .target(
            name: "Workers", dependencies: ["Ground", "CJail"], path: "Sources/Workers", exclude: ["README.md"],
            swiftSettings: house),

        // Keys, Chip
        library("Keys", "OpenSSLCrypto", ["Ground", "COpenSSL"]),
        library("Keys", "KeyVault", ["Ground", "Stations", "OpenSSLCrypto", "CPKCS11"]),
        library("Chip", "SmartCard", ["Ground", "CPCSC"]),
        library("Chip", "GlobalPlatform", ["Ground", "SmartCard", "OpenSSLCrypto"]),
        library("Chip", "LDS", ["Ground"]),
        library("Chip", "DocumentWriter", ["Ground", "LDS", "OpenSSLCrypto"]),
        library("Chip", "BorderReader", ["Ground", "LDS", "SmartCard", "OpenSSLCrypto"]),

        // Machines, Picture
        library("Machines", "USBTransport", ["Ground", "CUSB"]),
        library("Machines", "Printers", ["Ground", "Stations", "USBTransport"], settings: hot),
        library("Machines", "Cameras", ["Ground", "Stations", "Pixels", "CAravis", "CV4L2"], settings: hot),
        library("Picture", "Pixels", ["Ground", "CImage"], settings: hot),
        library(
            "Picture", "Artwork",
            ["Ground", "Stations", "Pixels", "CPangoCairo", "CTextLock", "CRSVG", "CQREncode", "CZint"], settings: hot),
        library(
            "Picture", "Inspection", ["Ground", "Stations", "Pixels", "CVision", "CPangoCairo", "CTextLock"],
            settings: hot),
        library("Picture", "PictureWorker", ["Ground", "Stations", "Workers"], settings: hot),

        // Production
        library("Production", "Catalog", ["Ground", "Stations", yams]),
        library("Production", "Records", ["Ground", "Stations", "Pixels", "OpenSSLCrypto"]),
        library("Production", "Seeds", ["Ground", "Stations", "Records", "Pixels", "OpenSSLCrypto", "CPangoCairo"]),
        library("Production", "PostgresClient", ["Ground", "CPostgres"]),
        library("Production", "Ledger", ["Ground", "Stations", "OpenSSLCrypto", "PostgresClient", grdb]),
        library(
            "Production", "Personalisation",
            [
                "Ground", "Stations", "Catalog", "SmartCard", "GlobalPlatform", "LDS", "DocumentWriter", "BorderReader",
                "OpenSSLCrypto", "Workers",
            ]),
        library(
            "Production", "Connectors",
            ["Ground", "Stations", "Catalog", "Records", "Ledger", "PostgresClient", "OpenSSLCrypto", "CCurl"]),
        library("Production", "Line", ["Ground", "Stations", "Ledger"]),
        library(
            "Production", "Simulation",
            ["Ground", "Stations", "Ledger", "Line", "PostgresClient", "OpenSSLCrypto", "CCrashDisk", grdb]),
        library("Production", "Shipping", ["Ground", "Stations", "Catalog", "Ledger", "OpenSSLCrypto"]),
        library(
            "Production", "Reporting",
            ["Ground", "Stations", "Ledger", "Shipping", "Pixels", "CPangoCairo", "CTextLock", "CQREncode", "CZint"]),

        // Operator
        .target(
            name: "Console",
            dependencies: [
                "Ground", "Stations", "Ledger", "Line", "Shipping", "Reporting", "OpenSSLCrypto", hummingbird,
                hummingbirdCore,
                hummingbirdTLS, mustache, httpTypes, logging, nio, nioTLS,
            ],
            path: "Sources/Operator/Console", exclude: ["README.md"], resources: [.copy("Resources")],
            swiftSettings: house),
        program(
            "Operator", "sakk",
            [
                "Ground", "Stations", "Catalog", "Records", "Connectors", "Seeds", "Ledger", "Line", "Simulation",
                "Shipping",
                "Personalisation",
                "Printers",
                "GlobalPlatform", "DocumentWriter",
                "USBTransport", "Cameras", "Pixels", "Artwork", "Inspection", "PictureWorker", "Reporting",
                "BorderReader",
                "SmartCard",
                "OpenSSLCrypto", "LDS", "KeyVault", "CWipe", "CPlainVision", "Console", "Workers", argumentParser,
            ]),
        program(
            "Operator", "sakk-simplant",
            [
                "Ground", "Stations", "Catalog", "Simulation", "SmartCard", "GlobalPlatform", "DocumentWriter",
                "BorderReader", "LDS", "Personalisation", "OpenSSLCrypto", "PlantChip", argumentParser,
            ]),
        program(
            "Operator", "sakk-faultplant",
            ["Ground", "Stations", "USBTransport", "Printers", "PlantPrinter", argumentParser]),
        program(
            "Operator", "sakk-border",
            ["Ground", "SmartCard", "BorderReader", "LDS", "CWipe", "Workers", argumentParser]),
        program("Operator", "sakk-picture", ["Ground", "Inspection", "PictureWorker", "Workers", "CWipe"]),
        program("Operator", "sakk-judge", ["Ground", "COpenSSL", grdb, argumentParser]),

        // Plant: one physical world; shares byte types (Ground) and nothing else with the controller
        library("Plant", "PlantChip", ["Ground", "COpenSSL"]),
        library("Plant", "PlantPrinter", ["Ground"], settings: hot),
        library("Plant", "PlantUSB", ["Ground", "CUMockdev"]),
        library("Plant", "PlantCamera", ["Ground", "CAravis"], settings: hot),
        library(
            "Plant", "PlantWorld", ["Ground", "PlantChip", "PlantPrinter", "PlantUSB", "PlantCamera", "CImage", yams]),
        program("Plant", "sakk-plant", ["Ground", "PlantCamera", "PlantWorld", argumentParser]),
        // captures with known defects: apart from the inspection that judges them
        library(
            "Plant", "DefectWorld", ["Ground", "CPangoCairo", "CTextLock", "CQREncode", "CZint", "CImage"],
            settings: hot),
        program("Plant", "sakk-defects", ["Ground", "DefectWorld", argumentParser]),

        // Tests mirror the folders
        .testTarget(name: "GroundTests", dependencies: ["Ground"], path: "Tests/Ground", swiftSettings: house),
        .testTarget(
            name: "WorkersTests", dependencies: ["Workers", "Ground"], path: "Tests/Workers/WorkersTests",
            swiftSettings: house),
        // tries what a confined worker may not do
        .executableTarget(
            name: "worker-probe", dependencies: ["Workers", "Ground"], path: "Tests/Workers/Probe",
            exclude: ["README.md"], swiftSettings: house),
        tests("Bindings", "CrashDiskTests", ["CCrashDisk", "Ground", grdb]),
        tests("Keys", "OpenSSLCryptoTests", ["OpenSSLCrypto", "Ground"], resources: [.copy("Vectors")]),
        .target(name: "CFaultyToken", dependencies: ["CPKCS11"], path: "Tests/Keys/CFaultyToken"),
        tests(
            "Keys", "KeyVaultTests",
            [
                "KeyVault", "Stations", "OpenSSLCrypto", "Ground", "CPKCS11", "CFaultyToken", "DocumentWriter",
                "BorderReader",
            ]),
        tests("Chip", "SmartCardTests", ["SmartCard", "Ground"]),
        tests(
            "Chip", "GlobalPlatformTests", ["GlobalPlatform", "SmartCard", "OpenSSLCrypto", "Ground", "PlantChip"],
            resources: [.copy("Vectors")]),
        tests("Chip", "LDSTests", ["LDS", "Ground"], resources: [.copy("Vectors")]),
        tests(
            "Chip", "DocumentWriterTests", ["DocumentWriter", "LDS", "OpenSSLCrypto", "Ground"],
            resources: [.copy("Vectors")]),
        tests(
            "Chip", "BorderReaderTests", ["BorderReader", "LDS", "SmartCard", "OpenSSLCrypto", "PlantChip", "Ground"],
            resources: [.copy("Vectors")]),
        tests(
            "Chip", "BorderCrossingTests",
            ["BorderReader", "DocumentWriter", "LDS", "SmartCard", "OpenSSLCrypto", "PlantChip", "Ground"]),
        tests("Machines", "USBTransportTests", ["USBTransport", "Ground"]),
        tests("Machines", "PrintersTests", ["Printers", "USBTransport", "Stations", "Ground", "Catalog"]),
        tests("Machines", "CamerasTests", ["Cameras", "PlantCamera", "Pixels", "Stations", "Ground"]),
        tests("Picture", "PixelsTests", ["Pixels", "Ground"]),
        tests(
            "Picture", "ArtworkTests", ["Artwork", "Pixels", "Stations", "Ground", "CPangoCairo"],
            resources: [.copy("Vectors")]),
        tests(
            "Picture", "InspectionTests",
            ["Inspection", "Artwork", "Catalog", "Seeds", "LDS", "Pixels", "Stations", "Ground"], settings: hot),
        tests(
            "Picture", "PictureWorkerTests",
            ["PictureWorker", "Inspection", "Artwork", "Catalog", "Seeds", "LDS", "Pixels", "Stations", "Ground"]),
        tests("Production", "CatalogTests", ["Catalog", "Stations", "Ground"]),
        tests("Production", "RecordsTests", ["Records", "Seeds", "Pixels", "OpenSSLCrypto", "Stations", "Ground"]),
        .target(
            name: "PostgresRig", dependencies: ["PostgresClient"], path: "Tests/Production/PostgresRig",
            exclude: ["README.md"], swiftSettings: house),
        .executableTarget(
            name: "ledger-bench", dependencies: ["Ledger", "KeyVault", "Stations", "Ground"],
            path: "Tests/Production/LedgerBench", exclude: ["README.md", "claim-finish.sql"], swiftSettings: house),
        tests("Production", "PostgresClientTests", ["PostgresClient", "PostgresRig", "Ground"]),
        tests(
            "Production", "LedgerTests",
            [
                "Ledger", "PostgresClient", "PostgresRig", "KeyVault", "OpenSSLCrypto", "Stations", "Ground",
                "CCrashDisk", grdb,
            ]),
        tests(
            "Production", "PersonalisationTests",
            [
                "Personalisation", "Catalog", "SmartCard", "GlobalPlatform", "DocumentWriter", "BorderReader", "LDS",
                "OpenSSLCrypto", "Stations", "Ground", "PlantChip", "Seeds", "Records", "Workers",
            ]),
        tests(
            "Production", "ConnectorsTests",
            [
                "Connectors", "Catalog", "Records", "Ledger", "KeyVault", "PostgresClient", "Seeds", "OpenSSLCrypto",
                "Stations",
                "Ground",
            ]),
        tests(
            "Production", "LineTests",
            ["Line", "Ledger", "KeyVault", "OpenSSLCrypto", "Stations", "Ground", "CCrashDisk", grdb]),
        tests("Production", "SimulationTests", ["Simulation", "Ground"]),
        tests(
            "Production", "ShippingTests",
            ["Shipping", "Ledger", "KeyVault", "PostgresRig", "OpenSSLCrypto", "Stations", "Ground"],
            resources: [.copy("Vectors")]),
        tests(
            "Production", "ReportingTests", ["Reporting", "Shipping", "Ledger", "Stations", "Ground"],
            resources: [.copy("Golden")]),
        tests(
            "Operator", "ConsoleTests",
            [
                "Catalog", "Console", "Ledger", "KeyVault", "Line", "OpenSSLCrypto", "Reporting", "Shipping",
                "Stations", "Ground",
            ]),
        tests("Plant", "PlantChipTests", ["PlantChip", "Ground"], resources: [.copy("Vectors")]),
        tests("Plant", "PlantPrinterTests", ["PlantPrinter", "Ground"]),
        tests("Plant", "PlantCameraTests", ["PlantCamera", "Ground"]),
        tests("Plant", "DefectWorldTests", ["DefectWorld", "Ground"], settings: hot),
        tests(
            "Plant", "PlantWorldTests",
            ["PlantWorld", "PlantChip", "PlantPrinter", "PlantUSB", "PlantCamera", "Ground"]),
    ],
    swiftLanguageModes: [.v6],
    cxxLanguageStandard: .cxx17
)
