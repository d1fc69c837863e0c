#!/bin/sh
# init.sh ROOTFS SHARED: the first process of machine.sh's namespaces. Mounts what a machine has, and becomes
# systemd.
set -eu
rootfs=$1
shared=$2

# What is written goes to memory, and away with the namespace.
mkdir -p "$shared/machine"
cd "$shared/machine"
mount -t tmpfs -o mode=755 tmpfs .
cd "$PWD"
mkdir upper work root
mount -t overlay -o "lowerdir=$rootfs,upperdir=upper,workdir=work" overlay root
cd root

mount -t proc proc proc
# The kernel is everybody's: nothing may be set in it.
mount -o bind,ro proc/sys proc/sys
mount -t sysfs -o ro sysfs sys
mount -t cgroup2 cgroup2 sys/fs/cgroup
mount -t tracefs tracefs sys/kernel/tracing || :
mount -t bpf bpf sys/fs/bpf
mount -t tmpfs -o mode=755,nosuid tmpfs dev
for device in null zero full random urandom tty; do
	: >"dev/$device"
	mount --bind "/dev/$device" "dev/$device"
done
mkdir dev/pts dev/shm
mount -t devpts -o newinstance,ptmxmode=0666 devpts dev/pts
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd dev/fd
mount -t tmpfs tmpfs dev/shm
mount -t tmpfs -o mode=755 tmpfs run
mount -t tmpfs -o mode=1777 tmpfs tmp
mkdir shared
mount --bind "$shared" shared
ip link set lo up

cat >etc/systemd/system/scenario.target <<'UNIT'
[Unit]
Requires=basic.target
Wants=scenario.service
UNIT
cat >etc/systemd/system/scenario.service <<'UNIT'
[Unit]
Requires=basic.target
After=basic.target
SuccessAction=exit-force
FailureAction=exit-force
[Service]
Type=oneshot
ExecStart=/bin/sh /shared/scenario.sh
StandardOutput=truncate:/shared/report
StandardError=inherit
UNIT

pivot_root . mnt
cd /
umount -l /mnt
# Without what could change the clock or the kernel that this machine shares.
exec env -i container=ebpf-agent-test PATH=/usr/sbin:/usr/bin:/sbin:/bin \
	setpriv --bounding-set=-sys_time,-sys_module,-sys_boot --inh-caps=-sys_time,-sys_module,-sys_boot \
	/lib/systemd/systemd --system --unit=scenario.target </dev/null >/shared/console 2>&1
