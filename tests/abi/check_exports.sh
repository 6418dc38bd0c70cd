#!/bin/sh
# check_exports.sh NM PLUGIN.so: it exports the one symbol and needs none of ours.
set -eu

exported=$("$1" -D --defined-only "$2" | sed 's/.* //')
if [ "$exported" != otadfu_plugin_v1 ]; then
	printf '%s exports, instead of otadfu_plugin_v1 alone:\n%s\n' "$2" "$exported" >&2
	exit 1
fi
if "$1" -D --undefined-only "$2" | grep otadfu >&2; then
	echo "$2 needs these symbols of otadfu" >&2
	exit 1
fi
