/* The commands, one list a family, each in its own file. Ended by a name of NULL. */
#ifndef ZHIBAO_CLI_FAMILIES_H
#define ZHIBAO_CLI_FAMILIES_H

#include "cli/command.h"

extern const struct command commands_identity[]; /* enrol, whoami */
extern const struct command commands_key[];      /* key */
extern const struct command commands_form[];     /* form */
extern const struct command commands_submit[];   /* check, submit */
extern const struct command commands_history[];  /* history import */
extern const struct command commands_outbox[];   /* outbox, receipts */
extern const struct command commands_stick[];    /* outbox and receipts on a memory stick */
extern const struct command commands_track[];    /* track, inbox */
extern const struct command commands_review[];   /* pending, accept, return */
extern const struct command commands_show[];     /* show */
extern const struct command commands_chain[];    /* withdraw, object */
extern const struct command commands_total[];    /* total, confirm */
extern const struct command commands_lock[];     /* lock, unlock */
extern const struct command commands_pull[];
extern const struct command commands_export[];
extern const struct command commands_yearbook[];     /* yearbook */
extern const struct command commands_warnings[];     /* warnings */
extern const struct command commands_evaluate[];     /* evaluate */
extern const struct command commands_document[];     /* document ... */
extern const struct command commands_duties[];       /* duties */
extern const struct command commands_quality[];      /* quality, areas */
extern const struct command commands_affected[];     /* affected */
extern const struct command commands_reconcile[];    /* reconcile */
extern const struct command commands_verify[];       /* verify, record get */
extern const struct command commands_witness[];      /* witness */
extern const struct command commands_evidence[];     /* evidence */
extern const struct command commands_plan[];         /* plan check, plan import */
extern const struct command commands_place[];        /* place ..., series */
extern const struct command commands_assess[];       /* assess */
extern const struct command commands_admin[];        /* admin ... */
extern const struct command commands_contact[];      /* contact ..., notices */
extern const struct command commands_case[];         /* case list, show, reads */
extern const struct command commands_case_figures[]; /* case figures */
extern const struct command commands_case_keep[];    /* case destroy-key, destroyed-keys */
extern const struct command commands_case_save[];    /* case save */
extern const struct command commands_register[];     /* register form, key, open, list */
extern const struct command commands_case_report[];  /* case form, report */
extern const struct command commands_case_state[];   /* case state */
extern const struct command commands_case_step[];    /* what is done in a case */
extern const struct command commands_case_setup[];   /* case and admin: keys, directories */
extern const struct command commands_calendar[];     /* calendar ... */
extern const struct command commands_roll[];         /* calendar roll */
extern const struct command commands_completeness[]; /* completeness */
extern const struct command commands_help[];         /* help, version */
extern const struct command commands_comment[];      /* comment ... */
extern const struct command commands_task[];         /* task ... */

#endif
