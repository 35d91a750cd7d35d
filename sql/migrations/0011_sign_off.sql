-- Schema version 11: signatures inside a unit: whose a key is and in what office, and who has signed.

alter table zhibao.unit_key
    add column holder text not null default '',
    add column office text not null default ''
        check (office in ('', 'filler', 'reviewer', 'principal'));

alter table zhibao.report_event
    drop constraint report_event_event_check,
    add constraint report_event_event_check check (event in
        ('accepted', 'returned', 'withdrawn', 'objected', 'reviewed', 'signed', 'confirmed',
         'reopened', 'locked', 'unlocked', 'bad_signature', 'reminder', 'overdue', 'cutoff_moved'));
