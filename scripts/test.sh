#!/bin/sh
# Installs what the tests need and runs all of them; options go to `deno test` (--filter=TEXT).
# DENO=PATH runs them on another Deno than the pinned one. The last line is the sum of everything;
# with CI=true nothing may be skipped.
set -eu
self=$0
[ ! -L "$self" ] || self=$(readlink -f -- "$self")
case $self in */*) ;; *) self=./$self ;; esac
root=$(CDPATH='' cd -- "${self%/*}/.." && pwd -P)
# shellcheck source=scripts/lib.sh
. "$root/scripts/lib.sh"

passed=0
failed=0
skipped=0

main() {
	prepare
	# Formatting, lint and types differ from one version of Deno to the next.
	if [ -z "${DENO-}" ]; then
		check formatting deno fmt --check --quiet
		check lint deno lint --quiet
		check types deno check --quiet src scripts test bench
	fi
	check 'generated files' deno task --quiet gen --check
	check 'BPF object' scripts/build_bpf.sh --check
	check 'proving program' scripts/build_prove.sh --check
	run_tests "$@"
	stop_leftovers || fail 'no process left behind'
	echo "tests: $passed passed, $failed failed, $skipped skipped"
	[ "$failed" -eq 0 ] && [ "$tests" -gt 0 ] && { [ "${CI-}" != true ] || [ "$skipped" -eq 0 ]; }
}

# Everything is there and mounted that the tests start from.
prepare() {
	announce_root 'run the tests'
	PATH=$PATH:/usr/sbin:/sbin:$tools/usr/bin
	require libbpf.so.1 bpf/bpf_helpers.h clang llvm-strip clang-format gcc stdio.h bpftool prometheus \
		promtool prometheus_client shellcheck strace sudo valgrind/callgrind.h ps ip systemd-analyze \
		mmdebstrap mandoc groff zsh fish qemu-system-x86_64
	use_deno
	require_imports
	cd "$root"
	# Found again by it, whatever parent they have by then.
	mark=EBPF_TEST_RUN=$$.$(date +%s)
	folder=$(mktemp -d "${TMPDIR:-/tmp}/agent-tests.XXXXXX")
	log=$folder/log
	trap 'rm -rf "$folder"' EXIT
	trap 'stop_leftovers; exit 130' INT
	trap 'stop_leftovers; exit 143' TERM
	if ! grep -q '^[^ ]* /sys/kernel/tracing tracefs ' /proc/mounts; then
		say 'Mounting tracefs at /sys/kernel/tracing: classic tracepoints need it'
		as_root mount -t tracefs tracefs /sys/kernel/tracing || say 'Tests that need tracefs will fail'
	fi
}

# The pinned Deno, whatever stands on PATH.
use_deno() {
	deno=${DENO:-$root/.deno/$deno_pinned/deno}
	[ -n "${DENO-}" ] || [ -x "$deno" ] || install_deno
	# Tasks call `deno` by name.
	PATH=${deno%/*}:$PATH
	export DENO_NO_UPDATE_CHECK=1 NO_COLOR=1
}

# Runs a command that counts as one test: 0 passed, 3 skipped (it says why), else failed.
# check NAME COMMAND...
check() {
	name=$1
	shift
	status=0
	"$@" >"$log" 2>&1 </dev/null || status=$?
	case $status in
	0)
		echo "$name ... ok"
		passed=$((passed + 1))
		;;
	3)
		echo "$name ... skipped"
		cat "$log"
		skipped=$((skipped + 1))
		;;
	*)
		cat "$log"
		fail "$name"
		;;
	esac
}

fail() {
	echo "$1 ... FAILED"
	failed=$((failed + 1))
}

# Sets `tests`: how many passed and failed.
run_tests() {
	# Deno 2.4 looks for leaks by default and does not know these; 2.9 looks only where it is told to.
	case $("$deno" test --help) in
	*--sanitize-ops*) set -- --sanitize-ops --sanitize-resources "$@" ;;
	esac
	: >"$log"
	# No pipe to tee: what a test leaves running would hold it open. This tail ends with the cat, and
	# the cat when the script closes its end of the fifo, or dies.
	mkfifo "$folder/end"
	cat "$folder/end" >/dev/null &
	tail -n +1 -s 0.2 --pid=$! -f "$log" &
	shown=$!
	exec 9>"$folder/end"
	status=0
	as_root env "PATH=$PATH" NO_COLOR=1 DENO_NO_UPDATE_CHECK=1 "CI=${CI-}" "$mark" \
		${DENO_DIR:+"DENO_DIR=$DENO_DIR"} \
		"$deno" test --allow-all --no-check "$@" src scripts test >"$log" 2>&1 </dev/null 9>&- || status=$?
	exec 9>&-
	wait "$shown"
	# The last such line is Deno's own; what a test prints stands before it.
	# shellcheck disable=SC2046 # three numbers
	set -- $(summary <"$log")
	tests=$(($1 + $2))
	passed=$((passed + $1))
	failed=$((failed + $2))
	skipped=$((skipped + $3))
	# An error outside of the tests, in a run that ended without a summary or with a good one.
	if [ "$status" -ne 0 ] && [ "$2" -eq 0 ]; then fail "deno test (ended with $status)"; fi
}

# "FAILED | 4 passed (1 step) | 2 failed | 1 ignored (1 step) (2s)" to "4 2 2": tests that passed and
# failed, and all that was skipped, steps included. Without such a line "0 0 0".
summary() {
	awk '
		/^(ok|FAILED) \| [0-9]+ passed/ { line = $0 }
		END {
			count = split(line, parts, "|")
			for (i = 2; i <= count; i++) {
				split(parts[i], words, " ")
				number[words[2]] = words[1]
				if (words[2] == "ignored" && words[3] ~ /^\([0-9]+$/ && words[4] ~ /^step/)
					number["ignored"] += substr(words[3], 2)
			}
			print number["passed"] + 0, number["failed"] + 0, number["ignored"] + 0
		}'
}

# Ends what the tests started and did not end, and returns 1 where there was any.
stop_leftovers() {
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		left=$(leftovers)
		[ -n "$left" ] || return 0
		sleep 0.2
	done
	echo 'Still running after the tests, and ended now:'
	for pid in $left; do
		ps -o pid=,args= -p "$pid" || true
		as_root kill -KILL "$pid" 2>/dev/null || true
	done
	return 1
}

leftovers() {
	as_root grep -lzxF -- "$mark" /proc/[0-9]*/environ 2>/dev/null | sed 's#^/proc/\([0-9]*\)/.*#\1#'
}

main "$@"
