import IPv8Control

extension PathQualityReport {
  var text: String {
    var table = Table()
    table.add("peer", name.isEmpty ? permID : "\(name), \(permID)")
    table.add("address", [address6, address4].compactMap { $0 }.joined(separator: ", "))
    table.add("session", state.rawValue)
    table.add("path", path.text)
    table.add("round trip", rtt?.text ?? "-")
    table.add("to the peer", toPeer.text)
    table.add("from the peer", fromPeer.text)
    table.add(
      "heard", lastHeardMicroseconds.map { "\(Units.age(microseconds: $0)) ago" } ?? "never")
    table.add("MTU", mtu.text)
    if let rate { table.add("rate", rate.text) }
    if let queue { table.add("queue", queue.text) }
    for way in otherWays { table.add("another way", way.text) }
    return table.text
  }
}

extension RoundTripReport {
  /// `3.217 ms, variation 0.300 ms, smallest 2.900 ms, last 3.100 ms`
  fileprivate var text: String {
    let values = [
      ("", smoothedMicroseconds), ("variation ", variationMicroseconds),
      ("smallest ", minimumMicroseconds), ("last ", latestMicroseconds),
    ]
    return values.map { $0.0 + Units.milliseconds(fromMicroseconds: $0.1) }.joined(separator: ", ")
  }
}

extension TrafficReport {
  /// `1.2 Mbit/s, 3.4 MB in all; 0.5 % lost lately, 0.1 % of 3000 in all`
  fileprivate var text: String {
    let traffic = "\(Units.rate(bitsPerSecond)), \(Units.bytes(bytes)) in all"
    guard let lossRatio else { return traffic + "; losses not known" }
    let lately = recentLossRatio.map { "\(Units.percent($0)) lost lately, " } ?? ""
    let records = arrivedRecords + lostRecords
    return traffic + "; \(lately)\(Units.percent(lossRatio)) of \(records) lost in all"
  }
}

extension MTUReport {
  fileprivate var text: String {
    "\(interfaceBytes) bytes" + (pathBytes.map { ", by this path \($0)" } ?? "")
  }
}

extension RateQualityReport {
  fileprivate var text: String {
    let rates = [
      ("arrives", deliveryBitsPerSecond), ("paced at", pacingBitsPerSecond),
      ("available", availableBitsPerSecond),
    ].compactMap { name, rate in rate.map { "\(name) \(Units.rate($0))" } }
    let window =
      "\(Units.bytes(inFlightBytes)) of \(Units.bytes(congestionWindowBytes)) under way"
    return (rates + [window]).joined(separator: ", ")
  }
}

extension QueueReport {
  fileprivate var text: String {
    "\(packets) packets, \(Units.bytes(bytes))"
      + (delayMicroseconds.map { ", \(Units.milliseconds(fromMicroseconds: $0))" } ?? "")
  }
}

extension WayReport {
  /// `relayed via cleo, 12.300 ms, 34 s ago`
  fileprivate var text: String {
    let roundTrip = path.rttMicroseconds.map(Units.milliseconds)
    let age = "\(Units.age(microseconds: ageMicroseconds)) ago"
    return [path.text, roundTrip, age].compactMap { $0 }.joined(separator: ", ")
  }
}
