#!/bin/sh
# Makes the files beside it: an authority, and a certificate of it that has expired. Both keys are for tests only.
set -eu
cd "$(dirname "$0")"
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$tmp/ca.key" -out ca.crt -days 36500 \
  -subj "/CN=Sluice test authority" -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign
openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout expired.key -out "$tmp/expired.csr" -subj /CN=localhost
mkdir "$tmp/ca" && touch "$tmp/ca/index" && echo 01 > "$tmp/ca/serial"
cat > "$tmp/ca.cnf" <<END
[ca]
default_ca = test
[test]
database = $tmp/ca/index
serial = $tmp/ca/serial
new_certs_dir = $tmp/ca
default_md = sha256
policy = any
x509_extensions = leaf
[any]
commonName = supplied
[leaf]
subjectAltName = DNS:localhost
END
openssl ca -batch -config "$tmp/ca.cnf" -cert ca.crt -keyfile "$tmp/ca.key" -in "$tmp/expired.csr" -notext \
  -startdate 20200101000000Z -enddate 20200201000000Z -out expired.crt
