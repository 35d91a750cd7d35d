-- Schema version 13: what comes to count, or ceases to, in a period that has been locked before.

alter table zhibao.report_event
    drop constraint report_event_event_check,
    add constraint report_event_event_check check (event in
        ('accepted', 'returned', 'withdrawn', 'objected', 'reviewed', 'signed', 'confirmed',
         'reopened', 'locked', 'unlocked', 'bad_signature', 'reminder', 'overdue', 'cutoff_moved',
         'corrected'));
