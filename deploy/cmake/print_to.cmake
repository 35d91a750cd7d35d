# What TOOL prints when called with ARGUMENTS becomes the file OUT, whole or not at all.
get_filename_component(directory ${OUT} DIRECTORY)
file(MAKE_DIRECTORY ${directory})
execute_process(COMMAND ${TOOL} ${ARGUMENTS} OUTPUT_FILE ${OUT}.new RESULT_VARIABLE failed)
if(failed)
  message(FATAL_ERROR "${TOOL} ${ARGUMENTS}: ${failed}")
endif()
file(RENAME ${OUT}.new ${OUT})
