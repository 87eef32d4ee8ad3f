# Stages of a long check: each is timed, a failure does not hide the later ones. Sourced.

stage_lines=()
stages_failed=0

# stage NAME COMMAND...
stage() {
  local name=$1 start=$SECONDS verdict=ok
  shift
  printf '\n==== %s\n' "$name"
  "$@" || verdict=FAILED
  [[ $verdict == ok ]] || stages_failed=$((stages_failed + 1))
  stage_lines+=("$(printf '%-8s %5d s  %s' "$verdict" $((SECONDS - start)) "$name")")
  printf '==== %s: %s\n' "$name" "$verdict"
}

stage_report() {
  printf '\n==== stages\n'
  printf '%s\n' "${stage_lines[@]}"
  printf '%-8s %5d s  in total\n' '' "$SECONDS"
}

# run_ctest PRESET [CTEST ARGUMENTS...]: results go to build/PRESET/ctest-results.xml.
run_ctest() {
  local preset=$1
  shift
  (cd "$root" && ctest --preset "$preset" --output-junit "$root/build/$preset/ctest-results.xml" \
    "$@" </dev/null)
}

# build_tests PRESET TARGET: CODERANK_WERROR=ON in the environment makes warnings errors.
build_tests() {
  (
    cd "$root" || return 1
    configure "$1" -DCODERANK_TESTS=ON -DCODERANK_WERROR="${CODERANK_WERROR:-OFF}"
    cmake --build --preset "$1" --target "$2"
  )
}
