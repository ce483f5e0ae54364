#!/usr/bin/env bash
# Makes the invented test keys and certificates of this folder anew (openssl command line only).
# Usage: make.sh [FOLDER]   FOLDER: where to write, this folder if not given
set -euo pipefail
here=$(realpath "$0")
target=$(realpath "${1:-$(dirname "$0")}")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

cat > pki.cnf <<'CONFIG'
[ca]
default_ca = here
[here]
database = index
serial = serial
new_certs_dir = .
default_md = sha256
policy = any
unique_subject = no
email_in_dn = no
preserve = yes
# RFC 5280 4.1.2.5: UTCTime until 2049, GeneralizedTime from 2050 on
default_startdate = 260101000000Z
default_enddate = 20560101000000Z
[any]
countryName = optional
organizationName = optional
organizationalUnitName = optional
commonName = supplied
[req]
distinguished_name = none
prompt = no
[none]
[approval_ca]
basicConstraints = critical, CA:TRUE, pathlen:0
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
[approval_signer]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
[csca]
# ICAO Doc 9303-12 table 2, CSCA root
basicConstraints = critical, CA:TRUE, pathlen:0
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
2.5.29.16 = ASN1:SEQUENCE:usage_csca
subjectAltName = dirName:alternative, email:csca@example.test
issuerAltName = dirName:alternative, email:csca@example.test
crlDistributionPoints = URI:http://crl.example.test/UTO.crl
[document_signer]
# ICAO Doc 9303-12 table 2, document signer: no basicConstraints, no extendedKeyUsage
keyUsage = critical, digitalSignature
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
2.5.29.16 = ASN1:SEQUENCE:usage_ds
2.23.136.1.1.6.2 = ASN1:SEQUENCE:document_types
subjectAltName = dirName:alternative, email:csca@example.test
issuerAltName = dirName:alternative, email:csca@example.test
crlDistributionPoints = URI:http://crl.example.test/UTO.crl
[alternative]
L = UTO
[usage_csca]
notBefore = IMPLICIT:0, GENERALIZEDTIME:20260101000000Z
notAfter = IMPLICIT:1, GENERALIZEDTIME:20310101000000Z
[usage_ds]
notBefore = IMPLICIT:0, GENERALIZEDTIME:20260101000000Z
notAfter = IMPLICIT:1, GENERALIZEDTIME:20560101000000Z
[document_types]
version = INTEGER:0
types = SET:document_type_list
[document_type_list]
identity_card = PRINTABLESTRING:ID
passport = PRINTABLESTRING:P
residence_card = PRINTABLESTRING:IR
CONFIG
touch index
echo 01 > serial

rsa() { openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:3072 -out "$1.key.pem" 2> "$1.log"; }
# 9303-12 7.1.1: domain parameters written out
ec() { openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:"$2" -pkeyopt ec_param_enc:explicit -out "$1.key.pem"; }

# issue NAME SUBJECT EXTENSIONS [ISSUER [ENDDATE]]
issue() {
    local issuer=(-selfsign -keyfile "$1.key.pem")
    if [ -n "${4:-}" ]; then issuer=(-cert "$4.pem" -keyfile "$4.key.pem"); fi
    openssl req -new -config pki.cnf -key "$1.key.pem" -subj "$2" -utf8 -out "$1.csr"
    openssl ca -batch -notext -utf8 -config pki.cnf -extfile pki.cnf -extensions "$3" -in "$1.csr" "${issuer[@]}" \
        ${5:+-enddate "$5"} -out "$1.pem" 2> "$1.log" || { cat "$1.log" >&2; exit 1; }
}

rsa approval-ca;      issue approval-ca "/C=UT/O=SPECIMEN Authority/CN=TEST Approval CA" approval_ca
rsa approval-signer;  issue approval-signer "/C=UT/O=SPECIMEN Authority/CN=TEST Approval Signer" approval_signer approval-ca
rsa approval-expired
issue approval-expired "/C=UT/O=SPECIMEN Authority/CN=TEST Approval Signer Expired" approval_signer approval-ca 260201000000Z
ec csca P-384;        issue csca "/C=UT/O=SPECIMEN State/CN=TEST CSCA Utopia" csca
ec ds P-256
issue ds "/C=UT/O=SPECIMEN State/CN=TEST Document Signer 1" document_signer csca
rsa rogue-ca;         issue rogue-ca "/C=UT/O=SPECIMEN Rogue/CN=TEST Rogue Approval CA" approval_ca
rsa rogue-signer;     issue rogue-signer "/C=UT/O=SPECIMEN Rogue/CN=TEST Rogue Approval Signer" approval_signer rogue-ca

for name in approval-ca approval-signer approval-expired csca ds rogue-ca rogue-signer; do
    cp "$name.key.pem" "$name.pem" "$target/"
done
cat > "$target/SPECIMEN" <<'NOTE'
Every key in this folder is public and invented. A document signed with one of them proves nothing.
NOTE
python3 "$(dirname "$here")/make-inspection.py" "$target"
