# A package of ledger, PostgreSQL client, line and simulation with their tests alone: sourced, never run. What builds them in
# another way (with a sanitizer, with planted bugs) does not build the rest of the plant.
# shellcheck shell=bash
#
#   line_package DIR ROOT    writes DIR/Package.swift over ROOT/Sources and ROOT/Tests

line_package() {
    mkdir -p "$1"
    ln -sfn "$2/Sources" "$1/Sources"
    ln -sfn "$2/Tests" "$1/Tests"
    cp Package.resolved "$1/" 2>/dev/null || true
    cat >"$1/Package.swift" <<'SWIFT'
// swift-tools-version: 6.2
import PackageDescription
let house: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"), .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
]
let grdb: Target.Dependency = .product(name: "GRDB", package: "GRDB.swift")
func library(_ path: String, _ uses: [Target.Dependency]) -> Target {
    .target(
        name: String(path.split(separator: "/").last!), dependencies: uses, path: "Sources/\(path)",
        exclude: ["README.md"], swiftSettings: house)
}
func tests(_ path: String, _ uses: [Target.Dependency]) -> Target {
    .testTarget(
        name: String(path.split(separator: "/").last!), dependencies: uses + ["Ground"], path: "Tests/\(path)",
        swiftSettings: house)
}
let package = Package(
    name: "line",
    dependencies: [.package(url: "https://github.com/groue/GRDB.swift.git", from: "7.10.0")],
    targets: [
        .systemLibrary(name: "COpenSSL", path: "Sources/Bindings/COpenSSL", pkgConfig: "libcrypto"),
        .systemLibrary(name: "CPKCS11", path: "Sources/Bindings/CPKCS11", pkgConfig: "p11-kit-1"),
        .systemLibrary(name: "CPostgres", path: "Sources/Bindings/CPostgres", pkgConfig: "libpq"),
        .target(
            name: "CCrashDisk", path: "Sources/Bindings/CCrashDisk", exclude: ["README.md"],
            linkerSettings: [.linkedLibrary("sqlite3")]),
        .target(
            name: "CStack", path: "Sources/Bindings/CStack", exclude: ["README.md"],
            cSettings: [.define("SAKK_FOREIGN_STACK")]),
        library("Ground", ["CStack"]), library("Stations", ["Ground"]), library("Keys/OpenSSLCrypto", ["Ground", "COpenSSL"]),
        library("Keys/KeyVault", ["Ground", "Stations", "OpenSSLCrypto", "CPKCS11"]),
        library("Production/PostgresClient", ["Ground", "CPostgres"]),
        library("Production/Ledger", ["Ground", "Stations", "OpenSSLCrypto", "PostgresClient", grdb]),
        library("Production/Line", ["Ground", "Stations", "Ledger"]),
        library(
            "Production/Simulation",
            ["Ground", "Stations", "Ledger", "Line", "PostgresClient", "OpenSSLCrypto", "CCrashDisk", grdb]),
        .target(
            name: "PostgresRig", dependencies: ["PostgresClient"], path: "Tests/Production/PostgresRig",
            exclude: ["README.md"], swiftSettings: house),
        tests("Production/PostgresClientTests", ["PostgresClient", "PostgresRig"]),
        tests(
            "Production/LedgerTests",
            ["Ledger", "PostgresClient", "PostgresRig", "KeyVault", "OpenSSLCrypto", "Stations", "CCrashDisk", grdb]),
        tests(
            "Production/LineTests", ["Line", "Ledger", "KeyVault", "OpenSSLCrypto", "Stations", "CCrashDisk", grdb]),
        tests("Production/SimulationTests", ["Simulation"]),
    ],
    swiftLanguageModes: [.v6])
SWIFT
}
