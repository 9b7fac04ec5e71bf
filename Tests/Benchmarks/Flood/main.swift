// A hostile peer; scripts/flood-records builds it and sets it on daemons.

let usage = """
  usage: flood name --number N
         flood peer --number N --peer PERMID --at ADDRESS:PORT [--fault NAME]… [--rate N] [--seconds N]
                    [--stock N]
         flood table [--records N] [--fault NAME]…
    name            prints the PermID of the hostile peer with that number
    peer            floods one daemon, and prints what it sent as JSON
    table           offers so many wrong records to a directory in this process; a row of Markdown
    --fault NAME    forged, newer, skewed, expired, malformed, contradictory; all unless told; or padding:
                    the same frames without anything in them
    --rate N        frames a second that nobody asked for; 1000 unless told
    --seconds N     10 unless told
    --stock N       records of each fault that the daemon can fetch; 2000 unless told
    --records N     1000000 unless told
  """

let options = Options(CommandLine.arguments.dropFirst(), usage: usage)
switch options.command {
case "name": print(options.identity.permID)
case "peer": options.attack()
case "table": TableFlood(faults: options.faults).run(options.number("--records", 1_000_000))
default: leave(usage)
}
