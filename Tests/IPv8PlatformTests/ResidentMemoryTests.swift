import Testing

@testable import IPv8Platform

@Suite("Resident memory")
struct ResidentMemoryTests {
  @Test("only code mapped from files counts as code")
  func lines() {
    let file = "/usr/lib/x86_64-linux-gnu/libc.so.6"
    #expect(
      ResidentMemory.codeRange("7f00aa000000-7f00aa010000 r-xp 00026000 fe:00 123   \(file)")
        == 0x7f00_aa00_0000..<0x7f00_aa01_0000)
    for other in [
      "7f00aa000000-7f00aa010000 r--p 00026000 fe:00 123 \(file)",
      "7f00aa000000-7f00aa010000 rwxp 00026000 fe:00 123 \(file)",
      "7ffd3b1fe000-7ffd3b200000 r-xp 00000000 00:00 0 [vdso]",
      "7f00aa000000-7f00aa010000 r-xp 00000000 00:00 0", "7f00aa010000-7f00aa000000 r-xp 0 0 0 /a",
      "g-h r-xp 0 0 0 /a", "",
    ] { #expect(ResidentMemory.codeRange(other) == nil, "\(other)") }
  }

  @Test("the program goes on after its code was given back")
  func goesOn() {
    ResidentMemory.releaseCode()
    #expect(ResidentMemory.codeRange("1000-2000 r-xp 0 0 0 /a") == 0x1000..<0x2000)
  }
}
