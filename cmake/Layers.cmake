# One folder = one layer = one static library `coderank_<layer>`; tests stand beside the code.
# Which layer may include which is data in scripts/layers.toml, enforced by scripts/check-includes.

# coderank_layer(NAME SOURCES a.cc ... DEPENDS base text ... LIBRARIES SQLite::SQLite3 ...)
function(coderank_layer name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPENDS;LIBRARIES" ${ARGN})
  add_library(coderank_${name} STATIC ${ARG_SOURCES})
  target_include_directories(coderank_${name} PUBLIC
    ${PROJECT_SOURCE_DIR}/include ${PROJECT_SOURCE_DIR}/src)
  target_link_libraries(coderank_${name} PRIVATE coderank_flags ${ARG_LIBRARIES})
  foreach(dependency IN LISTS ARG_DEPENDS)
    target_link_libraries(coderank_${name} PUBLIC coderank_${dependency})
  endforeach()
endfunction()

# coderank_test(NAME SOURCES a_test.cc ... DEPENDS base ... LABELS fast|slow threads ...
#               LIBRARIES ... [PROGRAM]): a GoogleTest program whose cases become ctest tests.
#
# Labels: `fast` (the default) or `slow`, plus `threads` for what the thread sanitizer should see.
# The target `tests_<label>` builds all programs of a label. PROGRAM is for black-box tests: it
# builds the command line too and defines CODERANK_PROGRAM, its path as a string literal. Every
# test has CODERANK_SOURCE_DIR, the repository's folder, for its data.
function(coderank_test name)
  if(NOT CODERANK_TESTS)
    return()
  endif()
  cmake_parse_arguments(ARG "PROGRAM" "" "SOURCES;DEPENDS;LABELS;LIBRARIES" ${ARGN})
  if(NOT ARG_LABELS)
    set(ARG_LABELS fast)
  endif()
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE coderank_flags coderank_testing ${ARG_LIBRARIES}
    GTest::gmock GTest::gtest_main)
  foreach(dependency IN LISTS ARG_DEPENDS)
    target_link_libraries(${name} PRIVATE coderank_${dependency})
  endforeach()
  target_compile_definitions(${name} PRIVATE CODERANK_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  set_target_properties(${name} PROPERTIES
    RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  if(ARG_PROGRAM)
    add_dependencies(${name} coderank)
    target_compile_definitions(${name} PRIVATE CODERANK_PROGRAM="$<TARGET_FILE:coderank>")
  endif()
  foreach(label IN LISTS ARG_LABELS)
    if(NOT TARGET tests_${label})
      add_custom_target(tests_${label})
    endif()
    add_dependencies(tests_${label} ${name})
  endforeach()
  # The timeout is generous because sanitizer builds share two cores with other tests.
  gtest_discover_tests(${name} DISCOVERY_TIMEOUT 60 PROPERTIES TIMEOUT 600)
  # Labels are set by ctest itself once it has read the discovered cases: PROPERTIES would flatten
  # a list of labels on its way and keep only the first.
  set(labels_file ${CMAKE_CURRENT_BINARY_DIR}/${name}_labels.cmake)
  file(WRITE ${labels_file} "foreach(test IN LISTS ${name}_TESTS)\n"
    "  set_tests_properties(\"\${test}\" PROPERTIES LABELS \"${ARG_LABELS}\")\nendforeach()\n")
  set_property(DIRECTORY APPEND PROPERTY TEST_INCLUDE_FILES ${labels_file})
endfunction()

# coderank_fuzzer(NAME SOURCES a_fuzzer.cc DEPENDS base ...): a libFuzzer program in the folder
# `fuzz` of the build; its seeds lie in tests/fuzz/corpus/NAME. The target `fuzzers` builds them
# all, scripts/fuzz runs them.
function(coderank_fuzzer name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPENDS;LIBRARIES" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE coderank_flags ${ARG_LIBRARIES})
  target_link_options(${name} PRIVATE -fsanitize=fuzzer)
  foreach(dependency IN LISTS ARG_DEPENDS)
    target_link_libraries(${name} PRIVATE coderank_${dependency})
  endforeach()
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/fuzz)
  if(NOT TARGET fuzzers)
    add_custom_target(fuzzers)
  endif()
  add_dependencies(fuzzers ${name})
endfunction()
