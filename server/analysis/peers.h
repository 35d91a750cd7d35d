/* The places of a plan that stand on one level with the place asked for, and what their series of
 * an indicator teach its forecast (assess/panel.h). Only where there are PANEL_LEAST of them, as
 * the townships of a city are. One request, in its arena. */
#ifndef ZHIBAO_SERVER_ANALYSIS_PEERS_H
#define ZHIBAO_SERVER_ANALYSIS_PEERS_H

#include "assess/panel.h"
#include "server/query/pull.h"

struct peers;

/* Gathers nothing yet. NULL without memory. */
struct peers *peers_create(struct arena *arena);

/* Learns the panel of an indicator and stratum. Too few peers, or too few with figures enough, is
 * no failure: there is no panel then. */
MUST_CHECK enum status peers_learn(const struct pull *pull, size_t indicator, const char *stratum);

/* The panel learned last, NULL for none, and which member of it the place asked for is. */
const struct panel *peers_panel(const struct pull *pull, size_t *out_member);

/* Frees the panel learned last. */
void peers_forget(const struct pull *pull);

#endif
