// swift-tools-version: 6.2
import Foundation
import PackageDescription

// A package of its own, built by scripts/fuzz.sh in a folder that has links to Sources and Tests: every module under test
// instrumented, nothing else built.
let planted = ProcessInfo.processInfo.environment["SAKK_FUZZ_PLANTED"] == "1"
let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"), .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .unsafeFlags(["-sanitize=fuzzer,address", "-O", "-enable-testing"]),
]

func library(_ path: String, _ uses: [Target.Dependency]) -> Target {
    .target(
        name: String(path.split(separator: "/").last!), dependencies: uses, path: path, exclude: ["README.md"],
        swiftSettings: settings)
}

func system(_ name: String, _ pkgConfig: String?) -> Target {
    .systemLibrary(name: name, path: "Sources/Bindings/\(name)", pkgConfig: pkgConfig)
}

func fuzz(_ name: String, _ uses: [Target.Dependency]) -> Target {
    .executableTarget(
        name: name, dependencies: uses + ["FuzzDoor", "Ground"], path: "Tests/Fuzz/\(name)", exclude: ["README.md"],
        swiftSettings: settings + [.unsafeFlags(["-parse-as-library"])] + (planted ? [.define("PLANTED_BUG")] : []),
        linkerSettings: [.unsafeFlags(["-sanitize=fuzzer,address"])])
}

let package = Package(
    name: "fuzz",
    targets: [
        system("CPCSC", "libpcsclite"), system("COpenSSL", "libcrypto"), system("CUSB", "libusb-1.0"),
        system("CPangoCairo", "pangocairo"), system("CRSVG", "librsvg-2.0"), system("CQREncode", "libqrencode"),
        system("CZint", nil),
        .target(
            name: "CImage", path: "Sources/Bindings/CImage", exclude: ["README.md"],
            cSettings: [.unsafeFlags(["-O2", "-I/usr/include/openjpeg-2.5"])],
            linkerSettings: [.linkedLibrary("jpeg"), .linkedLibrary("openjp2"), .linkedLibrary("png16")]),
        .target(name: "CTextLock", path: "Sources/Bindings/CTextLock", exclude: ["README.md"]),
        .target(
            name: "CStack", path: "Sources/Bindings/CStack", exclude: ["README.md"],
            cSettings: [.define("SAKK_FOREIGN_STACK")]),
        library("Sources/Ground", ["CStack"]), library("Sources/Stations", ["Ground"]),
        library("Sources/Keys/OpenSSLCrypto", ["Ground", "COpenSSL"]),
        library("Sources/Chip/SmartCard", ["Ground", "CPCSC"]), library("Sources/Chip/LDS", ["Ground"]),
        library("Sources/Chip/BorderReader", ["Ground", "LDS", "SmartCard", "OpenSSLCrypto"]),
        library("Sources/Chip/GlobalPlatform", ["Ground", "SmartCard", "OpenSSLCrypto"]),
        library("Sources/Machines/USBTransport", ["Ground", "CUSB"]),
        library("Sources/Machines/Printers", ["Ground", "Stations", "USBTransport"]),
        library("Sources/Picture/Pixels", ["Ground", "CImage"]),
        library(
            "Sources/Picture/Artwork",
            ["Ground", "Stations", "Pixels", "CPangoCairo", "CTextLock", "CRSVG", "CQREncode", "CZint"]),
        library("Tests/Fuzz/FuzzDoor", ["Ground"]),
        fuzz("BorderFuzz", ["OpenSSLCrypto", "SmartCard", "BorderReader", "GlobalPlatform"]),
        fuzz("PrinterFuzz", ["Stations", "USBTransport", "Printers"]),
        fuzz("TemplateFuzz", ["Stations", "Artwork"]),
    ],
    swiftLanguageModes: [.v6])
