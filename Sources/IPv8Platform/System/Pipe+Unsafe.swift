import CIPv8Linux

/// A pipe's two ends.
struct Pipe: ~Copyable {
  let reading: FileDescriptor
  let writing: FileDescriptor

  init() throws(SystemError) {
    var ends: [Int32] = [-1, -1]
    // Sound: exactly two descriptors are stored.
    try checked(.pipe, unsafe cipv8_pipe(&ends))
    reading = FileDescriptor(owning: ends[0])
    writing = FileDescriptor(owning: ends[1])
  }
}
