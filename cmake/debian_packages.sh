#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# Unpacks Debian packages into a private prefix. Needs apt, not root; the system itself stays as it is.
#
#   cmake/debian_packages.sh PREFIX WHAT...     WHAT: kokkos eigen random123 boost cxxopts json zlib png jpeg benchmark fashion-mnist
#   cmake/debian_packages.sh PREFIX kokkos4     Trilinos' Kokkos 4 with Serial, beside the other one: needs a prefix of its own
#   cmake/debian_packages.sh PREFIX hipcc       a compiler for AMD's GPUs; PREFIX is a root folder for chroot
#
# What is there already (PREFIX/.ready-WHAT) is neither fetched nor looked up again. A stamp is written last, so an
# interrupted run is simply repeated. On failure: one line on stderr, exit status 1.
set -euo pipefail

fail() {
  echo "$*" >&2
  exit 1
}

[[ $# -ge 2 ]] || fail "usage: $0 PREFIX WHAT..."
mkdir -p "$1"
prefix=$(cd "$1" && pwd)
shift

exec 9>"$prefix/.lock" # two builds of one source tree may configure at the same time
flock 9

missing=()
for what; do
  [[ -e $prefix/.ready-$what ]] || missing+=("$what")
done
[[ ${#missing[@]} -gt 0 ]] || exit 0

for tool in apt-get apt-cache dpkg-deb; do
  command -v "$tool" >/dev/null || fail "no $tool on this machine"
done
# shellcheck source=/dev/null
own_suite=$(. /etc/os-release && [[ ${ID-} == debian ]] && echo "${VERSION_CODENAME-}") || true
[[ -n $own_suite ]] || fail "this machine is not a Debian release"

rm -rf "$prefix"/.work-* # of a run that was killed
work=$(mktemp -d "$prefix/.work-XXXXXX")
trap 'rm -rf "$work"' EXIT

# A private apt: the machine's own mirror, proxy and keys, but lists, cache and suites of our own.
state= # of the suites last chosen
use_suites() { # suite...
  state=$work/apt/$*
  if [[ -d $state ]]; then return; fi
  mkdir -p "$state/lists/partial" "$state/cache/archives/partial"
  : >"$state/status"

  local mirror keyring=/usr/share/keyrings/debian-archive-keyring.gpg options=
  mirror=$(apt-get indextargets --format '$(CODENAME) $(REPO_URI)' 'Created-By: Packages' |
    awk -v suite="$own_suite" '$1 == suite { print $2; exit }')
  [[ -n $mirror ]] || fail "apt names no mirror for $own_suite"
  [[ ! -r $keyring ]] || options="[signed-by=$keyring] "
  for suite; do echo "deb $options$mirror $suite main"; done >"$state/sources.list"
  cat >"$state/apt.conf" <<CONF
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
Dir::State "$state";
Dir::State::lists "$state/lists";
Dir::State::status "$state/status";
Dir::Cache "$state/cache";
Dir::Cache::pkgcache "pkgcache.bin";
Dir::Etc::sourcelist "$state/sources.list";
Dir::Etc::sourceparts "/dev/null";
Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts "/dev/null";
Acquire::Languages "none";
// A mirror may hold a frozen sid, whose release file says it is too old.
Acquire::Check-Valid-Until "false";
APT::Update::Error-Mode "any";
APT::Sandbox::User "$(id -un)";
CONF
  apt-get -qq -c "$state/apt.conf" update >"$work/log" 2>&1 ||
    fail "apt cannot read $* from its mirror: $(grep -m1 '^E:' "$work/log" || tail -n1 "$work/log")"
}

# The package and what it needs, less the C and C++ runtime that every machine with a compiler has.
closure() { # package suite
  local depends
  depends=$(apt-cache -c "$state/apt.conf" show --no-all-versions "$1/$2" 2>/dev/null | sed -n 's/^Depends: //p')
  echo "$1"
  tr ',' '\n' <<<"$depends" | awk '{ sub(/:.*/, "", $1); if ($1 != "") print $1 }' | while read -r name; do
    case $name in
    libc6* | libc-dev | libgcc* | libstdc++* | libgomp* | libomp* | pkg-config | pkgconf* | python3*) ;;
    *) closure "$name" "$2" ;;
    esac
  done
}

# Downloads packages of one suite and unpacks them, /usr taken off, into a folder.
unpack() { # folder suite package...
  local folder=$1 suite=$2 deb link
  shift 2
  rm -rf "$work/deb" "$work/root"
  mkdir -p "$folder" "$work/deb" "$work/root/usr"
  (cd "$work/deb" && apt-get -qq -c "$state/apt.conf" download "${@/%//$suite}" >"$work/log" 2>&1) ||
    fail "apt cannot download $* of $suite: $(grep -m1 '^E:' "$work/log" || tail -n1 "$work/log")"
  for deb in "$work"/deb/*.deb; do
    dpkg-deb -x "$deb" "$work/root"
    echo "   $(dpkg-deb -f "$deb" Package) $(dpkg-deb -f "$deb" Version) of Debian $suite"
  done
  # Links name the place they would have in the system; the prefix is another one.
  find "$work/root" -type l -lname '/*' | while read -r link; do
    ln -sfn "$(basename "$(readlink "$link")")" "$link"
  done
  rm -rf "$work"/root/usr/share/{doc,doc-base,lintian,man}
  cp -alf "$work/root/usr/." "$folder/"
  [[ ! -d $work/root/lib ]] || cp -alf "$work/root/lib" "$folder/"
}

unpack_kokkos() { # folder package
  # Releases up to Debian 13 have no usable Kokkos; sid's is built against glibc 2.38 and libstdc++ 13. Where the
  # system is older, Debian 13's runtime lies beside it, in a folder that only programs linked with Kokkos look into.
  local tree=$1 package=$2 glibc runtime=
  glibc=$(getconf GNU_LIBC_VERSION | awk '{ print $2 }')
  [[ $(printf '%s\n' "$glibc" 2.38 | sort -V | head -n1) == 2.38 ]] || runtime=1
  use_suites sid ${runtime:+trixie}
  # shellcheck disable=SC2046
  unpack "$tree" sid $(closure "$package" sid | sort -u)
  if [[ -n $runtime ]]; then
    unpack "$work/libc" trixie libc6 libgcc-s1 libstdc++6 libgomp1
    mkdir -p "$tree/lib/kokkos-runtime"
    find "$work/libc/lib" -name gconv -prune -o -name '*.so*' -not -type d -exec cp -a -t "$tree/lib/kokkos-runtime" {} +
  fi

  # The CMake files name the system's include folder, and two archives of header-only parts that the package lacks.
  local lib config
  config=$(find "$tree" -name KokkosTargets.cmake -printf '%h')
  [[ -n $config ]] || fail "Debian's $package holds no CMake files"
  lib=$(cd "$config/../.." && pwd)
  sed -i 's|"/usr/include|"${_IMPORT_PREFIX}/include|' "$config/KokkosTargets.cmake"
  for archive in libkokkosalgorithms.a libkokkossimd.a; do
    [[ -e $lib/$archive ]] || ar cr "$lib/$archive"
  done
  [[ -n $runtime ]] || return 0

  local loader
  loader=$(cd "$tree/lib/kokkos-runtime" && echo ld-linux*.so*)
  cat >>"$config/KokkosConfig.cmake" <<CMAKE

# Added by IGN: this Kokkos needs a newer C and C++ runtime than the system's. Programs use the one unpacked beside it:
# rpath, not runpath, because the libraries that the program uses must find it as well.
get_filename_component(_ign_runtime "\${CMAKE_CURRENT_LIST_DIR}/$(realpath --relative-to="$config" "$tree/lib/kokkos-runtime")" ABSOLUTE)
set_property(TARGET Kokkos::kokkoscore APPEND PROPERTY INTERFACE_LINK_OPTIONS
  "LINKER:--allow-shlib-undefined" "LINKER:--disable-new-dtags" "LINKER:-rpath,\${_ign_runtime}"
  "LINKER:--dynamic-linker=\${_ign_runtime}/$loader")
unset(_ign_runtime)
CMAKE
  if "$tree/lib/kokkos-runtime/$loader" --library-path "$tree/lib/kokkos-runtime:$lib" --list "$lib/libkokkoscore.so" 2>&1 |
    grep -m1 'not found' >"$work/log"; then
    fail "sid's $package does not fit Debian 13's runtime: $(cat "$work/log")"
  fi
}

# The compiler, its libraries and headers know each other's places, so they get a root folder of their own, with a shell, which
# hipcc calls. Below /host stands, once it is mounted there, what the system has.
unpack_hipcc() { # folder
  local tree=$1 folder
  use_suites sid
  mkdir -p "$tree/host" "$tree/usr"/{bin,lib,lib64,sbin}
  for folder in bin lib lib64 sbin; do ln -s "usr/$folder" "$tree/$folder"; done
  for folder in dev proc tmp; do ln -s "host/$folder" "$tree/$folder"; done
  apt-get -qq -y -c "$state/apt.conf" install --download-only --no-install-recommends hipcc dash librandom123-dev >"$work/log" 2>&1 ||
    fail "apt cannot download hipcc of sid: $(grep -m1 '^E:' "$work/log" || tail -n1 "$work/log")"
  # Of rocBLAS only the headers: its library has a gigabyte of kernels, and nothing is linked here.
  (cd "$state/cache/archives" && apt-get -qq -c "$state/apt.conf" download librocblas-dev/sid >"$work/log" 2>&1) ||
    fail "apt cannot download librocblas-dev of sid: $(grep -m1 '^E:' "$work/log" || tail -n1 "$work/log")"
  find "$state/cache/archives" -name '*.deb' -print0 | xargs -0 -P2 -I{} dpkg-deb -x {} "$tree"
  rm -f "$state"/cache/archives/*.deb
  rm -rf "$tree"/usr/share/{doc,doc-base,lintian,locale,man}
}

for what in "${missing[@]}"; do
  if [[ $what == kokkos ]]; then
    unpack_kokkos "$work/kokkos" libkokkos-dev
  elif [[ $what == kokkos4 ]]; then
    unpack_kokkos "$work/kokkos4" libtrilinos-kokkos-dev
  elif [[ $what == hipcc ]]; then
    unpack_hipcc "$work/hipcc"
  else
    case $what in
    eigen) package=libeigen3-dev ;;
    random123) package=librandom123-dev ;;
    boost) package=libboost-dev ;;
    cxxopts) package=libcxxopts-dev ;;
    json) package=nlohmann-json3-dev ;;
    zlib) package=zlib1g-dev ;;
    png) package=libpng-dev ;;
    jpeg) package=libturbojpeg0-dev ;;
    benchmark) package=libbenchmark-dev ;;
    fashion-mnist) package=dataset-fashion-mnist ;;
    *) fail "no Debian package known for '$what'" ;;
    esac
    use_suites "$own_suite"
    # shellcheck disable=SC2046
    unpack "$work/$what" "$own_suite" $(closure "$package" "$own_suite" | sort -u)
    # The static libraries of these: a shared one would compete with the system's at run time.
    case $what in zlib | png | jpeg) find "$work/$what" -name '*.so*' -delete ;; esac
  fi
  cp -alf "$work/$what/." "$prefix/"
  touch "$prefix/.ready-$what"
done
