// swift-tools-version: 6.2
import PackageDescription

/// Every Swift target of the product: warnings are errors, unsafe constructs must say so.
let strict: [SwiftSetting] = [
  .treatAllWarnings(as: .error),
  .strictMemorySafety(),
  .enableExperimentalFeature("Lifetimes"),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

/// Tests: as above without strict memory safety, which the expansions of `#expect` do not pass.
let testing: [SwiftSetting] = [
  .treatAllWarnings(as: .error),
  .enableExperimentalFeature("Lifetimes"),
  .enableUpcomingFeature("ExistentialAny"),
]

// libipsec-mb exists for x86-64 only; elsewhere the shim reports itself absent.
#if arch(x86_64)
  let ipsecLinkage: [LinkerSetting] = [.linkedLibrary("IPSec_MB")]
#else
  let ipsecLinkage: [LinkerSetting] = []
#endif

// Packed relocations and no exported symbols: the daemon holds 3 MB less, most of it tables that
// only the start reads (docs/decisions/control-http.md). The default linker cannot pack them.
let releaseLinkage: [LinkerSetting] = [
  .unsafeFlags(
    [
      "-use-ld=lld", "-Xlinker", "--no-export-dynamic",
      "-Xlinker", "-z", "-Xlinker", "pack-relative-relocs",
    ], .when(configuration: .release))
]

let package = Package(
  name: "ipv8-tun",
  products: [
    .executable(name: "ipv8-tun", targets: ["ipv8-tun"])
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/LebJe/TOMLKit", from: "0.6.0"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
  ],
  targets: [
    .target(name: "CIPv8Linux"),
    .systemLibrary(name: "CSodium", pkgConfig: "libsodium", providers: [.apt(["libsodium-dev"])]),
    .systemLibrary(name: "CCap", pkgConfig: "libcap", providers: [.apt(["libcap-dev"])]),
    .target(name: "CIPSecMB", linkerSettings: ipsecLinkage),

    .target(name: "IPv8Wire", swiftSettings: strict),
    .target(
      name: "IPv8Crypto", dependencies: ["IPv8Wire", "CSodium", "CIPSecMB"], swiftSettings: strict),
    .target(name: "P2TP", dependencies: ["IPv8Wire", "IPv8Crypto"], swiftSettings: strict),
    .target(name: "IPv8Trust", dependencies: ["IPv8Wire"], swiftSettings: strict),
    .target(name: "IPv8Records", dependencies: ["IPv8Wire", "IPv8Crypto"], swiftSettings: strict),
    .target(name: "IPv8Sync", dependencies: ["IPv8Wire", "IPv8Crypto"], swiftSettings: strict),
    .target(name: "IPv8Social", dependencies: ["IPv8Wire", "IPv8Crypto"], swiftSettings: strict),
    .target(
      name: "IPv8Directory",
      dependencies: ["IPv8Wire", "IPv8Crypto", "IPv8Records", "IPv8Sync", "IPv8Trust"],
      swiftSettings: strict),
    .target(
      name: "IPv8Traversal", dependencies: ["IPv8Wire", "IPv8Crypto"], swiftSettings: strict),
    .target(
      name: "IPv8DataPlane", dependencies: ["IPv8Wire", "IPv8Crypto", "P2TP"],
      swiftSettings: strict),
    .target(
      name: "IPv8Node",
      dependencies: ["IPv8Wire", "IPv8Crypto", "P2TP", "IPv8Records", "IPv8Traversal"],
      swiftSettings: strict),
    .target(
      name: "IPv8Platform", dependencies: ["IPv8Wire", "CIPv8Linux", "CCap"],
      swiftSettings: strict),
    .target(
      name: "IPv8Store",
      dependencies: [
        "IPv8Wire", "IPv8Crypto", "IPv8Records", .product(name: "GRDB", package: "GRDB.swift"),
      ], swiftSettings: strict),
    .target(
      name: "IPv8Control",
      dependencies: [
        "IPv8Wire",
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"),
      ],
      swiftSettings: strict),
    .target(
      name: "IPv8Streams",
      dependencies: [
        "IPv8Wire", "IPv8Crypto", "IPv8Traversal", "IPv8Platform",
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "NIOTLS", package: "swift-nio"),
        .product(name: "NIOSSL", package: "swift-nio-ssl"),
      ],
      swiftSettings: strict),
    .target(
      name: "IPv8Daemon",
      dependencies: [
        "IPv8Wire", "IPv8Crypto", "P2TP", "IPv8Records", "IPv8Traversal", "IPv8DataPlane",
        "IPv8Node", "IPv8Directory", "IPv8Platform", "IPv8Store", "IPv8Control", "IPv8Streams",
        "IPv8Social",
        .product(name: "Logging", package: "swift-log"),
        .product(name: "TOMLKit", package: "TOMLKit"),
      ], swiftSettings: strict),
    .executableTarget(
      name: "ipv8-tun",
      dependencies: [
        "IPv8Daemon", "IPv8Control", "IPv8Social", "IPv8Wire",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ], swiftSettings: strict, linkerSettings: releaseLinkage),
    .executableTarget(
      name: "PlatformProbe", dependencies: ["IPv8Platform"], path: "Tests/PlatformProbe",
      swiftSettings: testing),
    .target(
      name: "TestVectors", dependencies: ["IPv8Wire"], path: "Tests/Vectors",
      exclude: ["README.md", "data", "frozen.py"], swiftSettings: testing),
    .target(name: "AllocationCount", path: "Tests/AllocationCount"),
    .target(
      name: "PacketOracle", dependencies: ["IPv8Wire"], path: "Tests/PacketOracle",
      swiftSettings: testing),
    .target(
      name: "PacketWorkloads",
      dependencies: ["IPv8DataPlane", "P2TP", "IPv8Crypto", "IPv8Wire", "CSodium"],
      path: "Tests/Benchmarks/Workloads", swiftSettings: testing),
    .executableTarget(
      name: "microbench", dependencies: ["PacketWorkloads", "AllocationCount"],
      path: "Tests/Benchmarks/Runner", swiftSettings: testing),
    .target(
      name: "TrustScenarios", dependencies: ["IPv8Trust", "IPv8Wire"],
      path: "Tests/TrustScenarios", swiftSettings: testing),
    .target(
      name: "BenchmarkTables", path: "Tests/Benchmarks/Tables", swiftSettings: testing),
    .executableTarget(
      name: "trustbench",
      dependencies: ["TrustScenarios", "BenchmarkTables", "IPv8Trust", "IPv8Wire"],
      path: "Tests/Benchmarks/Trust", swiftSettings: testing),
    .executableTarget(
      name: "storebench",
      dependencies: ["IPv8Store", "IPv8Directory", "IPv8Records", "IPv8Crypto", "IPv8Wire"],
      path: "Tests/Benchmarks/Store", swiftSettings: testing),
    .executableTarget(
      name: "population",
      dependencies: [
        "IPv8Directory", "IPv8Records", "IPv8Sync", "IPv8Trust", "IPv8Crypto", "IPv8Wire",
        "DirectorySimulator", "SyncSimulator", "TrustScenarios", "BenchmarkTables",
      ],
      path: "Tests/Benchmarks/Population", swiftSettings: testing),
    .executableTarget(
      name: "flood",
      dependencies: [
        "P2TP", "IPv8Directory", "IPv8Records", "IPv8Sync", "IPv8Platform", "IPv8Crypto", "IPv8Wire",
        "DirectorySimulator",
      ],
      path: "Tests/Benchmarks/Flood", swiftSettings: testing),
    .testTarget(
      name: "PacketWorkloadTests", dependencies: ["PacketWorkloads", "AllocationCount"],
      path: "Tests/Benchmarks/Allocations", swiftSettings: testing),
    .testTarget(
      name: "IPv8WireTests", dependencies: ["IPv8Wire", "TestVectors"], swiftSettings: testing),
    .testTarget(
      name: "IPv8CryptoTests",
      dependencies: ["IPv8Crypto", "IPv8Wire", "CSodium", "CIPSecMB", "TestVectors"],
      swiftSettings: testing),
    .testTarget(
      name: "IPv8RecordsTests",
      dependencies: ["IPv8Records", "IPv8Crypto", "IPv8Wire", "TestVectors"],
      swiftSettings: testing),
    .target(
      name: "SyncSimulator", dependencies: ["IPv8Sync", "IPv8Wire"], path: "Tests/SyncSimulator",
      swiftSettings: testing),
    .testTarget(
      name: "IPv8SyncTests",
      dependencies: ["IPv8Sync", "SyncSimulator", "IPv8Crypto", "IPv8Wire", "TestVectors"],
      swiftSettings: testing),
    .target(
      name: "DirectorySimulator",
      dependencies: ["IPv8Directory", "IPv8Records", "IPv8Crypto", "IPv8Wire"],
      path: "Tests/DirectorySimulator", swiftSettings: testing),
    .testTarget(
      name: "IPv8DirectoryTests",
      dependencies: [
        "IPv8Directory", "DirectorySimulator", "IPv8Records", "IPv8Sync", "IPv8Trust",
        "IPv8Crypto", "IPv8Wire",
      ], swiftSettings: testing),
    .executableTarget(
      name: "sync-bench", dependencies: ["IPv8Sync", "SyncSimulator", "IPv8Crypto", "IPv8Wire"],
      path: "Tests/Benchmarks/Sync", swiftSettings: testing),
    .testTarget(
      name: "IPv8SocialTests",
      dependencies: ["IPv8Social", "IPv8Crypto", "IPv8Wire", "TestVectors"],
      exclude: ["Data"], swiftSettings: testing),
    .testTarget(
      name: "IPv8TrustTests",
      dependencies: ["IPv8Trust", "TrustScenarios", "IPv8Wire", "TestVectors"],
      swiftSettings: testing),
    .testTarget(
      name: "IPv8TraversalTests",
      dependencies: ["IPv8Traversal", "IPv8Simulator", "IPv8Crypto", "IPv8Wire", "TestVectors"],
      swiftSettings: testing),
    .testTarget(
      name: "IPv8DataPlaneTests",
      dependencies: [
        "IPv8DataPlane", "IPv8Simulator", "IPv8Crypto", "P2TP", "IPv8Wire", "TestVectors",
        "AllocationCount", "PacketOracle",
      ],
      swiftSettings: testing),
    .target(
      name: "IPv8Simulator",
      dependencies: ["IPv8Node", "IPv8DataPlane", "P2TP", "IPv8Crypto", "IPv8Wire"],
      path: "Tests/IPv8Simulator", swiftSettings: testing),
    .testTarget(
      name: "SimulationTests",
      dependencies: [
        "IPv8Simulator", "IPv8Node", "IPv8Traversal", "IPv8DataPlane", "P2TP", "IPv8Crypto",
        "IPv8Wire", "TestVectors",
      ], swiftSettings: testing),
    .testTarget(
      name: "P2TPTests", dependencies: ["P2TP", "IPv8Crypto", "IPv8Wire"], swiftSettings: testing),
    .testTarget(
      name: "IPv8NodeTests",
      dependencies: [
        "IPv8Node", "IPv8Simulator", "IPv8Traversal", "P2TP", "IPv8Records", "IPv8Crypto",
        "IPv8Wire", "TestVectors",
      ],
      swiftSettings: testing),
    .target(
      name: "FuzzTargets",
      dependencies: [
        "IPv8Daemon", "IPv8Control", "IPv8Crypto", "IPv8DataPlane", "IPv8Directory", "IPv8Platform",
        "IPv8Records", "IPv8Social", "IPv8Sync", "IPv8Traversal", "IPv8Wire", "SyncSimulator",
        "DirectorySimulator",
      ], path: "Tests/FuzzTargets/Parsers", swiftSettings: testing),
    .testTarget(
      name: "FuzzReplayTests", dependencies: ["FuzzTargets", "TestVectors"],
      path: "Tests/FuzzTargets/Replay", swiftSettings: testing),
    .testTarget(
      name: "IPv8PlatformTests", dependencies: ["IPv8Platform", "IPv8Wire", "PlatformProbe"],
      swiftSettings: testing),
    .testTarget(
      name: "IPv8StoreTests",
      dependencies: [
        "IPv8Store", "IPv8Records", "IPv8Crypto", "IPv8Wire",
        .product(name: "GRDB", package: "GRDB.swift"),
      ], swiftSettings: testing),
    .testTarget(
      name: "IPv8ControlTests", dependencies: ["IPv8Control", "IPv8Wire"], swiftSettings: testing),
    .testTarget(
      name: "IPv8StreamsTests",
      dependencies: [
        "IPv8Streams", "IPv8Crypto", "IPv8Platform", "IPv8Wire",
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOEmbedded", package: "swift-nio"),
      ], swiftSettings: testing),
    .testTarget(
      name: "IPv8DaemonTests",
      dependencies: [
        "IPv8Daemon", "IPv8Control", "IPv8Crypto", "IPv8DataPlane", "IPv8Platform", "IPv8Simulator",
        "IPv8Store", "IPv8Wire", "P2TP",
      ],
      swiftSettings: testing),
    .testTarget(
      name: "CommandLineTests", dependencies: ["ipv8-tun", "IPv8Control"], swiftSettings: testing),
    .executableTarget(
      name: "better-peer", path: "docs/examples/better-peer", swiftSettings: testing),
    // Depends on the programs so that what is under test is built with the tests.
    .testTarget(
      name: "SystemTests", dependencies: ["ipv8-tun", "better-peer", "flood", "IPv8Wire", "PacketOracle"],
      swiftSettings: testing),
  ],
  cLanguageStandard: .gnu11
)

// The driver needs libFuzzer, which only scripts/fuzz links.
if Context.environment["IPV8_FUZZ"] != nil {
  package.targets.append(
    .executableTarget(
      name: "fuzz", dependencies: ["FuzzTargets"], path: "Tests/FuzzTargets/Runner",
      // The default linker fails on libFuzzer's second main.
      swiftSettings: testing, linkerSettings: [.unsafeFlags(["-use-ld=lld"])]))
}
