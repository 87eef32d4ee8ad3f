# Files as bytes in the program.
#
# coderank_embed_files(OUTPUT name.cc NAMESPACE a::b FILES x.js ...) writes, whenever a file changes, a
# source that defines `const std::string_view k_x_js` and so on in that namespace. A header of the
# caller declares them.
set(CODERANK_EMBED_SCRIPT ${CMAKE_CURRENT_LIST_FILE})

function(coderank_embed_files)
  cmake_parse_arguments(ARG "" "OUTPUT;NAMESPACE" "FILES" ${ARGN})
  list(TRANSFORM ARG_FILES PREPEND ${CMAKE_CURRENT_SOURCE_DIR}/)
  add_custom_command(OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/${ARG_OUTPUT}
    COMMAND ${CMAKE_COMMAND} -D OUTPUT=${CMAKE_CURRENT_BINARY_DIR}/${ARG_OUTPUT}
      -D NAMESPACE=${ARG_NAMESPACE} -D "FILES=${ARG_FILES}" -P ${CODERANK_EMBED_SCRIPT}
    DEPENDS ${ARG_FILES} ${CODERANK_EMBED_SCRIPT}
    VERBATIM)
endfunction()

# --- As a script: writes the source.
if(NOT CMAKE_SCRIPT_MODE_FILE STREQUAL CMAKE_CURRENT_LIST_FILE)
  return()
endif()
set(text "#include <string_view>\n\nnamespace ${NAMESPACE} {\n")
foreach(file IN LISTS FILES)
  get_filename_component(name ${file} NAME)
  string(MAKE_C_IDENTIFIER ${name} name)
  file(READ ${file} bytes HEX)
  string(REGEX REPLACE "(..)" "0x\\1," bytes "${bytes}")
  string(APPEND text "\nstatic constexpr unsigned char bytes_of_${name}[] = {${bytes}};\n"
    "extern const std::string_view k_${name};\n"
    "const std::string_view k_${name}(reinterpret_cast<const char*>(bytes_of_${name}),\n"
    "                                 sizeof(bytes_of_${name}));\n")
endforeach()
file(WRITE ${OUTPUT} "${text}\n}  // namespace ${NAMESPACE}\n")
