# The virtual plant for scripts: started in the background, stopped by its own pid whatever happens. Sourced.
# shellcheck shell=bash

plant_pid=""

# plant_up WORLD DIR STOCK
plant_up() {
    mkdir -p "$2"
    # not plant.env: one of a killed plant may still lie there
    : >"$2/plant.log"
    sakk-plant up "$1" --dir "$2" --stock "$3" >>"$2/plant.log" 2>&1 &
    plant_pid=$!
    trap plant_stop EXIT
    local waited=0
    until grep -q '^sakk-plant: ready' "$2/plant.log"; do
        if ! kill -0 "$plant_pid" 2>/dev/null; then
            cat "$2/plant.log" >&2
            stop "the virtual plant did not start" "Its own words stand above."
        fi
        [ "$waited" -lt 300 ] || stop "the virtual plant is not ready after 30 s" "See $2/plant.log"
        waited=$((waited + 1))
        sleep 0.1
    done
}

plant_exec() {
    local dir=$1
    shift
    sakk-plant exec --dir "$dir" -- "$@"
}

# settle_reject_box DIR LINE COUNT: lays the topmost cards of the reject box on the desk reader, one after another
settle_reject_box() {
    local dir=$1 line=$2 count=$3 index place
    place=$(sakk-plant census --dir "$dir" --json | python3 -c '
import json, sys
print(sum(card["place"].startswith("reject:") for card in json.load(sys.stdin)["cards"]))')
    for ((index = place; index > place - count && index > 0; index--)); do
        sakk-plant hand move --dir "$dir" --from "reject:$index" --to desk
        plant_exec "$dir" sakk card settle --line "$line" --found reject >&2 || true
        sakk-plant hand move --dir "$dir" --from desk --to "reject:$index"
    done
}

plant_stop() {
    [ -n "$plant_pid" ] || return 0
    kill -TERM "$plant_pid" 2>/dev/null || true
    wait "$plant_pid" 2>/dev/null || true
    plant_pid=""
}
