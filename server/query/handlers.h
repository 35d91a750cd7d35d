/* The handlers behind query_table, one a file. Each is a query_function; see query.h. */
#ifndef ZHIBAO_SERVER_QUERY_HANDLERS_H
#define ZHIBAO_SERVER_QUERY_HANDLERS_H

#include "server/query/query.h"

enum status query_run_form(struct query *query, const ProtobufCMessage *request,
                           ProtobufCMessage **out_reply);
enum status query_run_track(struct query *query, const ProtobufCMessage *request,
                            ProtobufCMessage **out_reply);
enum status query_run_inbox(struct query *query, const ProtobufCMessage *request,
                            ProtobufCMessage **out_reply);
enum status query_run_pending(struct query *query, const ProtobufCMessage *request,
                              ProtobufCMessage **out_reply);
enum status query_run_total(struct query *query, const ProtobufCMessage *request,
                            ProtobufCMessage **out_reply);
enum status query_run_pull(struct query *query, const ProtobufCMessage *request,
                           ProtobufCMessage **out_reply);
enum status query_run_units(struct query *query, const ProtobufCMessage *request,
                            ProtobufCMessage **out_reply);
enum status query_run_receipt(struct query *query, const ProtobufCMessage *request,
                              ProtobufCMessage **out_reply);
enum status query_run_record(struct query *query, const ProtobufCMessage *request,
                             ProtobufCMessage **out_reply);
enum status query_run_places(struct query *query, const ProtobufCMessage *request,
                             ProtobufCMessage **out_reply);
enum status query_run_place_history(struct query *query, const ProtobufCMessage *request,
                                    ProtobufCMessage **out_reply);
enum status query_run_series(struct query *query, const ProtobufCMessage *request,
                             ProtobufCMessage **out_reply);
enum status query_run_uplink(struct query *query, const ProtobufCMessage *request,
                             ProtobufCMessage **out_reply);
enum status query_run_carriers(struct query *query, const ProtobufCMessage *request,
                               ProtobufCMessage **out_reply);
enum status query_run_upload(struct query *query, const ProtobufCMessage *request,
                             ProtobufCMessage **out_reply);
enum status query_run_chunk(struct query *query, const ProtobufCMessage *request,
                            ProtobufCMessage **out_reply);
enum status query_run_documents(struct query *query, const ProtobufCMessage *request,
                                ProtobufCMessage **out_reply);
enum status query_run_areas(struct query *query, const ProtobufCMessage *request,
                            ProtobufCMessage **out_reply);
enum status query_run_quality(struct query *query, const ProtobufCMessage *request,
                              ProtobufCMessage **out_reply);
enum status query_run_evaluate(struct query *query, const ProtobufCMessage *request,
                               ProtobufCMessage **out_reply);
enum status query_run_previous(struct query *query, const ProtobufCMessage *request,
                               ProtobufCMessage **out_reply);
enum status query_run_reconcile(struct query *query, const ProtobufCMessage *request,
                                ProtobufCMessage **out_reply);
enum status query_run_affected(struct query *query, const ProtobufCMessage *request,
                               ProtobufCMessage **out_reply);
enum status query_run_warnings(struct query *query, const ProtobufCMessage *request,
                               ProtobufCMessage **out_reply);
enum status query_run_comments(struct query *query, const ProtobufCMessage *request,
                               ProtobufCMessage **out_reply);
enum status query_run_tasks(struct query *query, const ProtobufCMessage *request,
                            ProtobufCMessage **out_reply);
enum status query_run_roots(struct query *query, const ProtobufCMessage *request,
                            ProtobufCMessage **out_reply);
enum status query_run_health(struct query *query, const ProtobufCMessage *request,
                             ProtobufCMessage **out_reply);
enum status query_run_list_keys(struct query *query, const ProtobufCMessage *request,
                                ProtobufCMessage **out_reply);
enum status query_run_events(struct query *query, const ProtobufCMessage *request,
                             ProtobufCMessage **out_reply);
enum status query_run_check_plan(struct query *query, const ProtobufCMessage *request,
                                 ProtobufCMessage **out_reply);
enum status query_run_notices(struct query *query, const ProtobufCMessage *request,
                              ProtobufCMessage **out_reply);
enum status query_run_figures(struct query *query, const ProtobufCMessage *request,
                              ProtobufCMessage **out_reply);
enum status query_run_duties(struct query *query, const ProtobufCMessage *request,
                             ProtobufCMessage **out_reply);
enum status query_run_calendar(struct query *query, const ProtobufCMessage *request,
                               ProtobufCMessage **out_reply);
enum status query_run_completeness(struct query *query, const ProtobufCMessage *request,
                                   ProtobufCMessage **out_reply);
enum status query_run_case_directory(struct query *query, const ProtobufCMessage *request,
                                     ProtobufCMessage **out_reply);
enum status query_run_cases(struct query *query, const ProtobufCMessage *request,
                            ProtobufCMessage **out_reply);
enum status query_run_case(struct query *query, const ProtobufCMessage *request,
                           ProtobufCMessage **out_reply);
enum status query_run_case_state(struct query *query, const ProtobufCMessage *request,
                                 ProtobufCMessage **out_reply);
enum status query_run_case_pieces(struct query *query, const ProtobufCMessage *request,
                                  ProtobufCMessage **out_reply);
enum status query_run_case_key_ends(struct query *query, const ProtobufCMessage *request,
                                    ProtobufCMessage **out_reply);
enum status query_run_case_reads(struct query *query, const ProtobufCMessage *request,
                                 ProtobufCMessage **out_reply);

#endif
