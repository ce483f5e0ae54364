#!/usr/bin/env bash
# Runs inside the virtual machine, in the host's root (read only): see scripts/tier2-test. Lines that begin with TIER2 are the result.
repo=$1
PATH="$2:/usr/sbin:/usr/bin:/sbin:/bin"
export HOME=/run
tell() { echo "TIER2 $(cut -d' ' -f1 /proc/uptime) s: $*"; }
refused() {
    echo "TIER2 refused: $*"
    cat /run/plant.txt /run/words* 2>/dev/null
    ls /sys/class/udc; cat /sys/kernel/config/usb_gadget/*/UDC
    dmesg | tail -30
    exit 0
}
cd "$repo" || refused "the repository is not there"
line=seeds/demo/line-printers.yaml
mkdir -p /run/t2
tell "the host's root under $(uname -r)"

sakk-plant gadgets seeds/demo/world-printers.yaml --dir /run/t2 2>/run/plant.txt &
plant=$!
for ((waited = 0; waited < 600; waited++)); do
    [ -e /run/t2/plant.ready ] && break
    kill -0 "$plant" 2>/dev/null || refused "the plant ended"
    sleep 0.1
done
[ -e /run/t2/plant.ready ] || refused "the plant did not come up"

# device number of a serial number on the kernel's bus; nothing when it is not there
number() {
    local file
    for file in /sys/bus/usb/devices/*/serial; do
        [ "$(cat "$file" 2>/dev/null)" = "$1" ] && cat "${file%serial}devnum" && return
    done
}
awaits() { # SERIAL [not NUMBER]
    local waited now
    for ((waited = 0; waited < 100; waited++)); do
        now=$(number "$1")
        [ -n "$now" ] && [ "$now" != "${3:-}" ] && return
        sleep 0.1
    done
    refused "$1 is not on the bus"
}
for serial in SAKK-XD-0001 SAKK-PR-0001 SAKK-MC-0001; do awaits "$serial"; done
for ((waited = 0; waited < 50; waited++)); do
    bound=$(find /sys/bus/usb/drivers/usblp/ -name '*:1.0' | wc -l)
    [ "$bound" -eq 2 ] && break
    sleep 0.1
done
[ "$bound" -eq 2 ] || refused "usblp holds $bound printers, not two"
tell "three printers on the kernel's bus, two of them held by usblp"

card() { sakk printer test-card --line "$line" --cell "$1"; }
before=$(number SAKK-MC-0001)
sakk-plant usb --dir /run/t2 --cell cell-4 --kind pull-out --bytes 1900000 >/dev/null || refused "the order to the plug"
card cell-1 2>/run/words-1 &
first=$!
card cell-2 2>/run/words-2 &
second=$!
wait "$first" || refused "cell-1, retransfer over bulk-only"
wait "$second" || refused "cell-2, direct to card"
tell "two printers at once, a card each; usblp gave way"
card cell-4 2>/run/words-4
[ $? -eq 3 ] && grep -q usb.device.gone /run/words-4 || refused "cell-4 was unplugged in the middle of a job"
awaits SAKK-MC-0001 not "$before"
tell "unplugged in the middle of a job and back as device $(number SAKK-MC-0001) (it was $before)"
card cell-4 2>/run/words-4 || refused "cell-4, a side as one job"
tell "found again by its serial number, its card made"

sakk-plant census --dir /run/t2 --json >/run/census.json || refused "the census"
python3 - <<'PY' || refused "the cards are not as they must be"
import json
cards = json.load(open("/run/census.json"))["cards"]
for cell, panels in {"cell-1": 5, "cell-2": 6, "cell-4": 6}.items():
    mine = [card for card in cards if card["cell"] == cell]
    reject = [card for card in mine if card["place"].startswith("reject")]
    assert [len(card["ink"]) for card in reject] == [panels], (cell, reject)
    for card in mine:
        assert card in reject or not card["ink"], card
PY
kill "$plant"
wait "$plant"
tell "each family's card whole in its box, no ink anywhere else"
echo "TIER2 passed"
