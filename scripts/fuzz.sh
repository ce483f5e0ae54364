# Coverage-guided fuzzing (libFuzzer) with AddressSanitizer, for scripts/fuzz, fuzz-printers and fuzz-template. Sourced.
# First a build with a planted bug, which must be found; then the real one, which must survive. Prints seed and count.
# shellcheck shell=bash

fuzz_runs=20000
fuzz_seed=20261121
fuzz_planted=1
fuzz_each=0
fuzz_only=""
corpus=""

# fuzz_words NAME WORDS...: the options of the command, and an empty folder for the first inputs ($corpus)
fuzz_words() {
    fuzz_name=$1
    shift
    while [ $# -gt 0 ]; do
        case "$1" in
            --runs) fuzz_runs=$2; shift 2 ;;
            --seed) fuzz_seed=$2; shift 2 ;;
            --skip-planted) fuzz_planted=0; shift ;;
            --each) fuzz_each=1; shift ;;
            --only) fuzz_each=1 fuzz_only=$2; shift 2 ;;
            *)
                echo "usage: scripts/$fuzz_name [--runs N] [--seed S] [--skip-planted] [--each | --only FAMILY]" >&2
                exit 2
                ;;
        esac
    done
    corpus=$(mktemp -d)
    trap 'rm -rf "$corpus"' EXIT
}

# fuzz_build PROGRAM planted|real
fuzz_build() {
    local package=$PWD/.build-fuzz/package log=$PWD/.build-fuzz/build.log planted=0
    [ "$2" = planted ] && planted=1
    mkdir -p "$package"
    # one at a time: they share the package and its log
    exec 8>>.build-fuzz/turn
    flock 8
    ln -sfn ../../Sources "$package/Sources"
    ln -sfn ../../Tests "$package/Tests"
    cmp -s Tests/Fuzz/Package.swift "$package/Package.swift" || cp Tests/Fuzz/Package.swift "$package/Package.swift"
    SAKK_FUZZ_PLANTED=$planted swift build --package-path "$package" --scratch-path "$PWD/.build-fuzz/$2" --product "$1" \
        >"$log" 2>&1 || { grep -E "error" "$log" >&2 || tail -20 "$log" >&2; exit 70; }
    exec 8>&-
}

# fuzz_survive PROGRAM WORDS LOG OPTIONS...
fuzz_survive() {
    local program=$1 words=$2 log=$3 executed peak
    shift 3
    if ! ".build-fuzz/real/debug/$program" "$@" -runs="$fuzz_runs" -artifact_prefix=out/fuzz/ "$corpus" >"$log" 2>&1; then
        tail -60 "$log" >&2
        echo "$fuzz_name: FAILED at $words with seed $fuzz_seed; the input is in out/fuzz" >&2
        exit 1
    fi
    executed=$(grep -oE 'number_of_executed_units: [0-9]+' "$log" | grep -oE '[0-9]+')
    peak=$(grep -oE 'peak_rss_mb: *[0-9]+' "$log" | grep -oE '[0-9]+')
    echo "$fuzz_name: $words, seed $fuzz_seed, $executed inputs, no crash, no hang, memory at most $peak MB"
}

# fuzz_run PROGRAM LARGEST OPTIONS...: LARGEST bytes an input. The arrays `families` (words) and `doors` (numbers with commas)
# say what --each goes through, N inputs at each by itself.
fuzz_run() {
    local program=$1 options=(-seed="$fuzz_seed" -max_len="$2" -timeout=20 -rss_limit_mb=2048 -print_final_stats=1)
    local found inputs family
    shift 2
    options+=("$@")
    echo "$fuzz_name: $(find "$corpus" -type f | wc -l) first inputs" >&2
    export ASAN_OPTIONS=detect_leaks=0:allocator_may_return_null=1
    if [ "$fuzz_planted" -eq 1 ]; then
        fuzz_build "$program" planted
        found=$(mktemp -d)
        if ".build-fuzz/planted/debug/$program" "${options[@]}" -runs=2000000 -artifact_prefix="$found/" "$corpus" \
            >"$found/log" 2>&1; then
            echo "$fuzz_name: the planted bug was NOT found" >&2
            exit 1
        fi
        grep -q "believing\|SUMMARY\|Fatal\|deadly signal" "$found/log" || { tail -20 "$found/log" >&2; exit 1; }
        inputs=$(grep -oE '^#[0-9]+' "$found/log" | tail -1 | tr -d '#' || true)
        echo "$fuzz_name: the planted bug was found after ${inputs:-no more than the first} inputs (seed $fuzz_seed)"
        rm -rf "$found"
    fi
    fuzz_build "$program" real
    mkdir -p out/fuzz
    if [ "$fuzz_each" -eq 0 ]; then
        fuzz_survive "$program" "all doors" "out/fuzz/$fuzz_name.log" "${options[@]}"
        return
    fi
    for family in "${!families[@]}"; do
        case "${families[$family]}" in *"$fuzz_only"*) ;; *) continue ;; esac
        export SAKK_FUZZ_DOORS=${doors[$family]}
        fuzz_survive "$program" "${families[$family]}" "out/fuzz/$fuzz_name-$family.log" "${options[@]}"
    done
}
