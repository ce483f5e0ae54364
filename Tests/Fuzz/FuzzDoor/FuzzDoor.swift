import Glibc
public import Ground

/// Where libFuzzer comes in. The first byte of an input chooses one of a program's doors, the rest goes through it.
public enum FuzzDoor {
    public typealias Opening = @Sendable (UInt8, Bytes) -> Void

    /// SAKK_FUZZ_DOORS: numbers with commas; every input goes through one of these.
    private static let only = (getenv("SAKK_FUZZ_DOORS").map { String(cString: $0) } ?? "").split(separator: ",")
        .compactMap { UInt8($0) }
    nonisolated(unsafe) fileprivate static var open: Opening = { (_, _) in }
    nonisolated(unsafe) fileprivate static var doors = 256

    /// Runs the fuzzer with a program's words: the package manager gives every program a main of its own name, and libFuzzer's
    /// would be `main`. `open` gets a number below `doors`.
    public static func run(
        _ count: CInt, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?, doors: Int,
        open: @escaping Opening
    ) -> CInt {
        (self.doors, self.open) = (doors, open)
        var (count, arguments) = (count, arguments)
        return runDriver(&count, &arguments, fuzzOneInput)
    }

    fileprivate static func choose(_ given: UInt8) -> UInt8 {
        let door = UInt8(Int(given) % doors)
        return only.isEmpty || only.contains(door) ? door : only[Int(given) % only.count]
    }
}

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    guard count > 1 else { return 0 }
    FuzzDoor.open(FuzzDoor.choose(start[0]), Bytes(UnsafeBufferPointer(start: start + 1, count: count - 1)))
    return 0
}

@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
    _ count: UnsafeMutablePointer<CInt>,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?>,
    _ door: @convention(c) (UnsafePointer<UInt8>, Int) -> CInt
) -> CInt
