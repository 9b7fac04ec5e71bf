import IPv8Wire

/// What happens when, the earliest first, of equal times in the order in which they were put in.
struct EventQueue<Event> {
  private struct Entry {
    let time: Timestamp
    let order: UInt64
    let event: Event

    func precedes(_ other: Entry) -> Bool {
      time != other.time ? time < other.time : order < other.order
    }
  }

  private var heap: [Entry] = []
  private var order: UInt64 = 0

  var next: Timestamp? { heap.first?.time }
  var count: Int { heap.count }

  mutating func push(_ event: Event, at time: Timestamp) {
    order += 1
    heap.append(Entry(time: time, order: order, event: event))
    var place = heap.count - 1
    while place > 0, heap[place].precedes(heap[(place - 1) / 2]) {
      heap.swapAt(place, (place - 1) / 2)
      place = (place - 1) / 2
    }
  }

  mutating func pop() -> Event? {
    guard let first = heap.first, let last = heap.popLast() else { return nil }
    guard !heap.isEmpty else { return first.event }
    heap[0] = last
    var place = 0
    while true {
      var least = place
      for child in [2 * place + 1, 2 * place + 2]
      where child < heap.count && heap[child].precedes(heap[least]) {
        least = child
      }
      guard least != place else { return first.event }
      heap.swapAt(place, least)
      place = least
    }
  }
}
