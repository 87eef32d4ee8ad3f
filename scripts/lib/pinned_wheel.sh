# Obtains plain files that a Python package carries, pinned by hash. Sourced after common.sh.
#
# pip downloads the wheel (with the user's own pip configuration) and checks its hash; the wheel is
# unpacked as a zip archive, so none of its code is run. The files are kept in the user's cache,
# checked against the list of hashes on every call, and fetched again when they differ.

cannot() { die 3 "$wheel_name cannot be had: $*"; }

wheel_intact() { [[ -d $1 ]] && (cd "$1" && sha256sum --check --strict --status "$2" 2>/dev/null); }

pip_command() {
  if python3 -m pip --version >/dev/null 2>&1; then
    echo python3 -m pip
  else
    command -v pip3 || command -v pip || cannot "no pip; install the package python3-pip"
  fi
}

unpack_wheel() {  # WHEEL INTO
  if command -v unzip >/dev/null; then
    unzip -q "$1" -d "$2"
  else
    (cd "$2" && cmake -E tar xf "$1")
  fi
}

# pinned_wheel NAME STEM SIZE PATH: prints the folder that holds what lies at PATH of the wheel.
# STEM.requirements.txt pins the wheel, STEM.sha256 lists the files below PATH.
pinned_wheel() {
  local wheel_name=$1 requirements="$2.requirements.txt" sums="$2.sha256" size=$3 path=$4
  local wheel_hash cache entry folder work pip_line pip
  wheel_hash=$(sed -n 's/.*--hash=sha256://p' "$requirements")
  cache="${XDG_CACHE_HOME:-${HOME:?}/.cache}/coderank/downloads"
  entry="$cache/$wheel_hash"
  folder="$entry/$wheel_name"
  if wheel_intact "$folder" "$sums"; then
    printf '%s\n' "$folder"
    return
  fi

  mkdir -p "$cache"
  work=$(mktemp -d "$cache/.fetch-XXXXXX")
  # shellcheck disable=SC2064 # the folder of this call
  trap "rm -rf '$work'" EXIT
  say "Fetching $wheel_name ($size) into $cache"
  pip_line=$(pip_command) || exit $?
  read -ra pip <<<"$pip_line"
  "${pip[@]}" download --quiet --no-input --no-cache-dir --disable-pip-version-check --no-deps \
    --only-binary=:all: --require-hashes -r "$requirements" -d "$work" >&2 </dev/null ||
    cannot "pip could not download the wheel; its message is above"
  mkdir "$work/wheel" "$work/entry"
  unpack_wheel "$work"/*.whl "$work/wheel" || cannot "the wheel could not be unpacked"
  mv "$work/wheel/$path" "$work/entry/$wheel_name"
  wheel_intact "$work/entry/$wheel_name" "$sums" ||
    cannot "the wheel's files do not have the hashes in $sums"

  # In one step, so that an interrupted run leaves no half an entry; a damaged one makes room. When
  # another run was faster its entry is as good as ours.
  [[ ! -e $entry ]] || mv -T "$entry" "$work/damaged" 2>/dev/null || true
  mv -T "$work/entry" "$entry" 2>/dev/null || wheel_intact "$folder" "$sums" ||
    cannot "$entry cannot be written"
  printf '%s\n' "$folder"
}
