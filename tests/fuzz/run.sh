#!/usr/bin/env bash
# Every target for a while, all side by side: run.sh BUILD SECONDS
# What one run adds to the corpus, the next in the same build directory begins with.
set -euo pipefail
build=$1 seconds=$2
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
[[ $seconds =~ ^[1-9][0-9]*$ ]] || { echo "run.sh: not a number of seconds: $seconds" >&2; exit 2; }

# Each input is a file for a moment: in memory where that is possible.
TMPDIR=$(mktemp -d -p "$([[ -w /dev/shm ]] && echo /dev/shm || echo /tmp)")
export TMPDIR
trap 'rm -rf "$TMPDIR"' EXIT

fuzz() {
	mkdir -p "grown/$1"
	timeout $((seconds + 60)) "./fuzz_$1" "grown/$1" "$here/corpus/$1" -dict="$here/$1.dict" \
		-max_total_time="$seconds" -timeout=10 -rss_limit_mb=1024 -malloc_limit_mb=256 \
		-print_final_stats=1 -artifact_prefix="found/$1-" >"$1.log" 2>&1 </dev/null
}

figures() {
	awk -v name="$1" '/ cov: / { for (i = 1; i < NF; i++) value[$i] = $(i + 1) }
		/number_of_executed_units/ { value["runs"] = $2 }
		END { sub("/.*", "", value["corp:"])
		      printf "%-12s %12d %8d %8d\n", name, value["runs"], value["cov:"], value["corp:"] }' "$1.log"
}

explain() {
	local input
	input=$(sed -n 's/.*Test unit written to //p' "$1.log")
	echo "$1 FAILED; the end of $PWD/$1.log:"
	tail -n 40 "$1.log"
	[[ -z $input ]] || echo "Again: $PWD/fuzz_$1 $PWD/$input"
}

cd "$build/tests/fuzz"
mkdir -p found
targets=("$here"/corpus/*)
targets=("${targets[@]##*/}")
declare -A running
for target in "${targets[@]}"; do
	fuzz "$target" &
	running[$target]=$!
done

failed=()
printf '%-12s %12s %8s %8s\n' target executions edges corpus
for target in "${targets[@]}"; do
	wait "${running[$target]}" || failed+=("$target")
	figures "$target"
done
for target in "${failed[@]}"; do
	explain "$target"
done
((${#failed[@]} == 0))
