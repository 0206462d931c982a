#!/bin/sh
# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
# One job: job.sh LOG OUTPUT… -- INPUT…
# Every output holds the hash of the inputs' contents, so that what changes changes what rests on it.
set -eu
rule=$(basename "$(dirname "$1")")
name=$(basename "$1" .log)
shift
echo "$rule $name" >> jobs.txt
outputs=""
while [ $# -gt 0 ] && [ "$1" != "--" ]; do
    outputs="$outputs $1"
    shift
done
[ $# -eq 0 ] || shift
hash=$(for input in "$@"; do sha256sum < "$input"; done | cut -c1-64 | sort | sha256sum | cut -c1-64)
if [ -e "slow/$rule" ]; then
    touch "slow/begun"
    sleep 60
fi
if [ -e "broken/$rule.$name" ]; then
    echo "broken on purpose"
    exit 1
fi
for output in $outputs; do
    case $output in
        *curve.csv) printf 'step,tokens,loss\n1,8,2.5\n2,16,2.0\n' > "$output" ;;
        *.json) printf '{"made": "%s", "accuracy": 0.5, "loss": 1.5}\n' "$hash" > "$output" ;;
        *) printf '%s\n%s\n' "$hash" "$output" > "$output" ;;
    esac
done
mkdir -p "records/$rule"
printf '{"rule": "%s", "name": "%s", "git_commit": "abc", "seconds": 0.%s}\n' "$rule" "$name" "$(date +%N)" \
    > "records/$rule/$name.json"
