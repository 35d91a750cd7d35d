-- What units are told by e-mail and webhook: a row for each event and unit that it concerns. Only
-- what it is about, by codes and moments: no figure, no reason, no title. Record kinds: 1 report,
-- 3 confirmation, 8 notice, 12 document.
create view zhibao.notice_event as
-- returned, to its author; reopened, to its township
select
    e.subject_unit as concerns, e.chain, e.batch, e.leaf, e.event, e.received_us,
    e.unit as actor, e.subject_unit as about_unit,
    coalesce(f.plan, e.plan, '') as plan, coalesce(f.form, '') as form,
    coalesce(r.period, c.period, e.period, 0::smallint) as period,
    case e.subject_kind when 3 then 2::smallint else 0::smallint end as level,
    0::bigint as due_us, 0::bigint as until_us, 0::smallint as days
from zhibao.report_event e
join zhibao.unit u on u.unit = e.subject_unit
left join zhibao.report r on e.subject_kind = 1 and r.district = u.district
    and r.unit = e.subject_unit and r.id = e.subject_id
left join zhibao.report_event c on e.subject_kind = 3 and c.district = u.district
    and c.unit = e.subject_unit and c.kind = 3 and c.id = e.subject_id
left join zhibao.form f on f.form_id = coalesce(r.form_id, c.form_id, e.form_id)
where e.event in ('returned', 'reopened')
union all
-- corrected after its year had been locked, to its author, the statistics department and the office
select
    u.unit, e.chain, e.batch, e.leaf, e.event, e.received_us, 0, e.subject_unit,
    coalesce(f.plan, ''), coalesce(f.form, ''), coalesce(e.period, 0::smallint), 0::smallint, 0, 0, 0
from zhibao.report_event e
left join zhibao.form f on f.form_id = e.form_id
join zhibao.unit u on u.unit = e.subject_unit
    or (u.place = e.district and u.role in ('statistics', 'office'))
where e.event = 'corrected' and e.unit = 0
union all
-- a cut-off that comes near, to the unit; one that has passed, to the next level too
select
    w.unit, e.chain, e.batch, e.leaf, e.event, e.received_us, 0, n.about_unit, n.plan, n.form,
    n.period, n.level, n.due_us, n.until_us, n.days
from zhibao.report_event e
join zhibao.cutoff_notice n on n.district = e.district and n.id = e.id
cross join lateral (
    select n.about_unit as unit
    union
    select n.told_unit where n.told_unit <> 0) w
where e.event in ('reminder', 'overdue') and e.unit = 0 and e.kind = 8
union all
-- one that an outage moved, to everyone who reports or reviews the form
select
    u.unit, e.chain, e.batch, e.leaf, e.event, e.received_us, 0, 0, n.plan, n.form, n.period,
    n.level, n.due_us, n.until_us, n.days
from zhibao.report_event e
join zhibao.cutoff_notice n on n.district = e.district and n.id = e.id
join zhibao.form f on f.form_id = e.form_id
join zhibao.unit u on u.district = n.district
    and (u.role in ('statistics', 'office')
         or case n.level when 2 then u.role = 'township'
             else f.reporter in (u.role, u.department)
                 or (f.reporter = 'village' and u.role = 'township') end)
where e.event = 'cutoff_moved' and e.unit = 0 and e.kind = 8
union all
-- a task's steps, to the other side
select
    case t.action when 2 then t.office else t.addressee end, t.chain, t.batch, t.leaf,
    case t.action when 1 then 'task_opened' when 2 then 'task_answered'
        when 3 then 'task_closed' else 'task_reopened' end,
    t.received_us, t.unit, t.addressee, t.plan, '', t.period, 0, s.due_us, 0, 0
from zhibao.task_event t
join zhibao.task_state s on s.office = t.office and s.id = t.task_id
union all
-- one that is past its time, to its addressee, to the office, and to whom it escalated
select
    w.unit, n.chain, n.batch, n.leaf, 'task_overdue', n.made_us, 0, n.addressee, o.plan, '',
    o.period, 0, n.due_us, 0, 0
from zhibao.task_notice n
join zhibao.task_event o on o.office = n.office and o.task_id = n.task_id and o.action = 1
cross join lateral (
    select n.addressee as unit
    union select n.office
    union select n.told_unit where n.told_unit <> 0) w
union all
-- a comment on a figure, a follow-up flag and the closing, to whom the figure is of; the answer, to who raised it
select
    w.unit, c.chain, c.batch, c.leaf,
    case c.action when 2 then 'comment_answered' when 3 then 'comment_closed'
        else case when c.follow_up then 'comment_flagged' else 'comment_opened' end end,
    c.received_us, c.unit, o.reporter, o.plan, o.form, o.period, 0, 0, 0, 0
from zhibao.comment_event c
join zhibao.comment_event o on o.unit = c.author and o.id = c.comment_id and o.action = 1
cross join lateral (select case c.action when 2 then o.unit else o.reporter end as unit) w
where w.unit <> c.unit
union all
-- one that escalated to here from a server below, and what was done to it there since
select
    t.told_unit, t.chain, t.batch, t.leaf,
    case t.action when 5 then 'task_overdue' when 2 then 'task_answered' when 3 then 'task_closed'
        else 'task_reopened' end,
    t.received_us, case t.action when 2 then t.addressee when 5 then 0 else t.office end,
    t.addressee, t.plan, '', t.period, 0, s.due_us, 0, 0
from zhibao.task_escalation t
join zhibao.task_escalated s on s.office = t.office and s.id = t.task_id
union all
-- a consolidation that the level above returned (4) or refused (0), to statistics and the office
select
    u.unit, n.chain, n.batch, n.leaf,
    case n.state when 4 then 'uplink_returned' else 'uplink_refused' end, n.made_us, n.actor, n.unit, n.plan, n.form,
    n.period, 0, 0, 0, 0
from zhibao.uplink_notice n
join zhibao.unit u on u.place = n.district and u.role in ('statistics', 'office')
where n.state in (0, 4)
union all
-- a case that has come, or that a unit was added to: to every unit that it is open to from then on;
-- neither from whom nor where nor what
select distinct
    r.unit, e.chain, e.batch, e.leaf,
    case when e.action <> 1 then 'case_added' when e.emergency then 'case_emergency'
        else 'case_received' end,
    e.received_us, 0::bigint, 0::bigint, '', '', 0::smallint, 0::smallint, 0::bigint, 0::bigint,
    0::smallint
from zhibao.case_event e
join zhibao.case_recipient r on r.district = e.district and r.case_id = e.case_id
    and r.chain = e.chain and r.batch = e.batch and r.leaf = e.leaf and r.present and r.level = 0
where e.action in (1, 10, 12)
union all
-- a case that becomes an emergency by a later step: to all who handle it then
select distinct
    r.unit, e.chain, e.batch, e.leaf, 'case_emergency', e.received_us, 0::bigint, 0::bigint, '', '',
    0::smallint, 0::smallint, 0::bigint, 0::bigint, 0::smallint
from zhibao.case_event e
join lateral (
    select distinct on (m.holder) m.unit, m.level, m.present
    from zhibao.case_recipient m
    where m.district = e.district and m.case_id = e.case_id
        and (m.chain, m.batch, m.leaf) <= (e.chain, e.batch, e.leaf)
    order by m.holder, m.chain desc, m.batch desc, m.leaf desc) r
    on r.present and r.level = 0
where e.emergency and e.action not in (1, 10, 12)
    and not exists (select from zhibao.case_event b where b.district = e.district
        and b.case_id = e.case_id and b.emergency
        and (b.chain, b.batch, b.leaf) < (e.chain, e.batch, e.leaf))
union all
-- what is due in one soon, to who leads it; what is overdue, to the levels it escalated to as well
select distinct
    r.unit, n.chain, n.batch, n.leaf,
    case n.level when 0 then 'case_reminder' else 'case_overdue' end, n.made_us, 0::bigint,
    0::bigint, '', '', 0::smallint, 0::smallint, n.due_us, 0::bigint, 0::smallint
from zhibao.case_notice n
join lateral (
    select distinct on (m.holder) m.unit, m.role, m.level, m.present
    from zhibao.case_recipient m
    where m.district = n.district and m.case_id = n.case_id
    order by m.holder, m.chain desc, m.batch desc, m.leaf desc) r
    on r.present and (r.role = 1 or r.role = 4 and r.level <= n.level)
union all
-- reports of cases are put off: to the committee office and to who leads the district's cases
select
    u.unit, e.chain, e.batch, e.leaf, e.event, e.received_us, 0::bigint, 0::bigint, '', '',
    0::smallint, 0::smallint, 0::bigint, 0::bigint, 0::smallint
from zhibao.report_event e
join zhibao.case_duty u on u.district = e.district
where e.event = 'case_flood' and e.unit = 0 and e.kind = 8;
