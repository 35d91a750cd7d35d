# Compiler flags for our own code: `zhibao_target(NAME)` applies them. Generated code gets hardening only.

set(ZHIBAO_HARDENING
  -fstack-clash-protection -fstack-protector-strong -fcf-protection=full
  -fno-strict-overflow -fno-strict-aliasing -fno-delete-null-pointer-checks -fexceptions -fPIE)

# Only where it compiles correctly: see auto_var_init.c. Not with GCC 12 nor clang 14.
if(NOT DEFINED ZHIBAO_AUTO_VAR_INIT)
  try_run(ZHIBAO_AUTO_VAR_INIT auto_var_init_compiled ${CMAKE_BINARY_DIR}/auto_var_init
    ${CMAKE_CURRENT_LIST_DIR}/auto_var_init.c
    COMPILE_DEFINITIONS -ftrivial-auto-var-init=zero)
endif()
if(ZHIBAO_AUTO_VAR_INIT STREQUAL 0)
  list(APPEND ZHIBAO_HARDENING -ftrivial-auto-var-init=zero)
endif()
if(NOT ZHIBAO_SANITIZE AND NOT CMAKE_BUILD_TYPE STREQUAL "Debug")
  list(APPEND ZHIBAO_HARDENING -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3)
endif()

# assertions stay on in every build: they catch our own mistakes, and cost nothing that shows
foreach(type RELEASE RELWITHDEBINFO)
  string(REPLACE "-DNDEBUG" "" CMAKE_C_FLAGS_${type} "${CMAKE_C_FLAGS_${type}}")
endforeach()

set(ZHIBAO_WARNINGS
  -Wall -Wextra -Wconversion -Wshadow -Werror -Wformat=2 -Wimplicit-fallthrough -Wstrict-prototypes
  -Wmissing-prototypes -Wvla -Wpointer-arith -Wwrite-strings -Wundef)

add_library(zhibao_hardening INTERFACE)
target_compile_options(zhibao_hardening INTERFACE ${ZHIBAO_HARDENING})
target_compile_definitions(zhibao_hardening INTERFACE _GNU_SOURCE)
target_link_options(zhibao_hardening INTERFACE -pie -Wl,-z,relro,-z,now,-z,noexecstack)
if(ZHIBAO_SANITIZE)
  target_compile_options(zhibao_hardening INTERFACE
    -fsanitize=${ZHIBAO_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(zhibao_hardening INTERFACE -fsanitize=${ZHIBAO_SANITIZE})
endif()

function(zhibao_target name)
  target_link_libraries(${name} PRIVATE zhibao_hardening)
  target_compile_options(${name} PRIVATE ${ZHIBAO_WARNINGS})
endfunction()
