# shellcheck shell=sh
# Shared by the scripts beside it: messages, root, finding or installing Deno, and running the agent.
# Whoever sources it has set `root`, the checkout's folder.
: "${root:?}"

deno_pinned=2.9.6
# Of the program inside npm's package. None for arm64: there npm's own integrity check has to do.
deno_sha256_x86_64=bceb5b6a6239b0b010418406d8c77a508f67cf4337d94288f1c19fe71304aab0

uid=$(id -u)

# shellcheck source=scripts/packages.sh
. "$root/scripts/packages.sh"

say() {
	printf '%s\n' "$*" >&2
}

# die STATUS MESSAGE
die() {
	status=$1
	shift
	say "$*"
	exit "$status"
}

# Runs a command; shows what it printed, on stderr, only where it ends with an error.
quietly() {
	printed=$("$@" 2>&1 </dev/null) || {
		status=$?
		say "$printed"
		return "$status"
	}
}

is_root() {
	[ "$uid" = 0 ]
}

# Says why root is needed where the caller is not root; ends where there is no way to become root.
announce_root() {
	is_root && return
	command -v sudo >/dev/null || die 3 "Cannot $1: this needs root, and there is no sudo. Run it as root"
	say "Root is needed to $1: calling sudo"
}

as_root() {
	if is_root; then "$@"; else sudo -- "$@"; fi
}

# Sets `deno` to a suitable one: the checkout's own, which is the pinned one, or else PATH's.
find_deno() {
	deno=$root/.deno/$deno_pinned/deno
	[ ! -x "$deno" ] || return 0
	deno=$(command -v deno) || return 1
	# What is not the program itself (npm's wrapper, a version manager's) starts it as a child, which
	# signals would not reach.
	case $(head -c 4 -- "$deno") in
	*ELF) ;;
	*) deno=$("$deno" eval 'console.log(Deno.execPath())' 2>/dev/null) || return 1 ;;
	esac
	is_recent_deno "$("$deno" --version 2>/dev/null)"
}

# Whether "deno 2.4.2 (stable, ...)" is one that the code runs on.
is_recent_deno() {
	version=${1#deno }
	major=${version%%.*}
	minor=${version#*.}
	minor=${minor%%.*}
	case $major$minor in *[!0-9]* | '') return 1 ;; esac
	[ "$major" -gt 2 ] || { [ "$major" -eq 2 ] && [ "$minor" -ge 4 ]; }
}

# Sets `deno`, and installs the pinned one where there is none.
require_deno() {
	find_deno || install_deno
}

install_deno() {
	command -v npm >/dev/null ||
		die 3 "Cannot install Deno: npm is not on PATH. Install Node.js with npm, or Deno 2.4 or later"
	say "Installing Deno $deno_pinned from npm into ${root}/.deno (once)"
	(download_deno)
	deno=$root/.deno/$deno_pinned/deno
}

# Runs in a subshell, so that its traps are its own. What is unpacked is renamed into place as a
# whole: whoever is interrupted leaves nothing half done, and of two at once the later one wins.
download_deno() {
	mkdir -p "$root/.deno/$deno_pinned" ||
		die 1 "Cannot install Deno: $root is not yours to write to. Run this as root once"
	find "$root/.deno" -maxdepth 1 -name 'install.*' -mmin +60 -exec rm -rf {} +
	folder=$(mktemp -d "$root/.deno/install.XXXXXX")
	trap 'rm -rf "$folder"' EXIT
	trap 'exit 129' HUP
	trap 'exit 130' INT
	trap 'exit 143' TERM
	# The package's install script would only copy the program; new npm versions block such scripts.
	quietly npm install --prefix "$folder" --ignore-scripts --include=optional --no-save \
		--no-package-lock --no-audit --no-fund --loglevel=error "deno@$deno_pinned" ||
		die 1 "Cannot install Deno: npm install deno@$deno_pinned ended with an error. See above"
	program=$(find "$folder/node_modules/@deno" -type f -name deno 2>/dev/null | head -n 1)
	[ -n "$program" ] || die 3 "Cannot install Deno: npm has none for this system." \
		"Install Deno 2.4 or later$(with_system_packages deno)"
	if [ "$(uname -m)" = x86_64 ]; then
		printf '%s  %s\n' "$deno_sha256_x86_64" "$program" | sha256sum -c --status - ||
			die 1 "Cannot install Deno: what npm brought is not Deno $deno_pinned (its SHA-256 differs)." \
				"Ask whoever runs your npm registry"
	fi
	quietly "$program" --version ||
		die 3 "Cannot install Deno: Deno $deno_pinned does not run on this system." \
			"Install Deno 2.4 or later$(with_system_packages deno)"
	mv -f "$program" "$root/.deno/$deno_pinned/deno"
}

# Deno trusts Mozilla's authorities alone unless told otherwise, and npm those of the machine: a network may
# have one of its own.
export DENO_TLS_CA_STORE="${DENO_TLS_CA_STORE:-system,mozilla}"

# Sees to it that what the agent imports from npm is there, as deno.lock names it, with its sums. It stands in
# the checkout and not in somebody's home: sudo changes that. Needs `deno`.
require_imports() {
	[ -e "$root/deno.lock" ] || return 0
	export DENO_DIR="$root/.deno/cache"
	fetched=$DENO_DIR/fetched.lock
	if [ -e "$fetched" ] && [ "$(cat "$fetched")" = "$(cat "$root/deno.lock")" ]; then return 0; fi
	say "Fetching the packages of deno.lock from npm into $DENO_DIR (once)"
	mkdir -p "$DENO_DIR" ||
		die 1 "Cannot fetch packages: $root is not yours to write to. Run this as root once"
	(cd "$root" && DENO_NO_UPDATE_CHECK=1 NO_COLOR=1 quietly "$deno" install --frozen) ||
		die 1 "Cannot fetch packages: $deno install ended with an error. See above"
	# Renamed into place: two may do this at once.
	cp "$root/deno.lock" "$fetched.$$" && mv -f "$fetched.$$" "$fetched"
}

# What the agent may do, compiled or from source, as narrow as FFI allows:
#   --allow-ffi    libbpf and libc; unscoped, because reading memory through a pointer needs that
#   --allow-net    listens where the user says; connects nowhere
#   --allow-env    EBPF_AGENT_...; listing the variables needs all of them
# From source also --allow-read for its own code and the BPF object, which are compiled in otherwise.
# Deno keeps /proc and /sys to --allow-all: libc reads those.
# Not given: writing files, starting programs, asking for more (--no-prompt).
permissions='--no-prompt --allow-ffi --allow-net --allow-env'

# Replaces this process by the agent (so that Ctrl+C and kill reach it), started with its options.
# exec_agent root|caller OPTION...
exec_agent() {
	as=$1
	shift
	# A comma in the list of --allow-read cannot be escaped in Deno 2.9.
	case $root in *,*) read='--allow-read' ;; *) read="--allow-read=$root" ;; esac
	# Nothing is fetched here: --no-remote, and --cached-only for npm.
	# shellcheck disable=SC2086 # one word a permission
	set -- "$deno" run --quiet --no-remote --cached-only --config "$root/deno.json" \
		$permissions "$read" "$root/src/main.ts" "$@"
	# Deno would ask its maker for newer versions.
	export DENO_NO_UPDATE_CHECK=1
	if [ "$as" = caller ] || is_root; then exec "$@"; fi
	# sudo clears the environment: what is the agent's goes on its command line.
	set -- "DENO_NO_UPDATE_CHECK=1" ${DENO_DIR:+"DENO_DIR=$DENO_DIR"} "$@"
	for name in $(env | sed -n 's/^\(EBPF_AGENT_[A-Z0-9_]*\)=.*/\1/p'); do
		eval "set -- \"$name=\$$name\" \"\$@\""
	done
	exec sudo -- env "$@"
}
