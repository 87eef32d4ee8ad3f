# Shared by the shell scripts: where the repository is, how messages look, how a build is made.
# Sourced, never run. Messages go to standard error; standard output is for results.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)

# Lets the compiler cache serve every clone of this repository, not only this folder.
export CCACHE_BASEDIR="${CCACHE_BASEDIR:-$root}" CCACHE_NOHASHDIR="${CCACHE_NOHASHDIR:-1}"

say() { printf '%s\n' "$*" >&2; }

# die CODE MESSAGE...
die() {
  local code=$1
  shift
  say "${0##*/}: $*"
  exit "$code"
}

# help_wanted "$@": for --help, prints the comment at the top of the running script.
help_wanted() {
  [[ ${1:-} == --help || ${1:-} == -h ]] || return 1
  awk 'NR > 1 && !/^#/ { exit } NR > 1 { sub(/^# ?/, ""); print }' "$0"
}

# configure PRESET [CACHE ENTRIES...]: prints what CMake says only when it fails.
configure() {
  local preset=$1 log
  shift
  log=$(cd "$root" && cmake --preset "$preset" "$@" 2>&1) || {
    say "$log"
    die 2 "cmake could not configure preset $preset; see above"
  }
}
