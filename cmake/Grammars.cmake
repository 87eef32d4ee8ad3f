# The tree-sitter runtime and grammars, as the imported target `tree_sitter_grammars`, and the query
# files of src/syntax as a header.

# scripts/build-grammars makes the library once for all builds: it is C that is compiled without
# sanitizers, and by the system's `cc`, whatever compiles the rest.
find_program(PYTHON3 python3 REQUIRED)
execute_process(COMMAND ${PYTHON3} ${PROJECT_SOURCE_DIR}/scripts/build-grammars
  OUTPUT_VARIABLE grammars_folder OUTPUT_STRIP_TRAILING_WHITESPACE RESULT_VARIABLE grammars_failed)
if(grammars_failed)
  message(FATAL_ERROR "scripts/build-grammars failed; see above")
endif()
get_filename_component(CODERANK_GRAMMARS_ID ${grammars_folder} NAME)
add_library(tree_sitter_grammars STATIC IMPORTED GLOBAL)
set_target_properties(tree_sitter_grammars PROPERTIES
  IMPORTED_LOCATION ${grammars_folder}/libcoderank_grammars.a
  INTERFACE_INCLUDE_DIRECTORIES ${grammars_folder}/include)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS
  ${PROJECT_SOURCE_DIR}/cmake/grammars.toml ${PROJECT_SOURCE_DIR}/scripts/build-grammars)

# coderank_embed_queries(FOLDER): writes syntax/generated_queries.h, in which queries/go.scm is
# kQueryGo, and a hash over all of them and the grammars.
function(coderank_embed_queries folder)
  file(GLOB queries CONFIGURE_DEPENDS ${folder}/*.scm)
  set(text "// Written by cmake/Grammars.cmake.\n#pragma once\n\n#include <string_view>\n\n")
  string(APPEND text "namespace coderank {\n\n")
  set(all "${CODERANK_GRAMMARS_ID}")
  foreach(query IN LISTS queries)
    get_filename_component(name ${query} NAME_WE)
    string(REPLACE "_" ";" words ${name})
    set(name "")
    foreach(word IN LISTS words)
      string(SUBSTRING ${word} 0 1 first)
      string(SUBSTRING ${word} 1 -1 rest)
      string(TOUPPER ${first} first)
      string(APPEND name ${first}${rest})
    endforeach()
    # Bracket and semicolon mean something in CMake's lists: the text is never taken as one.
    file(READ ${query} content)
    file(SHA256 ${query} hash)
    string(APPEND all "${hash}")
    string(APPEND text "inline constexpr std::string_view kQuery${name} =\n")
    string(APPEND text "    R\"scm(${content})scm\";\n\n")
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${query})
  endforeach()
  string(SHA256 hash "${all}")
  string(SUBSTRING ${hash} 0 16 hash)
  string(APPEND text "inline constexpr std::string_view kSyntaxHash = \"${hash}\";\n\n")
  string(APPEND text "}  // namespace coderank\n")
  file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/generated/syntax/generated_queries.h
    CONTENT "@text@" @ONLY)
endfunction()
