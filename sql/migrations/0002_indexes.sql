-- Schema version 2: what the views of sql/views look things up by.

create index report_event_subject_unit on zhibao.report_event (subject_unit, subject_id)
    where subject_unit is not null;
create index report_event_bad_signature on zhibao.report_event (subject_unit, subject_id)
    where event = 'bad_signature';
create index report_event_lock on zhibao.report_event (plan, period, place)
    where event in ('locked', 'unlocked');
create index report_event_lock_order on zhibao.report_event (chain, batch)
    where event in ('locked', 'unlocked');
create index registry_event_import on zhibao.registry_event (batch, leaf) where kind = 6;
