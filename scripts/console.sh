# A console inside a virtual plant for scripts: started in the background, stopped by its own pid. Sourced, after plant.sh.
# shellcheck shell=bash

console_pid=""
door_pid=""

# console_up DIR LINE [OPTION ...]: `sakk serve` in the plant at DIR/plant; its words are in DIR/serve.log
console_up() {
    local dir=$1 line=$2 waited=0
    shift 2
    : >"$dir/serve.log"
    # not plant_exec: the pid is to be the console's own
    sakk-plant exec --dir "$dir/plant" -- sakk serve --line "$line" --port 8480 "$@" 2>>"$dir/serve.log" &
    console_pid=$!
    until grep -q '^Sign in once' "$dir/serve.log"; do
        kill -0 "$console_pid" 2>/dev/null || stop "the console did not start" "$(cat "$dir/serve.log")"
        [ "$waited" -lt 600 ] || stop "the console is not ready after 60 s" "See $dir/serve.log"
        waited=$((waited + 1))
        sleep 0.1
    done
}

# strict_line DIR LINE: DIR/strict.yaml, the same line with a limit that no picture keeps: the camera judges no card
strict_line() {
    local dir=$1 line=$2
    mkdir -p "$dir/strict" && cp -r profiles/iq-national-id "$dir/strict"
    ln -sfn "$PWD/firmware-specs" "$dir/firmware-specs"
    sed -i 's/edge_width_mm: .*/edge_width_mm: 1/' "$dir/strict/iq-national-id/inspection.yaml"
    sed "s|\.\./\.\./profiles/iq-national-id|$dir/strict/iq-national-id|; s|\.\./\.\./devices|$PWD/devices|; s|\.\./test-pki|$PWD/seeds/test-pki|g" \
        "$line" >"$dir/strict.yaml"
}

# console_open DIR PORT: a door to it from this machine; another free port where this one is taken. Prints the port.
console_open() {
    local dir=$1 port=$2 waited=0 plant
    plant=$(sed -n 's/^SAKK_PLANT_PID=//p' "$dir/plant/plant.env")
    for port in "$port" 0; do
        : >"$dir/door"
        python3 scripts/plant_door.py "$plant" "$port" 8480 >"$dir/door" 2>"$dir/door.log" &
        door_pid=$!
        until [ -s "$dir/door" ]; do
            if ! kill -0 "$door_pid" 2>/dev/null || [ "$waited" -gt 300 ]; then break; fi
            waited=$((waited + 1))
            sleep 0.1
        done
        [ ! -s "$dir/door" ] || return 0
    done
    door_pid=""
    stop "the console cannot be reached from here" "$(cat "$dir/door.log")"
}

# console_people DIR LINE: somebody of each trade, with a password that works once
console_people() {
    local dir=$1 line=$2 role
    say "Sign in with these, each once; then choose a password of your own:"
    say "  supervisor  $(sed -n 's/^Sign in once as supervisor with //p' "$dir/serve.log")"
    for role in operator inspector logistics key_officer auditor; do
        sakk people add "$role" --line "$line" --name "$role" --role "$role" --by demo 2>/dev/null
        say "  $role  $(sakk people one-time "$role" --line "$line" --by demo 2>/dev/null | tail -n 1)"
    done
}

console_down() {
    local pid
    for pid in $door_pid $console_pid; do
        kill -TERM "$pid" 2>/dev/null || true
        wait "$pid" 2>/dev/null || true
    done
    console_pid=""
    door_pid=""
}
