#!/usr/bin/env bash
# Is every row of ROWS in TABLE, and does every test that TABLE names exist in FOLDER?
set -euo pipefail
table=$1 rows=$2 folder=$3
failed=0

complain() {
	echo "$(basename "$table"): $1" >&2
	failed=1
}

# A test counts only where the program's list names it.
has_test() {
	local file=$folder/test_$1.c

	[[ -f $file ]] && grep -Eq "(cmocka_unit_test|TEST)\($2\)" "$file"
}

diff <(grep -v '^#' "$rows" | sort) <(grep -v '^#' "$table" | cut -f 1 | sort) >&2 ||
	complain "its rows are not those of $(basename "$rows"), each once"

while IFS=$'\t' read -r row demand tests; do
	[[ $row == '#'* ]] && continue
	[[ -n $demand && -n $tests ]] || complain "row $row has not three columns"
	[[ $tests == 'none: '?* ]] && continue
	for test in $tests; do
		has_test "${test%%:*}" "${test#*:}" || complain "row $row: there is no test $test"
	done
done <"$table"
exit $failed
