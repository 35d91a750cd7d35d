-- Schema version 26: that reports of cases come so fast that some are put off is told by a signed
-- notice; not whose they are.

alter table zhibao.report_event
    drop constraint report_event_event_check,
    add constraint report_event_event_check check (event in
        ('accepted', 'returned', 'withdrawn', 'objected', 'confirmed', 'reopened', 'locked',
         'unlocked', 'bad_signature', 'reminder', 'overdue', 'cutoff_moved', 'reviewed', 'signed',
         'corrected', 'task_overdue', 'uplink', 'case_due', 'key_pending', 'case_flood'));

create index report_event_case_flood on zhibao.report_event (district) where event = 'case_flood';
