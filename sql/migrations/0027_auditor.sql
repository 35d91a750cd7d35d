-- Schema version 27: units that audit (number 4 of a place): they see what an administrator sees and
-- change nothing. See proto/RIGHTS.md.

alter table zhibao.unit
    drop constraint unit_role_check,
    add constraint unit_role_check check (role in
        ('village', 'township', 'department', 'statistics', 'office', 'admin', 'auditor'));
