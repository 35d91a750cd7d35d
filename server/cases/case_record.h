/* Records of cases, as record_type.c wants them, and what the writer knows of a case. */
#ifndef ZHIBAO_SERVER_CASES_CASE_RECORD_H
#define ZHIBAO_SERVER_CASES_CASE_RECORD_H

#include "case/case_route.h"
#include "server/ingest/apply.h"
#include "server/store/case_store.h"

/* Instead of an author's key: the record's key is the report's own, its author the district's
 * mailbox, and the unit that brought it is forgotten here. */
void case_report_judge(struct task *task, struct registry *registry);

/* A piece that the reporter brings: likewise. */
void case_piece_judge(struct task *task, struct registry *registry);

void validate_case_report(struct task *task, struct registry *registry);
void validate_case_directory(struct task *task, struct registry *registry);
void validate_case_step(struct task *task, struct registry *registry);
void validate_case_read(struct task *task, struct registry *registry);
void validate_case_piece(struct task *task, struct registry *registry);
void validate_case_key_end(struct task *task, struct registry *registry);

enum status apply_case_report(struct apply *apply, struct task *task);
enum status apply_case_directory(struct apply *apply, struct task *task);
enum status apply_case_step(struct apply *apply, struct task *task);
enum status apply_case_read(struct apply *apply, struct task *task);
enum status apply_case_piece(struct apply *apply, struct task *task);
enum status apply_case_key_end(struct apply *apply, struct task *task);

/* Those of the recipients who have a good key; where nobody of them leads, the next level does. */
size_t case_members_choose(struct apply *apply, const Zhibao__CaseSealed *content,
                           struct case_member members[CASE_RECIPIENTS_MAX]);
enum status case_members_insert(struct apply *apply, const struct task *task,
                                const struct case_row *row, const struct case_member *members,
                                size_t count);

/* A step that opens a file of the register. */
enum status apply_case_register(struct apply *apply, struct task *task);

/* Whether a record of this kind is about a case: its own questions show it, no others do. */
bool case_kind(int kind);

#endif
