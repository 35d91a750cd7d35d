-- Schema version 6: withdrawals, objections and reopened totals; who entered a report on its village's
-- behalf; when signatures were checked.

alter table zhibao.report_event
    drop constraint report_event_event_check,
    add constraint report_event_event_check check (event in
        ('accepted', 'returned', 'withdrawn', 'objected', 'confirmed', 'reopened', 'locked',
         'unlocked', 'bad_signature'));

drop index zhibao.report_event_bad_signature;
create index report_event_void on zhibao.report_event (subject_unit, subject_id)
    where event in ('bad_signature', 'withdrawn');

-- the township that entered and signed it; null: the unit itself
alter table zhibao.report add column entered_by bigint;

-- When the mark of zhibao.signature_check moved: the reports of batch b were checked at the time of
-- the smallest number that is not below b.
create table zhibao.signature_checked (
    chain smallint not null references zhibao.chain,
    number bigint not null,
    checked_us bigint not null,
    primary key (chain, number)
);
grant insert on zhibao.signature_checked to zhibao_ingest;
