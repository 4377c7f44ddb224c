#!/bin/sh
# Process 1 of the container: starts Gunicorn and, in front of it, Apache, reaps what ends, and passes signals on.
#
#   TERM, INT, QUIT, WINCH   stop: Apache takes no more connections and finishes the requests it has, then Gunicorn
#   HUP                      take the model, the token and the certificate anew, or none of them
#
# If one of the two ends by itself, so does the container, with status 1.
#
# It is started without arguments; by SageMaker with the word `serve`, which sets what is said there to be so; or with
# options of KServe's. Any other command is run in its place.

fail() {
    echo "start: $1" >&2
    exit 1
}

options() {
    while [ $# -gt 0 ]; do
        option=${1%%=*}
        case "$1" in
            --*=*) value=${1#*=} ;;
            *) [ $# -ge 2 ] || fail "$1 wants a value"; value=$2; shift ;;
        esac
        shift
        case "$option" in
            --model_name) export MODEL_NAME="$value" ;;
            --model_dir) export MODEL="$value/model.onnx" ;;
            --http_port) export PORT="$value" ;;
            *) fail "there is no option $option: --model_name, --model_dir and --http_port are KServe's; all else is set by variables" ;;
        esac
    done
}

# Where platforms put a model: Vertex AI, SageMaker, KServe. A folder with something else in it is no reason to serve
# another model.
model() {
    case "$AIP_STORAGE_URI" in
        gs://*) given=/gcs/${AIP_STORAGE_URI#gs://} ;; # where Cloud Storage is mounted
        *) given=$AIP_STORAGE_URI ;;
    esac
    for folder in "${given%/}" /opt/ml/model /mnt/models; do
        if [ -n "$(ls -A "$folder" 2>/dev/null)" ]; then
            echo "$folder/model.onnx"
            return
        fi
    done
    [ -z "$given" ] || fail "AIP_STORAGE_URI is $AIP_STORAGE_URI, and there is no such folder here: mount it, or build the model into the image"
    echo /model/model.onnx
}

case "$1" in
    '') ;;
    serve) [ $# = 1 ] || fail "serve takes no arguments"; export PORT="${PORT:-8080}" ;;
    --*) options "$@" ;;
    *) exec "$@" ;;
esac
[ -n "$MODEL" ] || MODEL=$(model) || exit 1
export MODEL

# From now on Apache keeps no connection for a next request (apache/httpd.conf), takes no new ones, and ends when it has
# answered the others; nobody asks Gunicorn then.
stop() {
    trap '' TERM INT QUIT WINCH HUP
    trap - CHLD
    status=0
    if [ -n "$apache" ]; then
        touch "$RUN/stopping"
        python3 -m alpenglow._image.drain "$PORT" $apache || kill -WINCH $apache
        wait $apache || status=$?
    fi
    if [ -n "$gunicorn" ]; then
        kill -TERM $gunicorn
        wait $gunicorn || status=$?
    fi
    rm -rf "$RUN" "$TLS_COPIES"
    [ $status != 143 ] || status=0 # it had not begun to serve
    exit $status
}

# Given the name and process id of what runs no more. With status 1 it has said why, with 137 the kernel has killed it.
ended() {
    wait "$2"
    case $? in
        1) exit 1 ;;
        137) fail "$1 was killed, as happens when memory runs out: the container ends" ;;
        *) fail "$1 has ended: the container ends" ;;
    esac
}

# Not so for one that has ended and is not reaped yet.
runs() {
    [ -e "/proc/$1/exe" ]
}

check() {
    runs $gunicorn || ended Gunicorn $gunicorn
    runs $apache || ended Apache $apache
}

gunicorn= apache= RUN= TLS_COPIES=
trap stop TERM INT QUIT
trap 'again=1' HUP # until Gunicorn can do it
again=
[ -t 0 ] || trap stop WINCH # a terminal sends it when its window changes

# A folder for the socket; /dev/shm can be written in read-only containers, too.
for folder in "${TMPDIR:-/tmp}" /run /dev/shm; do
    RUN=$(mktemp -d "$folder/alpenglow.XXXXXX" 2>/dev/null) && break
done
[ -n "$RUN" ] || fail "none of ${TMPDIR:-/tmp}, /run and /dev/shm can be written: give --tmpfs /tmp"

# Where Docker and Compose put secrets.
[ -n "$TOKEN_FILE" ] || [ ! -e /run/secrets/token ] || export TOKEN_FILE=/run/secrets/token

tls=
if [ -e "$TLS_CERTIFICATE" ]; then
    tls=-DTLS
    for file in "$TLS_CERTIFICATE" "$TLS_KEY"; do
        [ -r "$file" ] || fail "for TLS $TLS_CERTIFICATE and $TLS_KEY are needed, and user $(id -u) cannot read $file"
    done
    # What Apache reads has been looked at (serve/process/certificate.py). In memory, where there is such a folder.
    TLS_COPIES=$(mktemp -d /dev/shm/alpenglow.XXXXXX 2>/dev/null || mktemp -d "$RUN/tls.XXXXXX")
    export TLS_COPIES
fi

# As many connections as may be; the settings follow what that comes to.
ulimit -n "$(ulimit -H -n)"

# One line if a setting is wrong.
settings=$(python3 -m alpenglow._serve.process.settings) || exit 1
export $settings RUN TMPDIR="$RUN" SOCKET="$RUN/gunicorn.sock" MODULES=/usr/lib/apache2 TZ=UTC
export WHOLE="$MODULES/mod_whole.so"

# Own sessions, so that what a terminal sends, such as Ctrl-C, arrives here alone.
BIND=unix:$SOCKET setsid python3 -m alpenglow._serve &
gunicorn=$!

# The port opens when the model is loaded.
until [ -S "$SOCKET" ]; do
    runs $gunicorn || ended Gunicorn $gunicorn
    sleep 0.01
done
(
    export TLS_CERTIFICATE="$TLS_COPIES/tls.crt" TLS_KEY="$TLS_COPIES/tls.key"
    exec setsid httpd -f /app/apache/httpd.conf -DFOREGROUND $tls
) &
apache=$!

# It has read its configuration.
until [ -s "$RUN/httpd.pid" ]; do
    runs $apache || ended Apache $apache
    sleep 0.01
done
trap 'kill -HUP $gunicorn' HUP
[ -z "$again" ] || kill -HUP $gunicorn
# BusyBox's `wait -n` misses children that a signal has killed.
trap check CHLD
check
while :; do
    wait
done
