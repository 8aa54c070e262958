#!/bin/sh
# Makes what docker-compose.yml reads from files: passwords, addresses that hold passwords, and the services' signing keys.
# Nothing that exists is changed, so it can be run again after a service was added. Needs openssl (1.1.1 or newer).
#
#   deploy/make-secrets.sh [folder]      default: deploy/secrets
#
# The folder is for its owner only (0700). The files in it are readable, because the containers' own user (10001) must
# read what is mounted one by one; nobody else on the host gets past the folder.
set -eu
umask 077
folder=${1:-$(dirname "$0")/secrets}
services="portal fleet venues dorms messenger"

command -v openssl >/dev/null || { echo "需要 openssl · openssl is needed" >&2; exit 1; }
mkdir -p "$folder/keys"
chmod 700 "$folder"

secret() { [ -s "$folder/$1" ] || openssl rand -hex 24 >"$folder/$1"; }
write() { [ -s "$folder/$1" ] || printf '%s\n' "$2" >"$folder/$1"; }
of() { cat "$folder/$1"; }

secret postgres_password
secret broker_password
write broker_url "amqp://citykeys:$(of broker_password)@rabbitmq:5672//"
write rabbitmq.conf "default_user = citykeys
default_pass = $(of broker_password)"

[ -s "$folder/form_secret" ] || openssl rand -hex 32 >"$folder/form_secret"
for service in $services; do
    secret "${service}_database_password"
    write "${service}_database_url" "postgresql+psycopg://$service:$(of "${service}_database_password")@postgres:5432/$service"
    keys=$folder/keys/$service
    mkdir -p "$keys"
    [ -s "$keys/$service.pem" ] || openssl genpkey -algorithm ed25519 -out "$keys/$service.pem"
    # One secret for all: a form opened in one service and one in another share the browser's cookie.
    cp "$folder/form_secret" "$keys/secret"
done
for service in $services; do
    for reader in $services; do
        openssl pkey -in "$folder/keys/$service/$service.pem" -pubout -out "$folder/keys/$reader/$service.1.pub"
    done
done

# What push services know the house by (VAPID); only messenger sends to them.
vapid=$folder/keys/messenger/vapid.pem
[ -s "$vapid" ] || openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$vapid"

find "$folder" -type f -exec chmod 644 {} +
find "$folder/keys" -type d -exec chmod 755 {} +
echo "$folder：完成 · done"
