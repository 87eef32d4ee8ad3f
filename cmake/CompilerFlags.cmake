# Flags of our own targets. Third-party headers come from the system's folders or from imported
# targets, which CMake includes as SYSTEM, so the warnings below never see them.
find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM)
  set(CMAKE_C_COMPILER_LAUNCHER ${CCACHE_PROGRAM})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE_PROGRAM})
endif()

if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 12)
  message(FATAL_ERROR "gcc ${CMAKE_CXX_COMPILER_VERSION} is too old; install gcc 12 or newer")
elseif(CMAKE_CXX_COMPILER_ID STREQUAL "Clang" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 16)
  message(FATAL_ERROR "clang ${CMAKE_CXX_COMPILER_VERSION} is too old; install clang 16 or newer")
endif()

# Sanitizer builds: line tables are all that a report needs and keep the objects small; assertions
# of ours and of the standard library are on.
set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-O2 -g1 -D_GLIBCXX_ASSERTIONS")

add_library(coderank_flags INTERFACE)
target_compile_options(coderank_flags INTERFACE
  -Wall -Wextra -Wconversion -Wsign-conversion -Werror=return-type -fvisibility=hidden
  # Designated initialisers leave members to their defaults on purpose.
  -Wno-missing-field-initializers)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # gcc 12 reports these three at -O2 inside std::string, std::variant and std::optional
  # (GCC PR 105329, 105651, 105562): false positives that no change of ours can silence.
  target_compile_options(coderank_flags INTERFACE
    -Wno-restrict -Wno-array-bounds -Wno-maybe-uninitialized)
else()
  target_compile_options(coderank_flags INTERFACE -Wthread-safety)
endif()
# Messages and debug information name files as the repository does, wherever it lies.
target_compile_options(coderank_flags INTERFACE -ffile-prefix-map=${PROJECT_SOURCE_DIR}/=)
# Off for people, whose newer compilers may know more warnings; CI turns it on.
option(CODERANK_WERROR "Treat warnings as errors" OFF)
if(CODERANK_WERROR)
  target_compile_options(coderank_flags INTERFACE -Werror)
endif()
if(CODERANK_SANITIZE)
  target_compile_options(coderank_flags INTERFACE
    -fsanitize=${CODERANK_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(coderank_flags INTERFACE -fsanitize=${CODERANK_SANITIZE})
endif()
if(CODERANK_FUZZ)
  target_compile_options(coderank_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()
