#!/bin/sh
# Makes dist/ebpf-agent: the agent, its BPF object and a slim Deno in one file. That takes Deno's runtime stub,
# denort, which Deno downloads from dl.deno.land; where it cannot, a launcher is made that runs this checkout's
# code with the command line it is given.
# DENORT_BIN=PATH is a stub that is there already, DENO_COMPILE_DENO=PATH the Deno of the same version.
set -eu
self=$0
[ ! -L "$self" ] || self=$(readlink -f -- "$self")
case $self in */*) ;; *) self=./$self ;; esac
root=$(CDPATH='' cd -- "${self%/*}/.." && pwd -P)
# shellcheck source=scripts/lib.sh
. "$root/scripts/lib.sh"

# A download that takes longer than these seconds is given up.
patience=300

main() {
	if [ -n "${DENO_COMPILE_DENO-}" ]; then deno=$DENO_COMPILE_DENO; else require_deno; fi
	require_imports
	mkdir -p "$root/dist"
	work=$(mktemp -d "$root/dist/build.XXXXXX")
	trap 'rm -rf "$work"' EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM
	made=$work/ebpf-agent
	copy_source
	copy_imports
	if compile; then
		printed=$("$made" version 2>&1) || {
			say "$printed"
			die 1 "Cannot use what $deno compiled: it does not start. See above." \
				"The stub that DENORT_BIN names has to be of that Deno's version"
		}
	elif stub_is_missing; then
		say "Cannot make one file, so dist/ebpf-agent is a launcher for this checkout: Deno's runtime stub" \
			"cannot be downloaded. Set DENORT_BIN, or build where dl.deno.land can be reached"
		if is_root; then require libbpf.so.1; fi
		write_launcher
	else
		say "$printed"
		die 1 "Cannot compile the agent: $deno compile ended with an error. See above"
	fi
	mv -f "$made" "$root/dist/ebpf-agent"
	say "Made $root/dist/ebpf-agent"
}

# The same source gives the same bytes: its place, and the times of its files, go into the program, so that
# is compiled from a copy where they are always the same.
copy_source() {
	mkdir "$work/source"
	cp -R "$root/src" "$root/bpf" "$root/rules" "$root/ebpf-agent.service" "$work/source"
	[ ! -e "$root/deno.lock" ] || cp "$root/deno.lock" "$work/source"
	sed "s/^  \"version\": .*/  \"version\": \"$(version)\",/" "$root/deno.json" >"$work/source/deno.json"
	TZ=UTC find "$work/source" -exec touch -t 202601010000 {} +
}

# Deno compiles packages in as a whole, and of what is no code its complaint, which names the file's place.
copy_imports() {
	[ -e "$root/deno.lock" ] || return 0
	# What Deno downloads besides, the stub, is kept.
	mkdir -p "$work/cache" "$DENO_DIR/dl"
	ln -s "$DENO_DIR/dl" "$work/cache/dl"
	cp -R "$DENO_DIR/npm" "$work/cache"
	find "$work/cache/npm" \( -name browser -o -name '*.md' -o -name 'LICENSE*' -o -name '*.map' -o -name '*.d.ts' \) \
		-prune -exec rm -rf {} +
	TZ=UTC find "$work/cache/npm" -exec touch -t 202601010000 {} +
	export DENO_DIR="$work/cache"
}

# The version by git's tags, 1.2.3 or so many commits after it 1.2.3-4-g1a2b3c4; before the first tag that of
# deno.json and the commit, 0.1.0+1a2b3c4; without git that of deno.json. What is not committed adds -dirty.
version() {
	number=$(sed -n 's/^  "version": "\(.*\)",$/\1/p' "$root/deno.json")
	if [ ! -e "$root/.git" ]; then
		described=$number
	elif described=$(git -C "$root" describe --tags --dirty 2>/dev/null); then
		described=${described#v}
	elif described=$(git -C "$root" describe --always --dirty 2>/dev/null); then
		described=$number+$described
	fi
	# A tag may hold what a version may not.
	case $described in '' | *[!0-9A-Za-z.+-]*) described=$number ;; esac
	printf '%s' "$described"
}

# Sets `printed` to what Deno says, and `status` to how it ends.
compile() {
	# All that is compiled in takes room: this machine's objects alone.
	case $(uname -m) in aarch64) object=arm64.bpf.o ;; *) object=bpf.o ;; esac
	# No code cache: a root process would keep it under a name in /tmp that anybody can foretell.
	# shellcheck disable=SC2086 # one word a permission
	set -- "$deno" compile --quiet --no-check --no-remote --cached-only --no-code-cache $permissions \
		--config "$work/source/deno.json" --include "$work/source/bpf/agent.$object" \
		--include "$work/source/bpf/agent.cast.$object" \
		--include "$work/source/src/check/prove/prove.x86_64" \
		--include "$work/source/ebpf-agent.service" --include "$work/source/rules" \
		--output "$made" "$work/source/src/main.ts"
	status=0
	printed=$(DENO_NO_UPDATE_CHECK=1 NO_COLOR=1 timeout "$patience" "$@" 2>&1 </dev/null) || status=$?
	return "$status"
}

# Whether it was the stub that Deno could not download, or not in time.
stub_is_missing() {
	[ -z "${DENORT_BIN-}" ] || return 1
	case $status:$printed in 124:* | *dl.deno.land*) ;; *) return 1 ;; esac
}

write_launcher() {
	cat >"$made" <<'LAUNCHER'
#!/bin/sh
# Runs the agent from the checkout that this stands in. Made by scripts/build.sh.
set -eu
self=$(readlink -f -- "$0")
start=${self%/dist/*}/scripts/start.sh
if [ ! -x "$start" ]; then
	echo "Cannot start the agent: $self is not in its checkout's dist/. Link to it instead of copying it" >&2
	exit 1
fi
exec "$start" "$@"
LAUNCHER
	chmod 755 "$made"
}

main "$@"
