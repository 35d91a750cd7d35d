#include <criterion/criterion.h>
#include <stdint.h>
#include <string.h>

#include "base/arena.h"

Test(arena, gives_zeroed_aligned_memory)
{
    struct arena *arena = arena_create(1 << 20);
    for (size_t size = 0; size < 5000; size += 97) {
        unsigned char *bytes = arena_alloc(arena, size);
        cr_assert_not_null(bytes);
        cr_assert_eq((uintptr_t)bytes % 16, 0);
        for (size_t i = 0; i < size; i++)
            cr_assert_eq(bytes[i], 0);
        memset(bytes, 0xff, size);
    }
    arena_reset(arena);
    unsigned char *again = arena_alloc(arena, 64);
    for (size_t i = 0; i < 64; i++)
        cr_assert_eq(again[i], 0, "memory is zeroed after a reset too");
    arena_destroy(&arena);
    cr_assert_null(arena);
    arena_destroy(&arena);
}

Test(arena, refuses_past_its_ceiling_and_says_so)
{
    struct arena *arena = arena_create(1000);
    cr_assert_not_null(arena_alloc(arena, 900));
    cr_assert_not(arena_exhausted(arena));
    cr_assert_null(arena_alloc(arena, 200));
    cr_assert(arena_exhausted(arena));
    cr_assert_null(arena_alloc(arena, SIZE_MAX));
    cr_assert_null(arena_array(arena, SIZE_MAX / 2, 3));
    arena_reset(arena);
    cr_assert_not(arena_exhausted(arena));
    cr_assert_not_null(arena_alloc(arena, 900));
    arena_destroy(&arena);
}

Test(arena, copies_and_prints)
{
    struct arena *arena = arena_create(1 << 16);
    cr_assert_str_eq(arena_string(arena, "鹿寨县"), "鹿寨县");
    cr_assert_str_eq(arena_printf(arena, "%s:%d", "a", 7), "a:7");
    cr_assert_eq(memcmp(arena_copy(arena, "xyz", 3), "xyz", 3), 0);
    arena_destroy(&arena);
}
