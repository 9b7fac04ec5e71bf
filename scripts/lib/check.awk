# The rules that scripts/check holds every source file to. One line per finding.
#
# Reads Swift, C and shell files; the first file is the list of allowances
# (scripts/check-allowances). POSIX awk only: Debian's default is mawk.

BEGIN {
  max_file_lines = 300
  max_function_lines = 60

  # The import table of docs/ARCHITECTURE.md. "host" stands for the modules of the system.
  host = "Foundation Glibc Dispatch Synchronization"
  may["IPv8Wire"] = ""
  may["IPv8Crypto"] = "IPv8Wire CSodium CIPSecMB"
  may["P2TP"] = "IPv8Wire IPv8Crypto"
  may["IPv8Records"] = "IPv8Wire IPv8Crypto"
  may["IPv8Trust"] = "IPv8Wire"
  may["IPv8Sync"] = "IPv8Wire IPv8Crypto"
  may["IPv8Directory"] = "IPv8Wire IPv8Crypto IPv8Records IPv8Sync IPv8Trust"
  may["IPv8Social"] = "IPv8Wire IPv8Crypto"
  may["IPv8Traversal"] = "IPv8Wire IPv8Crypto"
  may["IPv8DataPlane"] = "IPv8Wire IPv8Crypto P2TP"
  may["IPv8Node"] = "IPv8Wire IPv8Crypto P2TP IPv8Records IPv8Traversal"
  may["IPv8Platform"] = "IPv8Wire CIPv8Linux CCap " host
  may["IPv8Store"] = "IPv8Wire IPv8Crypto IPv8Records GRDB " host
  may["IPv8Control"] = "IPv8Wire NIOCore NIOPosix NIOHTTP1 FoundationEssentials Glibc"
  may["IPv8Streams"] = "IPv8Wire IPv8Crypto IPv8Traversal IPv8Platform" \
    " NIOCore NIOPosix NIOTLS NIOSSL Glibc Synchronization"
  may["IPv8Daemon"] = "IPv8Wire IPv8Crypto P2TP IPv8Records IPv8Traversal IPv8DataPlane" \
    " IPv8Node IPv8Platform IPv8Store IPv8Control IPv8Streams IPv8Directory IPv8Social Logging TOMLKit " host
  may["ipv8-tun"] = "IPv8Daemon IPv8Control IPv8Social IPv8Wire ArgumentParser " host

  split("IPv8Wire IPv8Crypto P2TP IPv8Records IPv8Sync IPv8Social IPv8Trust IPv8Directory IPv8Traversal IPv8DataPlane IPv8Node", names, " ")
  for (i in names) pure[names[i]] = 1

  # Where a file named *+Unsafe.swift may stand.
  unsafe_home = "^Sources/(IPv8Wire/Bytes|IPv8Crypto|IPv8Platform|IPv8DataPlane)/.*\\+Unsafe\\.swift$"
}

function report(line, reason) { print FILENAME ":" line ": " reason }

function allowed(rule, limit) {
  return (rule, FILENAME) in allowance && allowance[rule, FILENAME] >= limit
}

# The line without its comments and the contents of its string literals.
function code_of(text,    out, i, two) {
  out = ""
  for (i = 1; i <= length(text); i++) {
    two = substr(text, i, 2)
    if (in_comment) { if (two == "*/") { in_comment = 0; i++ } continue }
    if (in_text) {
      if (substr(text, i, 3) == "\"\"\"") { in_text = 0; i += 2 }
      continue
    }
    if (two == "//") break
    if (two == "/*") { in_comment = 1; i++; continue }
    if (substr(text, i, 3) == "\"\"\"") { in_text = 1; i += 2; continue }
    if (substr(text, i, 1) == "\"") {
      for (i++; i <= length(text) && substr(text, i, 1) != "\""; i++)
        if (substr(text, i, 1) == "\\") i++
      out = out "\"\""
      continue
    }
    out = out substr(text, i, 1)
  }
  return out
}

function finish_file() {
  if (path == "") return
  if (lines > max_file_lines && !((("length", path) in allowance) && \
      allowance["length", path] >= lines))
    print path ":" lines ": file has " lines " lines, the limit is " max_file_lines
}

# Allowances: RULE PATH [LIMIT]  # reason
FILENAME ~ /check-allowances$/ {
  if ($1 != "" && $1 !~ /^#/) allowance[$1, $2] = ($3 ~ /^[0-9]+$/) ? $3 : 1
  next
}

FNR == 1 {
  finish_file()
  path = FILENAME
  in_comment = in_text = depth = 0
  is_swift = FILENAME ~ /\.swift$/
  is_source = FILENAME ~ /^Sources\//
  target = ""
  if (FILENAME ~ /^(Sources|Tests)\//) { split(FILENAME, parts, "/"); target = parts[2] }
  is_pure = is_source && (target in pure)
  if (is_source && is_swift && !(target in may))
    report(1, "target " target " is not in the import table of scripts/lib/check.awk")
  if (is_source && FILENAME ~ /Unsafe\.swift$/ && FILENAME !~ unsafe_home && !allowed("unsafe", 1))
    report(1, "unsafe code has no home in this target")
}

{
  lines = FNR
  if (FILENAME !~ /check\.awk$|scripts\/check$/ && /TODO|FIXME/)
    report(FNR, "unfinished work: do it, or open an issue")
}

!is_swift { next }

{ code = code_of($0) }

is_source && code ~ /^[ \t]*([@a-z_]+[ \t]+)*import[ \t]/ {
  sub(/^.*import[ \t]+((struct|class|enum|protocol|func|var|let|typealias)[ \t]+)?/, "", code)
  sub(/[. \t].*$/, "", code)
  if (index(" " may[target] " ", " " code " ") == 0)
    report(FNR, target " may not import " code)
  next
}

is_source && code ~ /[Uu]nsafe|@unchecked|@_silgen_name/ {
  if (FILENAME !~ unsafe_home && !allowed("unsafe", 1))
    report(FNR, "unsafe construct outside a *+Unsafe.swift of Wire/Bytes, Crypto, Platform or DataPlane")
}

is_source && code ~ /(^|[^A-Za-z0-9_])(try!|as!|fatalError)/ {
  report(FNR, "a way to trap: throw a typed error, or state the invariant with precondition")
}

is_pure && code ~ /(Continuous|Suspending)Clock|SystemRandomNumberGenerator|randomElement\(\)|shuffled\(\)|(^|[^A-Za-z0-9_])(async|await|actor|Task|print)[ .({]/ {
  report(FNR, "a pure target knows no time, chance, tasks or output")
}

code ~ /(struct|class|enum|actor|protocol)[ \t]+[A-Za-z0-9_]*(Manager|Helper|Util|Utils|Info)([^A-Za-z0-9_]|$)/ {
  report(FNR, "a name that says nothing: use a noun of the field")
}

# A function runs from its declaration to the closing brace at the same indentation, which
# swift-format guarantees; a declaration without a body ends where the next line is not deeper.
{
  match($0, /^ */)
  indent = RLENGTH
  if (depth > 0 && $0 !~ /^[ \t]*$/ && indent <= column[depth]) {
    if (opened[depth] && $0 ~ /^ *}/) {
      length_now = FNR - start[depth] + 1
      if (length_now > max_function_lines && !allowed("function", length_now))
        report(start[depth], "function of " length_now " lines, the limit is " max_function_lines)
      depth--
    } else if (!opened[depth] && $0 !~ /^ *[)>{}]/) {
      depth--
    }
  }
  if (code ~ /^[ ]*([@a-z_]+(\([a-z_:, ]*\))?[ ]+)*(func[ ]|init[?(<]|deinit[ ]|subscript[ (<])/ && code !~ /}[ ]*$/) {
    depth++
    start[depth] = FNR
    column[depth] = indent
    opened[depth] = 0
  }
  if (depth > 0 && code ~ /{[ ]*$/) opened[depth] = 1
}

END { finish_file() }
