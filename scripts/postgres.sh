# A private PostgreSQL cluster for tests and benches: sourced, never run.
# shellcheck shell=bash
#
#   postgres_up DIR        makes the cluster in DIR if there is none, starts it, prints its connection string
#   postgres_restart DIR   stops it as a crash would (immediate) and starts it again, same port
#   postgres_down DIR      stops it; DIR stays
#
# It listens on a Unix socket in DIR and on one free port of 127.0.0.1; fsync stays on. Logs: DIR/server.log.

# The newest server that is installed; initdb and pg_ctl are not in PATH on Debian.
postgres_bin() {
    local newest
    newest=$(find /usr/lib/postgresql -mindepth 3 -maxdepth 3 -path '*/bin/initdb' 2>/dev/null | sort -V | tail -n 1)
    # with a number: a bare return in a trap gives back what the script ended with
    [ -n "$newest" ] && dirname "$newest" && return 0
    newest=$(command -v initdb) && dirname "$newest" && return 0
    printf 'sakk: the PostgreSQL server is not installed (apt-get install postgresql)\n' >&2
    return 1
}

# PostgreSQL refuses root: then its programs run as the user that the package made.
postgres_as() {
    if [ "$(id -u)" -eq 0 ]; then
        (cd / && setpriv --reuid postgres --regid postgres --clear-groups --reset-env "$@")
    else
        "$@"
    fi
}

# A server outlives the one who started it, so it must not keep that one's pipes and sockets open.
postgres_detached() {
    (
        local fd
        for fd in /proc/"$BASHPID"/fd/*; do
            fd=${fd##*/}
            [ "$fd" -le 2 ] || eval "exec $fd>&-" 2>/dev/null
        done
        postgres_as "$@" </dev/null >/dev/null 2>&1
    )
}

postgres_up() {
    local dir bin port
    mkdir -p "$1"
    dir=$(cd "$1" && pwd)
    bin=$(postgres_bin) || return 1
    if [ ! -f "$dir/data/PG_VERSION" ]; then
        [ "$(id -u)" -ne 0 ] || chown postgres: "$dir"
        postgres_as "$bin/initdb" -D "$dir/data" -U sakk -A trust -E UTF8 --locale=C.UTF-8 >"$dir/initdb.log" 2>&1 || {
            tail -n 5 "$dir/initdb.log" >&2
            return 1
        }
        # a port that nobody had a moment ago; the next start keeps it
        port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
        cat >>"$dir/data/postgresql.conf" <<CONF
listen_addresses = '127.0.0.1'
port = $port
unix_socket_directories = '$dir'
max_connections = 400
shared_buffers = 128MB
max_wal_size = 1GB
log_min_messages = fatal
CONF
    fi
    if ! postgres_as "$bin/pg_ctl" -D "$dir/data" status >/dev/null 2>&1; then
        postgres_detached "$bin/pg_ctl" -D "$dir/data" -l "$dir/server.log" -w -t 60 start || {
            tail -n 5 "$dir/server.log" >&2
            return 1
        }
    fi
    postgres_url "$dir"
}

postgres_url() {
    local port
    port=$(sed -n 's/^port = //p' "$1/data/postgresql.conf" | tail -n 1)
    printf 'postgresql://sakk@127.0.0.1:%s/postgres\n' "$port"
}

postgres_restart() {
    local dir bin
    dir=$(cd "$1" && pwd)
    bin=$(postgres_bin) || return 1
    postgres_detached "$bin/pg_ctl" -D "$dir/data" -l "$dir/server.log" -w -t 60 -m immediate restart
}

postgres_down() {
    local dir bin
    dir=$(cd "$1" && pwd)
    bin=$(postgres_bin) || return 1
    postgres_as "$bin/pg_ctl" -D "$dir/data" status >/dev/null 2>&1 || return 0
    postgres_as "$bin/pg_ctl" -D "$dir/data" -w -t 60 -m fast stop >/dev/null 2>&1
}
