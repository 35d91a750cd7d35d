-- Schema version 20: that an enrolled key waits for an approval is said by a signed notice, so that an
-- audit can tell a key that was approved from one that somebody made active in the database.

alter table zhibao.report_event
    drop constraint report_event_event_check,
    add constraint report_event_event_check check (event in
        ('accepted', 'returned', 'withdrawn', 'objected', 'confirmed', 'reopened', 'locked',
         'unlocked', 'bad_signature', 'reminder', 'overdue', 'cutoff_moved', 'reviewed', 'signed',
         'corrected', 'task_overdue', 'uplink', 'case_due', 'key_pending'));
