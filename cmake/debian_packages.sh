#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# Unpacks Debian packages into a private prefix. Needs apt but not root, and does not change the system.
#
#   cmake/debian_packages.sh PREFIX WHAT...     WHAT: kokkos eigen random123 boost cxxopts json zlib png jpeg benchmark fashion-mnist
#   cmake/debian_packages.sh PREFIX kokkos4     Trilinos' Kokkos 4 with Serial; needs a prefix of its own
#   cmake/debian_packages.sh PREFIX hipcc       a compiler for AMD's GPUs; PREFIX is a root folder for chroot
#   cmake/debian_packages.sh PREFIX compilers   newer compilers and CMake, into the same root folder or one of its own
#
# Sets that are already there (PREFIX/.ready-WHAT) are not downloaded again. That stamp is written last, so an interrupted run can
# be repeated. On failure: one line on stderr, exit status 1.
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
  command -v "$tool" >/dev/null || fail "$tool not found"
done
# shellcheck source=/dev/null
own_suite=$(. /etc/os-release && [[ ${ID-} == debian ]] && echo "${VERSION_CODENAME-}") || true
[[ -n $own_suite ]] || fail "this machine is not a Debian release"

rm -rf "$prefix"/.work-* # left by a killed run
work=$(mktemp -d "$prefix/.work-XXXXXX")
trap 'rm -rf "$work"' EXIT

# A private apt configuration: the machine's mirror, proxy and keys, with separate lists, cache and suites.
state= # folder of the selected suites
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
// The release file of a frozen mirror of sid may have expired.
Acquire::Check-Valid-Until "false";
APT::Update::Error-Mode "any";
APT::Sandbox::User "$(id -un)";
CONF
  apt-get -qq -c "$state/apt.conf" update >"$work/log" 2>&1 ||
    fail "apt cannot read $* from its mirror: $(grep -m1 '^E:' "$work/log" || tail -n1 "$work/log")"
}

# Prints the package and its dependencies, except the C and C++ runtime that every machine with a compiler has.
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

# Downloads packages of one suite and unpacks the contents of their /usr into a folder.
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
  # Absolute links refer to the system's folders; make them refer to the file of the same name beside them.
  find "$work/root" -type l -lname '/*' | while read -r link; do
    ln -sfn "$(basename "$(readlink "$link")")" "$link"
  done
  rm -rf "$work"/root/usr/share/{doc,doc-base,lintian,man}
  cp -alf "$work/root/usr/." "$folder/"
  [[ ! -d $work/root/lib ]] || cp -alf "$work/root/lib" "$folder/"
}

# Kokkos' CMake files refer to two archives of header-only parts that the package does not contain.
add_missing_archives() { # folder of libkokkoscore
  local archive
  for archive in libkokkosalgorithms.a libkokkossimd.a; do
    [[ -e $1/$archive ]] || ar cr "$1/$archive"
  done
}

unpack_kokkos() { # folder package
  # Releases up to Debian 13 have no usable Kokkos; that of sid needs glibc 2.38 and libstdc++ 13. On an older system, Debian 13's
  # runtime is unpacked beside it, in a folder that only programs linked with Kokkos use.
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

  # The CMake files contain the path of the system's include folder.
  local lib config
  config=$(find "$tree" -name KokkosTargets.cmake -printf '%h')
  [[ -n $config ]] || fail "Debian's $package holds no CMake files"
  lib=$(cd "$config/../.." && pwd)
  sed -i 's|"/usr/include|"${_IMPORT_PREFIX}/include|' "$config/KokkosTargets.cmake"
  add_missing_archives "$lib"
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

# Compilers, libraries and headers refer to each other by absolute paths, so they get a root folder of their own, with a shell. The
# system's files are mounted below /host.
make_root() { # folder
  local tree=$1 folder
  mkdir -p "$tree/host" "$tree/usr"/{bin,lib,lib64,sbin}
  for folder in bin lib lib64 sbin; do ln -s "usr/$folder" "$tree/$folder"; done
  for folder in dev proc tmp; do ln -s "host/$folder" "$tree/$folder"; done
}

download_closure() { # package...
  apt-get -qq -y -c "$state/apt.conf" install --download-only --no-install-recommends "$@" >"$work/log" 2>&1 ||
    fail "apt cannot download $1 of sid: $(grep -m1 '^E:' "$work/log" || tail -n1 "$work/log")"
}

unpack_downloads() { # folder
  find "$state/cache/archives" -name '*.deb' -print0 | xargs -0 -P2 -I{} dpkg-deb -x {} "$1"
  rm -f "$state"/cache/archives/*.deb
  rm -rf "$1"/usr/share/{doc,doc-base,lintian,locale,man}
}

unpack_hipcc() { # folder
  use_suites sid
  make_root "$1"
  download_closure hipcc dash librandom123-dev
  # Only the headers of rocBLAS: its library has a gigabyte of kernels, and nothing is linked here.
  (cd "$state/cache/archives" && apt-get -qq -c "$state/apt.conf" download librocblas-dev/sid >"$work/log" 2>&1) ||
    fail "apt cannot download librocblas-dev of sid: $(grep -m1 '^E:' "$work/log" || tail -n1 "$work/log")"
  unpack_downloads "$1"
}

# Compilers newer than the system's, with CMake and the dependencies of the library.
unpack_compilers() { # folder
  use_suites sid
  make_root "$1"
  download_closure g++-13 g++-14 g++-15 g++-16 clang-22 libomp-22-dev cmake make dash \
    libkokkos-dev librandom123-dev zlib1g-dev libpng-dev nlohmann-json3-dev libeigen3-dev libturbojpeg0-dev
  unpack_downloads "$1"
  add_missing_archives "$(dirname "$(find "$1/usr/lib" -name libkokkoscore.so)")"
}

for what in "${missing[@]}"; do
  if [[ $what == kokkos ]]; then
    unpack_kokkos "$work/kokkos" libkokkos-dev
  elif [[ $what == kokkos4 ]]; then
    unpack_kokkos "$work/kokkos4" libtrilinos-kokkos-dev
  elif [[ $what == hipcc ]]; then
    unpack_hipcc "$work/hipcc"
  elif [[ $what == compilers ]]; then
    unpack_compilers "$work/compilers"
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
    # Keep only static libraries: a shared one would conflict with the system's at run time.
    case $what in zlib | png | jpeg) find "$work/$what" -name '*.so*' -delete ;; esac
  fi
  cp -alf "$work/$what/." "$prefix/"
  touch "$prefix/.ready-$what"
done
