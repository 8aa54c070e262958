#!/bin/sh
# Run once by the postgres image on an empty volume: one role and one database for each service, closed to the others.
set -eu
for service in portal fleet venues dorms messenger; do
    psql -v ON_ERROR_STOP=1 --quiet --username postgres --dbname postgres \
        -v service="$service" -v password="$(cat "/run/secrets/${service}_database_password")" <<'SQL'
CREATE ROLE :"service" LOGIN PASSWORD :'password';
CREATE DATABASE :"service" OWNER :"service" TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C.UTF-8';
REVOKE ALL ON DATABASE :"service" FROM PUBLIC;
SQL
done
