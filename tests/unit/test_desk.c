/* The portal's desk: what is quick does not wait behind what is slow; each kind keeps its order. */
#include <criterion/criterion.h>
#include <semaphore.h>
#include <string.h>

#include "web/desk.h"

static sem_t begun, go;
static char order[8];

static void hold(void *context)
{
    (void)context;
    sem_post(&begun);
    sem_wait(&go);
}

static void note(void *context)
{
    order[strlen(order)] = *(const char *)context;
}

Test(desk, what_is_quick_goes_first)
{
    static char names[] = "abcd";
    struct desk *desk = NULL;
    sem_init(&begun, 0, 0);
    sem_init(&go, 0, 0);
    cr_assert_eq(desk_create(&desk), STATUS_OK);
    cr_assert_eq(desk_do(desk, false, hold, NULL), STATUS_OK);
    sem_wait(&begun);
    cr_assert_eq(desk_do(desk, false, note, &names[0]), STATUS_OK);
    cr_assert_eq(desk_do(desk, false, note, &names[1]), STATUS_OK);
    cr_assert_eq(desk_do(desk, true, note, &names[2]), STATUS_OK);
    cr_assert_eq(desk_do(desk, true, note, &names[3]), STATUS_OK);
    sem_post(&go);
    desk_stop(desk);
    cr_assert_str_eq(order, "cdab");
    cr_assert_eq(desk_do(desk, true, note, names), STATUS_E_BUSY);
    desk_destroy(&desk);
}

Test(desk, too_much_of_a_kind_is_refused_not_kept)
{
    struct desk *desk = NULL;
    static char name[] = "x";
    sem_init(&begun, 0, 0);
    sem_init(&go, 0, 0);
    cr_assert_eq(desk_create(&desk), STATUS_OK);
    cr_assert_eq(desk_do(desk, false, hold, NULL), STATUS_OK);
    sem_wait(&begun);
    for (int i = 0; i < DESK_QUEUE_MAX - 1; i++)
        cr_assert_eq(desk_do(desk, false, hold, NULL), STATUS_OK);
    cr_assert_eq(desk_do(desk, false, hold, NULL), STATUS_OK);
    cr_assert_eq(desk_do(desk, false, hold, NULL), STATUS_E_BUSY);
    cr_assert_eq(desk_do(desk, true, note, name), STATUS_OK, "the other kind has room");
    for (int i = 0; i <= DESK_QUEUE_MAX; i++)
        sem_post(&go);
    desk_stop(desk);
    desk_destroy(&desk);
}
