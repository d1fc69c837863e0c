# shellcheck shell=sh
# What can be needed of the system, the packages that bring it, and installing them where apt-get is.
# Sourced by lib.sh.
: "${root:?}"

# Tools for the tests that are unpacked instead of installed.
tools=$root/build/tools

# What can be needed (a library, a header, a Python module, or else a program), and its packages.
packages='
need               Debian                     Fedora                     Arch                      Alpine                 openSUSE
libbpf.so.1        libbpf1                    libbpf                     libbpf                    libbpf                 libbpf1
bpf/bpf_helpers.h  libbpf-dev                 libbpf-devel               libbpf                    libbpf-dev             libbpf-devel
clang              clang                      clang                      clang                     clang                  clang
llvm-strip         llvm                       llvm                       llvm                      llvm                   llvm
clang-format       clang-format               clang-tools-extra          clang                     clang-extra-tools      clang-tools
gcc                gcc                        gcc                        gcc                       gcc                    gcc
stdio.h            libc6-dev                  glibc-devel                glibc                     musl-dev               glibc-devel
bpftool            bpftool                    bpftool                    bpf                       bpftool                bpftool
prometheus         prometheus                 golang-github-prometheus   prometheus                prometheus             golang-github-prometheus-prometheus
promtool           prometheus                 golang-github-prometheus   prometheus                prometheus             golang-github-prometheus-prometheus
prometheus_client  python3-prometheus-client  python3-prometheus_client  python-prometheus_client  py3-prometheus-client  python3-prometheus_client
shellcheck         shellcheck                 ShellCheck                 shellcheck                shellcheck             ShellCheck
strace             strace                     strace                     strace                    strace                 strace
sudo               sudo                       sudo                       sudo                      sudo                   sudo
valgrind/callgrind.h valgrind                 valgrind-devel             valgrind                  valgrind-dev           valgrind-devel
ps                 procps                     procps-ng                  procps-ng                 procps                 procps
ip                 iproute2                   iproute                    iproute2                  iproute2               iproute2
systemd-analyze    systemd                    systemd                    systemd                   systemd                systemd
mmdebstrap         mmdebstrap                 mmdebstrap                 mmdebstrap                mmdebstrap             mmdebstrap
mandoc             mandoc                     mandoc                     mandoc                    mandoc                 mandoc
groff              groff-base                 groff-base                 groff                     groff                  groff
zsh                zsh                        zsh                        zsh                       zsh                    zsh
fish               fish                       fish                       fish                      fish                   fish
qemu-system-x86_64 qemu-system-x86            qemu-system-x86-core       qemu-system-x86            qemu-system-x86_64     qemu-x86
'

# Installs what brings each NEED (the first column of `packages`) that is not there.
# require NEED...
require() {
	missing=''
	for need; do has "$need" || missing="$missing $need"; done
	[ -n "$missing" ] || return 0
	command -v apt-get >/dev/null ||
		die 3 "Cannot find${missing}: this system has no apt-get to install it with." \
			"Install${missing}$(with_system_packages "$missing")"
	# shellcheck disable=SC2046,SC2086 # one word a need, one a package
	install_packages $(packages_for 2 $missing)
	for need in $missing; do
		has "$need" || die 1 "Cannot find ${need}: its package is installed, but it is not in the usual place"
	done
}

has() {
	case $1 in
	*.so.*) has_library "$1" ;;
	*.h) [ -e "/usr/include/$1" ] ;;
	# Packages bring modules to the system's Python, which need not be PATH's.
	*_client) /usr/bin/python3 -c "import $1" 2>/dev/null ;;
	*) command -v "$1" >/dev/null ;;
	esac
}

# Looks where distributions put libraries before asking ldconfig: no process on most starts.
has_library() {
	for folder in /usr/lib/x86_64-linux-gnu /usr/lib/aarch64-linux-gnu /usr/lib64 /lib64 /usr/lib /lib; do
		[ ! -e "$folder/$1" ] || return 0
	done
	PATH=$PATH:/usr/sbin:/sbin ldconfig -p 2>/dev/null | grep -qF "$1 "
}

# install_packages PACKAGE...
install_packages() {
	announce_root "install $*"
	say "Installing $* with apt-get (once)"
	update_package_lists
	installed=''
	for package; do
		# Debian starts a server when its package is installed: unpacked, it is only there to be called.
		if [ "$package" = prometheus ]; then unpack_prometheus; else installed="$installed $package"; fi
	done
	[ -n "$installed" ] || return 0
	# shellcheck disable=SC2086 # one word a package
	quietly apt_get install $installed ||
		die 1 "Cannot install${installed}: apt-get install ended with an error. See above"
}

# NEEDRESTART_SUSPEND: Ubuntu would restart services of others.
apt_get() {
	as_root env LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1 \
		apt-get -qq -y --no-install-recommends -o DPkg::Lock::Timeout=120 "$@"
}

# apt-get waits for dpkg's lock by itself, and not for the one on its lists. Old lists may still do.
update_package_lists() {
	for attempt in $(seq 60); do
		! printed=$(apt_get update 2>&1 </dev/null) || return 0
		case $printed in *'Could not get lock'*) ;; *) break ;; esac
		[ "$attempt" -gt 1 ] || say "Waiting for another apt-get"
		sleep 2
	done
	say "$printed"
}

unpack_prometheus() {
	mkdir -p "$root/build"
	folder=$(mktemp -d "$root/build/tools.XXXXXX")
	(cd "$folder" && quietly apt-get -qq download prometheus && dpkg -x prometheus_*.deb unpacked) ||
		die 1 "Cannot unpack prometheus: apt-get download ended with an error. See above"
	# Another run may have been faster.
	mv -T "$folder/unpacked" "$tools" 2>/dev/null || true
	rm -rf "$folder"
}

# The packages in a column of the table for these needs, each once.
# packages_for COLUMN NEED...
packages_for() {
	column=$1
	shift
	for need; do
		printf '%s\n' "$packages" | awk -v need="$need" -v column="$column" '$1 == need { print $column }'
	done | sort -u | tr '\n' ' '
}

# What to type on a system without apt-get, as the end of a sentence.
# with_system_packages NEEDS
with_system_packages() {
	set -- "$1" dnf 'dnf install' 3 pacman 'pacman -S' 4 apk 'apk add' 5 zypper 'zypper install' 6
	needs=$1
	shift
	all=''
	while [ $# -gt 0 ]; do
		# shellcheck disable=SC2086 # one word a need
		names=$(packages_for "$3" $needs)
		[ -n "$names" ] || names="$needs "
		line="$2 ${names% }"
		if command -v "$1" >/dev/null; then
			printf ': %s' "$line"
			return
		fi
		all="$all
  $line"
		shift 3
	done
	printf ', for example with one of these:%s' "$all"
}
