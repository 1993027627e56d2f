#!/bin/sh
# Builds the root file system of an image from the files of the given Debian packages, without a shell, a package manager
# or maintainer scripts. Runs in a build stage.
#
#   make-root.sh ROOT PACKAGE…
#
# For vulnerability scanners and licence checks, each package keeps its copyright file, its entry in /var/lib/dpkg/status,
# which scanners of Debian read (such as Amazon ECR's), and its entry in /var/lib/dpkg/status.d, as in the "distroless"
# images (for Amazon Inspector and Trivy).
set -eu
root=$1
shift

downloads=$(mktemp -d)
mkdir -p "$root/usr/bin" "$root/usr/sbin" "$root/usr/lib" "$root/usr/lib64" "$root/var/lib/dpkg/status.d"
for name in bin sbin lib lib64; do
  ln -s "usr/$name" "$root/$name"
done

apt-get -qq update
(cd "$downloads" && apt-get -qq -o APT::Sandbox::User=root download "$@")
for package in "$downloads"/*.deb; do
  dpkg-deb --fsys-tarfile "$package" | tar -x -C "$root" --keep-directory-symlink
  name=$(dpkg-deb --field "$package" Package)
  dpkg-deb --field "$package" > "$root/var/lib/dpkg/status.d/$name"
  { sed '/^Package:/a Status: install ok installed' "$root/var/lib/dpkg/status.d/$name"; echo; } >> "$root/var/lib/dpkg/status"
done

# Remove the plug-ins for pre-authentication by SPAKE: Active Directory does not offer it, and only they would need
# OpenSSL. Also remove tables for character sets other than UTF-8, manuals, translations, and folders that others may
# write to.
rm -rf "$root"/usr/lib/*/krb5/plugins/preauth "$root"/usr/lib/*/gconv "$root"/usr/lib/*/audit \
  "$root"/usr/share/man "$root"/usr/share/locale "$root"/usr/share/lintian "$root"/usr/share/base-files \
  "$root"/usr/share/info "$root"/usr/share/gcc "$root"/usr/share/gdb "$root"/usr/share/libc-bin \
  "$root"/var/local "$root"/var/lock "$root"/etc/update-motd.d "$root"/etc/skel "$root"/etc/profile.d "$root"/etc/motd "$root"/etc/issue*
find "$root/usr/share/doc" ! -type d ! -name copyright -delete
find "$root/usr/share/doc" -type d -empty -delete

install -m 755 /usr/local/bin/node "$root/usr/bin/node"
install -D -m 644 /usr/local/LICENSE "$root/usr/share/doc/node/copyright"

printf '%s\n' 'root:x:0:0:root:/root:/usr/sbin/nologin' \
  'sidecar:x:1001:1002::/nonexistent:/usr/sbin/nologin' \
  'web:x:1002:1002::/nonexistent:/usr/sbin/nologin' > "$root/etc/passwd"
printf '%s\n' 'root:x:0:' 'web:x:1002:' > "$root/etc/group"
printf '%s\n' 'passwd: files' 'group: files' 'hosts: files dns' > "$root/etc/nsswitch.conf"

# A volume gets its content and owner from the image that first mounts it (Amazon ECS, "Bind mounts"), so both images
# contain the same folder: the sidecar writes to it, and the web service's group reads it.
mkdir -p "$root/var/scratch"
chown 1001:1002 "$root/var/scratch"
chmod 2750 "$root/var/scratch"
