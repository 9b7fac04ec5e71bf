import Glibc

/// Seconds of real time: what waits for the disk counts.
func seconds() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

/// Seconds of processor time of all threads.
func processorSeconds() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

/// Seconds that `body` takes.
func seconds(_ body: () throws -> Void) rethrows -> Double {
  let start = seconds()
  try body()
  return seconds() - start
}

/// The figure below which the given share of all lies.
func quantile(_ figures: [Double], _ share: Double) -> Double {
  let sorted = figures.sorted()
  guard !sorted.isEmpty else { return 0 }
  return sorted[min(sorted.count - 1, Int(Double(sorted.count) * share))]
}

/// Three significant digits.
func text(_ figure: Double) -> String {
  guard figure != 0 else { return "0" }
  var scale = 1.0
  while abs(figure) * scale < 100, scale < 1e9 { scale *= 10 }
  let rounded = (figure * scale).rounded() / scale
  return rounded == rounded.rounded() && abs(rounded) < 1e15 ? "\(Int64(rounded))" : "\(rounded)"
}

/// A field of /proc/self/status in MB.
func memory(_ field: String) -> Double {
  guard let file = fopen("/proc/self/status", "r") else { return 0 }
  defer { fclose(file) }
  var line = [CChar](repeating: 0, count: 256)
  while fgets(&line, 256, file) != nil {
    let words = String(
      decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self
    )
    .split { $0 == ":" || $0 == " " || $0 == "\t" || $0 == "\n" }
    if words.first == Substring(field), words.count > 1, let kilobytes = Double(words[1]) {
      return kilobytes / 1024
    }
  }
  return 0
}

/// A row of a Markdown table, at once.
func row(_ what: String, _ figure: String) {
  print("| \(what) | \(figure) |")
  fflush(nil)
}

func leave(_ message: String) -> Never {
  let line = "storebench: \(message)\n"
  _ = write(STDERR_FILENO, line, line.utf8.count)
  exit(1)
}
