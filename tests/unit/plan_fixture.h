/* The plans of deploy/plans for unit tests, whole or with one file replaced. */
#ifndef ZHIBAO_TESTS_PLAN_FIXTURE_H
#define ZHIBAO_TESTS_PLAN_FIXTURE_H

#include "plan/plan_dir.h"

/* A loaded plan that the caller destroys; fails the test when it does not load. */
struct plan *fixture_plan(const char *name);

/* Loads the plan with `text` in place of the file called `file`. */
enum status fixture_load(const char *name, const char *file, const char *text,
                         struct problems *problems, struct plan **out_plan);

/* The same with the first occurrence of `from` in that file replaced by `to`. */
enum status fixture_edit(const char *name, const char *file, const char *from, const char *to,
                         struct problems *problems, struct plan **out_plan);

/* Whether a problem with this field is there; prints all of them when it is not. */
bool fixture_has_problem(const struct problems *problems, const char *field);

#endif
