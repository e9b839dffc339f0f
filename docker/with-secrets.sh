#!/bin/sh
# Writes secrets of Google's Secret Manager to files, then becomes the command that it is given.
# SHEAF_SECRETS says which: PATH=projects/PROJECT/secrets/NAME/versions/VERSION, several with blanks
# between. The machine's service account needs the role Secret Manager Secret Accessor.
set -eu
metadata=${SHEAF_METADATA_URL:-http://metadata.google.internal}
manager=${SHEAF_SECRET_MANAGER_URL:-https://secretmanager.googleapis.com}

# What a field of a flat JSON document holds.
field() {
  tr -d '\n' | sed -n "s/.*\"$1\": *\"\([^\"]*\)\".*/\1/p"
}

get() {
  curl --silent --show-error --fail --retry 5 --retry-connrefused --max-time 30 "$@"
}

if [ -n "${SHEAF_SECRETS:-}" ]; then
  token=$(get -H 'Metadata-Flavor: Google' \
    "$metadata/computeMetadata/v1/instance/service-accounts/default/token" | field access_token)
  for secret in $SHEAF_SECRETS; do
    file=${secret%%=*}
    # The token goes by standard input, where no list of processes shows it.
    data=$(printf 'header = "Authorization: Bearer %s"\n' "$token" \
      | get --config - "$manager/v1/${secret#*=}:access" | field data)
    [ -n "$data" ] || { echo "with-secrets: no data in ${secret#*=}" >&2; exit 1; }
    mkdir -p "$(dirname "$file")"
    (umask 077 && printf %s "$data" | base64 -d >"$file")
  done
fi
exec "$@"
