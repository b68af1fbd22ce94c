#!/bin/sh
# Makes the keys and certificates in this directory, which are for tests and protect nothing.
set -eu
cd "$(dirname "$0")"
days=36500
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

# One key per format, each with a certificate of its own.
openssl ecparam -name prime256v1 -genkey -out ec-sec1.key            # EC PARAMETERS, then EC PRIVATE KEY
openssl pkcs8 -topk8 -nocrypt -in ec-sec1.key -out ec-pkcs8.key
openssl req -x509 -new -key ec-sec1.key -days $days -subj /CN=ec.example.org \
  -addext subjectAltName=DNS:ec.example.org,IP:10.0.0.1 -out ec.crt
openssl genrsa -out rsa-pkcs8.key 2048
openssl rsa -in rsa-pkcs8.key -traditional -out rsa-pkcs1.key
openssl req -x509 -new -key rsa-pkcs8.key -days $days -subj /CN=rsa.example.org \
  -addext subjectAltName=DNS:rsa.example.org -out rsa.crt
openssl genpkey -algorithm ed25519 -out ed25519-pkcs8.key
openssl req -x509 -new -key ed25519-pkcs8.key -days $days -subj /CN=ed25519.example.org \
  -addext subjectAltName=DNS:ed25519.example.org -out ed25519.crt
openssl genpkey -algorithm RSA-PSS -pkeyopt rsa_keygen_bits:2048 -out rsapss-pkcs8.key
openssl req -x509 -new -key rsapss-pkcs8.key -days $days -subj /CN=rsapss.example.org -out rsapss.crt

# Encrypted with the password "secret": PBES2, PBES2 at a cost, PBES2 with what the JDK lacks, PBES1, OpenSSL's old way.
openssl pkcs8 -topk8 -v2 aes256 -iter 2048 -in ec-sec1.key -passout pass:secret -out ec-encrypted.key
openssl pkcs8 -topk8 -v2 aes256 -iter 6000000 -in ec-sec1.key -passout pass:secret -out ec-costly.key
openssl pkcs8 -topk8 -scrypt -scrypt_N 2 -in ec-sec1.key -passout pass:secret -out ec-scrypt.key
openssl pkcs8 -topk8 -v1 PBE-SHA1-3DES -in ec-sec1.key -passout pass:secret -out ec-pbes1.key
openssl rsa -in rsa-pkcs8.key -traditional -aes128 -passout pass:secret -out rsa-old-encrypted.key

# A curve by its parameters instead of its name.
openssl ecparam -name prime256v1 -genkey -param_enc explicit -noout -out ec-explicit.key

# A chain of three, in order and not.
for ca in root intermediate; do openssl ecparam -name prime256v1 -genkey -noout -out "$tmp/$ca.key"; done
openssl req -x509 -new -key "$tmp/root.key" -days $days -subj /CN=root \
  -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign -out root.crt
openssl req -new -key "$tmp/intermediate.key" -subj /CN=intermediate -out "$tmp/intermediate.csr"
printf 'basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign\n' > "$tmp/ca.ext"
openssl x509 -req -in "$tmp/intermediate.csr" -CA root.crt -CAkey "$tmp/root.key" -days $days -set_serial 2 \
  -extfile "$tmp/ca.ext" -out "$tmp/intermediate.crt"
openssl req -new -key ec-sec1.key -subj /CN=leaf.example.org -out "$tmp/leaf.csr"
printf 'subjectAltName=DNS:leaf.example.org\nextendedKeyUsage=serverAuth,clientAuth\n' > "$tmp/leaf.ext"
openssl x509 -req -in "$tmp/leaf.csr" -CA "$tmp/intermediate.crt" -CAkey "$tmp/intermediate.key" -days $days \
  -set_serial 3 -extfile "$tmp/leaf.ext" -out "$tmp/leaf.crt"
cat "$tmp/leaf.crt" "$tmp/intermediate.crt" root.crt > chain.crt
cat root.crt "$tmp/leaf.crt" "$tmp/intermediate.crt" > chain-shuffled.crt
openssl ecparam -name prime256v1 -genkey -noout -out "$tmp/other.key"
openssl req -x509 -new -key "$tmp/other.key" -days $days -subj /CN=other -out "$tmp/other.crt"
openssl req -new -key "$tmp/root.key" -subj /CN=root -out "$tmp/root.csr"
openssl x509 -req -in "$tmp/root.csr" -CA "$tmp/other.crt" -CAkey "$tmp/other.key" -days $days -set_serial 4 \
  -extfile "$tmp/ca.ext" -out cross.crt # the root's key, certified by another
openssl x509 -text -in "$tmp/leaf.crt" > chain-with-key.pem
cat "$tmp/intermediate.crt" ec-sec1.key >> chain-with-key.pem

# Valid for one second, long ago.
openssl req -new -key ec-sec1.key -subj /CN=expired.example.org -out "$tmp/expired.csr"
: > "$tmp/index"
printf '[ca]\ndefault_ca=d\n[d]\ndatabase=%s\nnew_certs_dir=%s\ndefault_md=sha256\nrand_serial=yes\npolicy=p\n[p]\ncommonName=supplied\n' \
  "$tmp/index" "$tmp" > "$tmp/ca.cnf"
openssl ca -batch -config "$tmp/ca.cnf" -selfsign -keyfile ec-sec1.key -in "$tmp/expired.csr" -notext \
  -startdate 20200101000000Z -enddate 20200101000001Z -out expired.crt

# Key stores with the password "secret".
openssl pkcs12 -export -inkey ec-sec1.key -in chain.crt -name leaf -passout pass:secret -out one.p12
openssl pkcs12 -export -nokeys -in root.crt -passout pass:secret -out none.p12
rm -f two.p12
for name in ec rsa; do
  openssl pkcs12 -export -inkey $name-pkcs8.key -in $name.crt -name $name -passout pass:secret -out "$tmp/$name.p12"
  keytool -importkeystore -noprompt -srckeystore "$tmp/$name.p12" -srcstorepass secret \
    -destkeystore two.p12 -deststoretype pkcs12 -deststorepass secret
done
