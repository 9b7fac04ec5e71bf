#!/usr/bin/env bash
# Made the files beside it, with OpenSSH 9.2 and GnuPG 2.2.40, whose keys were thrown away. Each run
# makes new keys, so that all files change.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")"
work=$(mktemp -d)
trap 'gpgconf --homedir "$work" --kill all; rm -rf -- "$work"' EXIT
chmod 700 "$work"

# The public keys of RFC 8032, section 7.1, tests 1 and 2.
ada=25njqamcweflpvkl73j4szahhihoc4xt3ktcgjnpaingr5yhkena
bob=hvabpq7iioevvevxbktu2g36xsojqlgpf3cjndgazvk7ckxumyga
statement() { printf 'ipv8-tun: I am %s and my PermID is %s, as of %s\n' "$1" "$2" "$3"; }

# SSH.
for name in one two; do ssh-keygen -q -t ed25519 -N '' -C "$name@example" -f "$work/$name"; done
ssh-keygen -q -t rsa -b 2048 -N '' -C rsa@example -f "$work/rsa"
ssh_sign() { # KEY [OPTION…]: signs standard input
  local key=$1
  shift
  ssh-keygen -q -Y sign -n "${namespace:-ipv8-tun}" -f "$work/$key" "$@" 2>/dev/null
}
prove() { # ACCOUNT PERMID TIME KEY [OPTION…]
  statement "$1" "$2" "$3"
  statement "$1" "$2" "$3" | ssh_sign "${@:4}"
}
cut -d' ' -f1,2 "$work/one.pub" >octocat.keys
cut -d' ' -f1,2 "$work/rsa.pub" >>octocat.keys
{
  echo "# Keys that I fetched myself."
  echo "github:Hubber,mastodon:ada@example.org $(cat "$work/one.pub")"
  echo "mastodon:bob@example.org namespaces=\"git,ipv8-tun\" $(cat "$work/two.pub")"
  echo "mastodon:eve@example.org namespaces=\"git\" $(cat "$work/two.pub")"
} >allowed_signers
fingerprint=$(ssh-keygen -l -f "$work/one.pub" | cut -d' ' -f2)
{
  prove github:octocat "$ada" 2026-11-30T12:00:00Z one
  prove mastodon:bob@example.org "$bob" 2026-11-30T12:00:01Z two -O hashalg=sha256
  prove "ssh:$fingerprint" "$ada" 2026-11-30T12:00:02Z one
} >ssh.proofs
prove github:octocat "$bob" 2026-11-30T13:00:00Z two >ssh-other-key.proofs
prove github:octocat "$ada" 2026-11-30T13:00:00Z rsa >ssh-rsa.proofs
prove mastodon:eve@example.org "$bob" 2026-11-30T13:00:00Z two >ssh-eve.proofs
namespace=git prove github:octocat "$ada" 2026-11-30T13:00:00Z one >ssh-namespace.proofs

# OpenPGP.
export GNUPGHOME=$work
gpg=(gpg --batch --quiet --yes --no-tty --faked-system-time 20261101T000000! --passphrase ''
  --pinentry-mode loopback)
"${gpg[@]}" --quick-generate-key 'Plain <plain@example.org>' ed25519 default never
"${gpg[@]}" --quick-generate-key 'Subkey <subkey@example.org>' ed25519 cert never
"${gpg[@]}" --quick-generate-key 'Short <short@example.org>' ed25519 default 2d
"${gpg[@]}" --quick-generate-key 'Gone <gone@example.org>' ed25519 default never
name() { gpg --batch --with-colons --list-keys "$1" | awk -F: '$1 == "fpr" { print $10; exit }'; }
plain=$(name plain@) subkey=$(name subkey@) short=$(name short@) gone=$(name gone@)
"${gpg[@]}" --quick-add-key "$subkey" ed25519 sign never
"${gpg[@]}" --quick-add-key "$subkey" cv25519 encrypt never
gpg_sign() { # KEY FORM…: signs standard input
  "${gpg[@]}" --default-key "$1" "${@:2}"
}
clear() { statement "$1" "$2" "$3" | gpg_sign "$4" "${@:5}" --clear-sign; }
detached() { # ACCOUNT PERMID TIME KEY FORM…
  statement "$1" "$2" "$3"
  statement "$1" "$2" "$3" | gpg_sign "$4" --armor --detach-sign "${@:5}"
}
lower=${plain,,}
{
  clear github:octocat "$ada" 2026-11-30T12:00:00Z "$plain"
  detached github:gnu "$bob" 2026-11-30T12:00:01Z "$subkey"
  detached "openpgp4fpr:$lower" "$ada" 2026-11-30T12:00:02Z "$plain" --textmode
  clear mastodon:ada@example.org "$ada" 2026-11-30T12:00:03Z "$plain" --digest-algo SHA512
} >pgp.proofs
clear github:short "$ada" 2026-11-30T12:00:00Z "$short" >pgp-expired.proofs
clear github:gone "$ada" 2026-11-30T12:00:00Z "$gone" >pgp-revoked.proofs
clear github:octocat "$ada" 2026-11-30T12:00:00Z "$plain" --digest-algo SHA384 >pgp-sha384.proofs
"${gpg[@]}" --armor --export "$plain" >octocat.gpg
"${gpg[@]}" --armor --export "$gone" >gone.gpg
sed -e 's/^:\(-----BEGIN\)/\1/' "$work/openpgp-revocs.d/$gone.rev" | "${gpg[@]}" --import
"${gpg[@]}" --armor --export "$gone" >gone-revoked.gpg
{
  echo "github:gnu openpgp4fpr $subkey"
  echo "mastodon:ada@example.org openpgp4fpr $lower"
  echo "github:short openpgp4fpr $short"
  "${gpg[@]}" --armor --export "$subkey" "$short"
} >pgp.keys-file
