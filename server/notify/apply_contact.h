/* CONTACT records: where a unit's notices go. */
#ifndef ZHIBAO_SERVER_NOTIFY_APPLY_CONTACT_H
#define ZHIBAO_SERVER_NOTIFY_APPLY_CONTACT_H

#include "server/ingest/apply.h"

void validate_contact(struct task *task, struct registry *registry);
enum status apply_contact(struct apply *apply, struct task *task);

#endif
