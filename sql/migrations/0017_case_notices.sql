-- Schema version 17: reminders and escalations of cases, as signed notices of the aggregator.

-- The first moment after a step, until the next one, at which somebody is to be told; 0: none.
alter table zhibao.case_event add column next_us bigint not null default 0;
create index case_event_next on zhibao.case_event (next_us) where next_us <> 0;
create index case_event_batch on zhibao.case_event (chain, batch);

-- One row for each time, its report_event row (kind 8, unit 0) unpacked. That each is made once is
-- the constraint's doing.
create table zhibao.case_notice (
    district bigint not null,
    id bytea not null check (octet_length(id) = 16),
    case_id bytea not null,
    action smallint not null,   -- enum CaseAction: what is due
    due_us bigint not null,
    level smallint not null check (level between 0 and 9), -- 0: a reminder before it is due
    made_us bigint not null,
    chain smallint not null,
    batch bigint not null,
    leaf int not null,
    primary key (district, id),
    unique (district, case_id, action, due_us, level),
    foreign key (district, case_id) references zhibao.case_report
);
create index case_notice_batch on zhibao.case_notice (chain, batch);

alter table zhibao.report_event
    drop constraint report_event_event_check,
    add constraint report_event_event_check check (event in
        ('accepted', 'returned', 'withdrawn', 'objected', 'confirmed', 'reopened', 'locked',
         'unlocked', 'bad_signature', 'reminder', 'overdue', 'cutoff_moved', 'reviewed', 'signed',
         'corrected', 'task_overdue', 'uplink', 'case_due'));

grant insert on zhibao.case_notice to zhibao_ingest;
