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

# Sets `launcher`, the command that programs of a preset have to be run with: gcc 12's thread
# sanitizer refuses the address layout that newer kernels choose, so where the system lets us its
# programs get a fixed one. The build runs them too, to discover their tests.
set_launcher() {
  launcher=()
  if [[ $1 == tsan ]] && setarch "$(uname -m)" -R true 2>/dev/null; then
    launcher=(setarch "$(uname -m)" -R)
  fi
}

# build_tests PRESET TARGET: CODERANK_WERROR=ON in the environment makes warnings errors.
build_tests() {
  (
    cd "$root" || return 1
    set_launcher "$1"
    configure "$1" -DCODERANK_TESTS=ON -DCODERANK_WERROR="${CODERANK_WERROR:-OFF}"
    "${launcher[@]}" cmake --build --preset "$1" --target "$2"
  )
}

ctest_results() { printf '%s\n' "$root/build/$1/ctest-results.xml"; }

# run_ctest PRESET [CTEST ARGUMENTS...]
run_ctest() {
  local preset=$1
  shift
  (
    cd "$root" || return 1
    set_launcher "$preset"
    rm -f "$(ctest_results "$preset")"
    "${launcher[@]}" ctest --preset "$preset" --output-junit "$(ctest_results "$preset")" "$@" \
      </dev/null
  )
}

# build_and_test PRESET TARGET [CTEST ARGUMENTS...]
build_and_test() {
  local preset=$1 target=$2
  shift 2
  build_tests "$preset" "$target" && run_ctest "$preset" "$@"
}

# export_model: for all tests of a run. Without the models those that need them skip themselves.
export_model() {
  local embedder decoder
  embedder=${CODERANK_TEST_MODEL_DIR:-$("$root/scripts/fetch-model")} || return 1
  export CODERANK_TEST_MODEL_DIR=$embedder
  decoder=${CODERANK_TEST_DECODER_DIR:-$("$root/scripts/fetch-model" SmolLM2-135M-Instruct)} ||
    return 1
  export CODERANK_TEST_DECODER_DIR=$decoder
}

# export_datasets: for all tests of a run, as export_model does.
export_datasets() {
  local humaneval click pybind11
  humaneval=${CODERANK_TEST_HUMANEVAL_DIR:-$("$root/scripts/fetch-humaneval")} &&
    click=${CODERANK_TEST_CLICK_DIR:-$("$root/scripts/fetch-package" click)} &&
    pybind11=${CODERANK_TEST_PYBIND11_DIR:-$("$root/scripts/fetch-package" pybind11)} || return 1
  export CODERANK_TEST_HUMANEVAL_DIR=$humaneval
  export CODERANK_TEST_CLICK_DIR=$click CODERANK_TEST_PYBIND11_DIR=$pybind11
}

# export_qdrant_client: for tests that need a Qdrant server, which they make of it.
export_qdrant_client() {
  local folder
  [[ -z ${CODERANK_TEST_QDRANT_CLIENT_DIR:-} ]] || return 0
  folder=$("$root/scripts/fetch-qdrant-client") || return 1
  export CODERANK_TEST_QDRANT_CLIENT_DIR=$folder
}

# finish_stages PRESET...: the times, then the sum of the presets' tests; the exit code of a run.
finish_stages() {
  local preset results=()
  for preset; do results+=("$(ctest_results "$preset")"); done
  stage_report
  echo
  python3 "$root/scripts/lib/ctest_summary.py" "${results[@]}" && ((stages_failed == 0))
}
