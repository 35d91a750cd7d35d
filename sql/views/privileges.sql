-- Who may read: both roles everything but what is revoked here. Who may write is said by the
-- migration that makes the table.

revoke all on all functions in schema zhibao from public;
grant select on all tables in schema zhibao to zhibao_ingest, zhibao_query;
grant execute on all functions in schema zhibao to zhibao_ingest, zhibao_query;

-- one-time codes are for the writer alone
revoke select on zhibao.enrol_code from zhibao_query;
