-- Schema version 19: what stood in the way of distributing the large tables by district.

-- A task's office and a uplinked report's unit have one home district, so these say what they said.
alter table zhibao.task_notice
    drop constraint task_notice_office_task_id_due_us_stage_key,
    add unique (district, office, task_id, due_us, stage);
alter table zhibao.uplink_notice
    drop constraint uplink_notice_unit_report_id_step_id_key,
    add unique (district, unit, report_id, step_id);

-- An identity column of type int cannot be replicated by Citus; a default can.
create sequence zhibao.form_number as int owned by zhibao.form.form_id;
select setval('zhibao.form_number', max(form_id)) from zhibao.form having max(form_id) is not null;
alter table zhibao.form alter form_id drop identity;
alter table zhibao.form alter form_id set default nextval('zhibao.form_number');
grant usage on sequence zhibao.form_number to zhibao_ingest;
