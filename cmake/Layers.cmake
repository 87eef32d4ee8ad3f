# One folder = one layer = one static library `coderank_<layer>`; tests stand beside the code.

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
#               LIBRARIES ...): a GoogleTest program whose cases become ctest tests.
function(coderank_test name)
  if(NOT CODERANK_TESTS)
    return()
  endif()
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPENDS;LABELS;LIBRARIES" ${ARGN})
  if(NOT ARG_LABELS)
    set(ARG_LABELS fast)
  endif()
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE coderank_flags coderank_testing ${ARG_LIBRARIES}
    GTest::gmock GTest::gtest_main)
  foreach(dependency IN LISTS ARG_DEPENDS)
    target_link_libraries(${name} PRIVATE coderank_${dependency})
  endforeach()
  set_target_properties(${name} PROPERTIES
    RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  # The timeout is generous because sanitizer builds share two cores with other tests.
  gtest_discover_tests(${name} DISCOVERY_TIMEOUT 60
    PROPERTIES LABELS "${ARG_LABELS}" TIMEOUT 600)
endfunction()
