-- Where every task stands: what its latest event made it (server/chain/task_rules.c), its time, and
-- whether that is past.

create view zhibao.task_state as
select
    o.district, o.unit as office, o.id, o.addressee, o.plan, o.duty, o.period, o.indicator,
    o.title, o.received_us as opened_us, o.chain, o.batch, o.leaf,
    d.due_us, l.unit as last_unit, l.id as last_id, l.action as last_action,
    l.received_us as last_us,
    case l.action when 2 then 'answered' when 3 then 'closed' else 'open' end as state
from zhibao.task_event o
cross join lateral (
    select e.unit, e.id, e.action, e.received_us
    from zhibao.task_event e
    where e.office = o.unit and e.task_id = o.id
    order by e.chain desc, e.batch desc, e.leaf desc
    limit 1) l
cross join lateral (
    select e.due_us
    from zhibao.task_event e
    where e.office = o.unit and e.task_id = o.id and e.due_us <> 0
    order by e.chain desc, e.batch desc, e.leaf desc
    limit 1) d
where o.action = 1;

-- Open and past its time, by the database's clock; a clock of one's own compares due_us itself.
create view zhibao.task_overdue as
select t.*
from zhibao.task_state t
where t.state = 'open' and t.due_us <= (extract(epoch from now()) * 1000000)::bigint;

-- Who answers for a district's cases: the committee office, and who leads any of them.
create view zhibao.case_duty as
select u.place as district, u.unit from zhibao.unit u where u.role = 'office'
union
select r.district, r.unit from zhibao.case_recipient r where r.role = 1;

-- Tasks that escalated to here from the servers below: as task_state.
create view zhibao.task_escalated as
select
    o.district, o.unit, o.told_unit, o.office, o.task_id as id, o.addressee, o.task_sha256,
    o.office_name, o.addressee_name, o.plan, o.duty, o.period, o.indicator, o.title,
    o.chain, o.batch, o.leaf, d.due_us, l.step_id as last_id,
    case l.action when 2 then 'answered' when 3 then 'closed' else 'open' end as state
from (
    select distinct on (t.district, t.office, t.task_id) t.*
    from zhibao.task_escalation t
    order by t.district, t.office, t.task_id, t.chain, t.batch, t.leaf) o
cross join lateral (
    select e.step_id, e.action
    from zhibao.task_escalation e
    where e.office = o.office and e.task_id = o.task_id
    order by e.chain desc, e.batch desc, e.leaf desc
    limit 1) l
cross join lateral (
    select e.due_us
    from zhibao.task_escalation e
    where e.office = o.office and e.task_id = o.task_id and e.due_us <> 0
    order by e.chain desc, e.batch desc, e.leaf desc
    limit 1) d;

-- Both kinds, as TASKS lists them.
create view zhibao.task_listed as
select
    t.chain, t.batch, t.leaf, t.office, t.addressee, t.id, t.last_id, e.payload_sha256, t.state,
    t.due_us, t.plan, t.duty, t.indicator, t.title, t.period,
    0::bigint as told_by, 0::bigint as told_unit, '' as office_name, '' as addressee_name,
    coalesce((
        select max(k.settled_us) from zhibao.uplink_task k
        where k.office = t.office and k.task_id = t.id and k.action = 5 and k.state = 1),
        0) as told_above_us
from zhibao.task_state t
join zhibao.registry_event e on e.district = t.district and e.unit = t.office and e.kind = 11
    and e.id = t.id
union all
select
    t.chain, t.batch, t.leaf, t.office, t.addressee, t.id, t.last_id, t.task_sha256, t.state,
    t.due_us, t.plan, t.duty, t.indicator, t.title, t.period,
    t.unit, t.told_unit, t.office_name, t.addressee_name, 0::bigint
from zhibao.task_escalated t;

-- Every step of both. One that was told has the record that told it.
create view zhibao.task_step as
select
    t.office, t.task_id, t.chain, t.batch, t.leaf, t.action, t.unit, t.id,
    t.received_us as step_us, t.due_us, t.text, '' as unit_name
from zhibao.task_event t
union all
select
    t.office, t.task_id, t.chain, t.batch, t.leaf, t.action,
    case t.action when 2 then t.addressee when 5 then t.unit else t.office end, t.id,
    t.step_us, t.due_us, t.text,
    case t.action when 2 then t.addressee_name when 5 then '' else t.office_name end
from zhibao.task_escalation t;

-- What the inbox shows besides what happened to reports: one row for each unit that an event
-- concerns. Record kinds: 11 task, 12 document, 20 comment.
create view zhibao.inbox_event as
select
    c.unit as concerns, e.chain, e.batch, e.leaf,
    case t.action when 1 then 'task_opened' when 2 then 'task_answered'
        when 3 then 'task_closed' else 'task_reopened' end as event,
    e.unit, e.received_us, case t.action when 1 then t.title else t.text end as reason,
    11::smallint as subject_kind, t.office as subject_unit, t.task_id as subject_id, t.period,
    e.kind, e.id, e.algorithm, e.key_id, e.payload_sha256, e.signature
from zhibao.task_event t
join zhibao.registry_event e on e.district = t.district and e.unit = t.unit and e.kind = 11
    and e.id = t.id
cross join lateral (values (t.office), (t.addressee)) c (unit)
where c.unit <> t.unit
union all
select
    d.receiver, e.chain, e.batch, e.leaf, 'stored', e.unit, e.received_us, d.file_name,
    12::smallint, d.unit, d.id, d.period,
    e.kind, e.id, e.algorithm, e.key_id, e.payload_sha256, e.signature
from zhibao.document d
join zhibao.registry_event e on e.district = d.district and e.unit = d.unit and e.kind = 12
    and e.id = d.id
where d.receiver <> 0
union all
-- comments on figures: to who raised it and who answers for the figure
select
    c.unit, e.chain, e.batch, e.leaf, case m.action when 1 then 'comment_opened'
        when 2 then 'comment_answered' else 'comment_closed' end,
    e.unit, e.received_us, m.text, 20::smallint, m.author, m.comment_id,
    o.period, e.kind, e.id, e.algorithm, e.key_id, e.payload_sha256, e.signature
from zhibao.comment_event m
join zhibao.registry_event e on e.district = m.district and e.unit = m.unit and e.kind = 20
    and e.id = m.id
join zhibao.comment_event o on o.author = m.author and o.comment_id = m.comment_id and o.action = 1
cross join lateral (select m.author as unit union select m.reporter) c
where c.unit <> m.unit
union all
-- past its time: to its addressee, to the office, and to whom it escalated
select
    c.unit, e.chain, e.batch, e.leaf, 'task_overdue', e.unit, e.received_us, o.title,
    11::smallint, n.office, n.task_id, o.period,
    e.kind, e.id, e.algorithm, e.key_id, e.payload_sha256, e.signature
from zhibao.task_notice n
join zhibao.report_event e on e.district = n.district and e.unit = 0 and e.kind = 8 and e.id = n.id
join zhibao.task_event o on o.office = n.office and o.task_id = n.task_id and o.action = 1
cross join lateral (
    select n.addressee as unit
    union select n.office
    union select n.told_unit where n.told_unit <> 0) c
union all
-- one that escalated to here from a server below, and what was done to it there since
select
    t.told_unit, e.chain, e.batch, e.leaf,
    case t.action when 5 then 'task_overdue' when 2 then 'task_answered' when 3 then 'task_closed'
        else 'task_reopened' end,
    e.unit, e.received_us, case t.action when 5 then t.title else t.text end, 11::smallint,
    t.office, t.task_id, t.period,
    e.kind, e.id, e.algorithm, e.key_id, e.payload_sha256, e.signature
from zhibao.task_escalation t
join zhibao.registry_event e on e.district = t.district and e.unit = t.unit and e.kind = 16
    and e.id = t.id
union all
-- what the level above did with the district's consolidation: to its statistics department and its
-- committee office. The notice says the rest.
select
    u.unit, e.chain, e.batch, e.leaf, 'uplink', e.unit, e.received_us, '',
    8::smallint, n.unit, n.id, n.period,
    e.kind, e.id, e.algorithm, e.key_id, e.payload_sha256, e.signature
from zhibao.uplink_notice n
join zhibao.report_event e on e.district = n.district and e.unit = 0 and e.kind = 8 and e.id = n.id
join zhibao.unit u on u.place = n.district and u.role in ('statistics', 'office')
union all
-- reports of cases are put off: to the committee office and to who leads the district's cases
select
    u.unit, e.chain, e.batch, e.leaf, e.event, e.unit, e.received_us, '',
    8::smallint, 0::bigint, e.id, 0::smallint,
    e.kind, e.id, e.algorithm, e.key_id, e.payload_sha256, e.signature
from zhibao.report_event e
join zhibao.case_duty u on u.district = e.district
where e.event = 'case_flood' and e.unit = 0 and e.kind = 8;
