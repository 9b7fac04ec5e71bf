import IPv8Platform

/// What moves packets: a control thread that decides, and a lane of two threads that work. They end
/// when the engine's inbox is told to stop.
struct Engine: ~Copyable {
  private let control: NamedThread
  private let transmit: NamedThread
  private let receive: NamedThread

  /// Starts the threads, which own their loops from now on.
  init(
    control: consuming sending ControlLoop, transmit: consuming sending TransmitLoop,
    receive: consuming sending ReceiveLoop
  ) throws(SystemError) {
    let receiveThread = try NamedThread(name: "rx-0", state: receive) {
      var loop = $0
      loop.run()
    }
    let transmitThread = try NamedThread(name: "tx-0", state: transmit) {
      var loop = $0
      loop.run()
    }
    let controlThread = try NamedThread(name: "control", state: control) {
      var loop = $0
      loop.run()
    }
    self.receive = receiveThread
    self.transmit = transmitThread
    self.control = controlThread
  }

  /// Waits for all of them to end.
  consuming func join() {
    control.join()
    transmit.join()
    receive.join()
  }
}
