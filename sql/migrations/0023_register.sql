-- Schema version 23: the register of children (台账). A file is kept like a case: recipients, steps,
-- visits, readings. A child is found again by a hash under a key that the aggregator never has. See
-- proto/CASES.md section 9.

alter table zhibao.case_report
    add column kind smallint not null default 0 check (kind between 0 and 2), -- case, file, key file
    add column identity bytea not null default '' check (octet_length(identity) in (0, 32)),
    add column register_key bytea not null default '' check (octet_length(register_key) in (0, 32));
create index case_report_identity on zhibao.case_report (district, identity) where identity <> '';

alter table zhibao.case_event
    drop constraint case_event_action_check,
    add constraint case_event_action_check check (action between 1 and 18),
    drop constraint case_event_state_check,
    add constraint case_event_state_check check (state between 1 and 10);
