#!/bin/sh
# machine.sh ROOTFS SHARED: boots systemd on the root filesystem ROOTFS, which stays as it is, in namespaces and
# a cgroup of its own, and runs SHARED/scenario.sh there. SHARED, which is /shared there, takes what is said.
set -eu
here=$(CDPATH='' cd -- "${0%/*}" && pwd)
seconds=150

cgroups=$(awk '$3 == "cgroup2" { print $2; exit }' /proc/mounts)
[ -n "$cgroups" ] || { echo 'Cannot boot systemd: cgroup2 is not mounted' >&2; exit 1; }
# Those of runs that were killed.
for old in "$cgroups"/ebpf-agent-test-*; do
	[ -d "/proc/${old##*-}" ] || find "$old" -depth -type d -exec rmdir {} + 2>/dev/null || :
done
cgroup=$cgroups/ebpf-agent-test-$$
mkdir "$cgroup"

# Once its first process has ended the kernel has killed all others, but they may be there for a moment.
remove_cgroup() {
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		find "$cgroup" -depth -type d -exec rmdir {} + 2>/dev/null || :
		[ -d "$cgroup" ] || return 0
		sleep 0.2
	done
	echo "Cannot remove $cgroup: processes are left in it" >&2
	return 1
}
trap remove_cgroup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# A shell of its own goes into the cgroup. --kill-child: nothing outlives unshare, which timeout ends.
# shellcheck disable=SC2016 # for that shell
sh -c 'echo $$ >"$1/cgroup.procs"; shift; exec "$@"' sh "$cgroup" \
	timeout --signal=KILL "$seconds" \
	unshare --mount --pid --uts --ipc --net --cgroup --fork --kill-child --propagation=private \
	sh "$here/init.sh" "$@"
