# Flags of our own targets. Third-party headers are included as SYSTEM and stay out of the warnings.
find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM)
  set(CMAKE_C_COMPILER_LAUNCHER ${CCACHE_PROGRAM})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE_PROGRAM})
endif()

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
if(CODERANK_SANITIZE)
  target_compile_options(coderank_flags INTERFACE
    -fsanitize=${CODERANK_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(coderank_flags INTERFACE -fsanitize=${CODERANK_SANITIZE})
endif()
if(CODERANK_FUZZ)
  target_compile_options(coderank_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()
