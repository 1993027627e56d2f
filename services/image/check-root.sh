#!/bin/sh
# Fails the build if a root file system lacks a library, or contains a file with set-user-ID or set-group-ID, a shell or
# a package manager. Otherwise gives every file the same time, so that the same content yields the same layer.
#
#   check-root.sh ROOT
set -eu
root=$1

fail() {
  echo "$root: $1" >&2
  exit 1
}

loader=$(find "$root"/usr/lib* -maxdepth 1 -name 'ld-linux-*.so.*' | head -n 1)
for file in $(find "$root/usr/bin" "$root/usr/sbin" "$root/usr/lib" -type f \( -perm /111 -o -name '*.so*' \)); do
  # Run inside the root, because otherwise the loader would find the build stage's libraries.
  missing=$(chroot "$root" "${loader#"$root"}" --list "${file#"$root"}" 2>&1 | grep 'not found' || true)
  [ -z "$missing" ] || fail "${file#"$root"} lacks $missing"
done

[ -z "$(find "$root" -type f -perm /6000)" ] || fail 'a file has set-user-ID or set-group-ID'
for name in sh bash dash busybox apt dpkg; do
  [ ! -e "$root/usr/bin/$name" ] || fail "there is /usr/bin/$name"
done

find "$root" -print0 | xargs -0 touch --no-dereference --date=@0
