/* What notices say: one table, both languages. Pure; any thread.
 *
 * A text holds {name} for what is filled in; a name that has no value leaves nothing. Texts name
 * who, what and by when, and how to see the rest: never a figure, a reason or a title that somebody
 * wrote, because mail and webhooks are not confidential. */
#ifndef ZHIBAO_SERVER_NOTIFY_TEMPLATE_H
#define ZHIBAO_SERVER_NOTIFY_TEMPLATE_H

#include "base/arena.h"

struct notice_template {
    const char *event;
    const char *subject_zh, *subject_en;
    const char *body_zh, *body_en;
    const char *command; /* of zhibao, that shows it */
};

/* NULL for an event that nobody is told of. */
const struct notice_template *notice_template_of(const char *event);

/* All of them, ended by an event of NULL. */
extern const struct notice_template notice_templates[];

struct template_value {
    const char *name, *value; /* value NULL or "": nothing */
};

/* The text filled in. In the arena; NULL without memory or for a name that is not in `values`. */
char *template_fill(struct arena *arena, const char *text, const struct template_value *values,
                    size_t count);

#endif
