-- Schema version 3: who may do what. The owner of the tables is used by migrations only.
--
-- ingest cannot change or remove a record, a confirmation's list, a batch or a chain: a bug in the
-- writer cannot rewrite history. What may be read, and by
-- whom, is in sql/views/privileges.sql.

revoke all on schema zhibao from public;
revoke all on all tables in schema zhibao from public;
grant usage on schema zhibao to zhibao_ingest, zhibao_query;

-- append-only
grant insert on
    zhibao.chain, zhibao.batch, zhibao.report, zhibao.report_event, zhibao.confirmation_item,
    zhibao.registry_event, zhibao.access_log, zhibao.form, zhibao.form_cell
    to zhibao_ingest;

-- the registry, and what plans say now
grant insert, update on
    zhibao.place, zhibao.department, zhibao.unit, zhibao.unit_key, zhibao.carrier,
    zhibao.enrol_code, zhibao.plan, zhibao.signature_check
    to zhibao_ingest;
grant insert, update, delete on zhibao.indicator, zhibao.target, zhibao.duty to zhibao_ingest;
grant usage on sequence zhibao.registry_change to zhibao_ingest;
