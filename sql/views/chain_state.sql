-- Where every report and every confirmed total stands, derived from the append-only tables and
-- never stored.
--
-- The order of events is that of the chain (batch, leaf), not of clocks. Reviews of a subject may
-- come from a unit of another home district (a city's statistics department), so events are looked
-- up by subject, not by district. Record kinds: 1 report, 2 review, 3 confirmation, 4 lock.
-- State names are those of `enum State` in proto/query.proto.

-- The place itself and the places above it.
create function zhibao.place_ancestors(place bigint) returns bigint[]
language sql immutable parallel safe
return array[place,
             place - place % 1000,          -- township
             place - place % 1000000,       -- district
             place - place % 100000000,     -- city
             place - place % 10000000000];  -- province

-- Periods that were ever locked, and whether they are now: the latest lock or unlock decides.
create view zhibao.period_lock as
select distinct on (e.plan, e.period, e.place)
    e.plan, e.place, e.period,
    e.event = 'locked' as locked,
    e.unit as by_unit, e.received_us, e.reason, e.district, e.id
from zhibao.report_event e
where e.event in ('locked', 'unlocked')
order by e.plan, e.period, e.place, e.chain desc, e.batch desc, e.leaf desc;

-- Records whose author's signature the aggregator found invalid: they never count.
create view zhibao.bad_signature as
select e.subject_kind, e.subject_unit, e.subject_id, e.received_us
from zhibao.report_event e
where e.event = 'bad_signature';

-- The same, and what its author withdrew: as if it had never been sent.
create view zhibao.void as
select e.subject_kind, e.subject_unit, e.subject_id
from zhibao.report_event e
where e.event in ('bad_signature', 'withdrawn');

-- What was last said of a report or confirmation by who reviews it or whose it is: one row, or none.
create function zhibao.latest_review(of_kind smallint, of_unit bigint, of_id bytea)
returns table (verdict text, by_unit bigint, reason text, received_us bigint,
               district bigint, id bytea)
language sql stable parallel safe
begin atomic
    select e.event, e.unit, e.reason, e.received_us, e.district, e.id
    from zhibao.report_event e
    where e.subject_unit = of_unit and e.subject_id = of_id and e.subject_kind = of_kind
        and e.event in ('accepted', 'returned', 'withdrawn', 'objected')
    order by e.chain desc, e.batch desc, e.leaf desc
    limit 1;
end;

-- Every confirmation of a township total.
--   newer       a later confirmation of the same total exists, neither withdrawn nor bad
--   is_current  the latest one that is neither returned, withdrawn nor bad: what it names is
--               "confirmed"
--   reopened    what its villages say has changed since: only a newer confirmation helps
--   counts      the latest one accepted by statistics: what it names is "final"
create view zhibao.confirmation_state as
select
    c.district, c.unit, c.id, c.plan, f.form, f.version as form_version, c.form_id, c.place,
    c.period, c.revision, c.received_us, c.carrier, c.key_id, c.payload_sha256,
    c.chain, c.batch, c.leaf,
    v.verdict, v.by_unit as verdict_by, v.reason, v.received_us as verdict_us,
    x.bad_signature, x.newer, x.locked, x.reopened,
    not x.bad_signature and coalesce(v.verdict, '') not in ('returned', 'withdrawn')
        and not x.newer_current as is_current,
    not x.bad_signature and v.verdict is not distinct from 'accepted' and not x.newer_accepted
        as counts,
    case
        when x.bad_signature then 'bad_signature'
        when v.verdict = 'withdrawn' then 'withdrawn'
        when x.newer then 'superseded'
        when v.verdict = 'accepted' and x.locked then 'locked'
        when x.reopened then 'reopened'
        when v.verdict = 'accepted' then 'final'
        when v.verdict = 'returned' then 'returned'
        else 'confirmed'
    end as state
from zhibao.report_event c
join zhibao.form f on f.form_id = c.form_id
left join lateral zhibao.latest_review(3::smallint, c.unit, c.id) v on true
cross join lateral (
    select
        exists (select from zhibao.bad_signature b
                where b.subject_kind = 3 and b.subject_unit = c.unit and b.subject_id = c.id)
            as bad_signature,
        exists (select from zhibao.report_event o
                where o.subject_unit = c.unit and o.subject_id = c.id and o.subject_kind = 3
                    and o.event = 'reopened') as reopened,
        exists (select from zhibao.period_lock l
                where l.plan = c.plan and l.period = c.period and l.locked
                    and l.place = any (zhibao.place_ancestors(c.district))) as locked,
        count(*) > 0 as newer,
        coalesce(bool_or(w.verdict is distinct from 'returned'), false) as newer_current,
        coalesce(bool_or(w.verdict = 'accepted'), false) as newer_accepted
    from zhibao.report_event n
    join zhibao.form nf on nf.form_id = n.form_id
    left join lateral zhibao.latest_review(3::smallint, n.unit, n.id) w on true
    where n.district = c.district and n.unit = c.unit and n.kind = 3
        and n.plan = c.plan and nf.form = f.form and n.period = c.period
        and n.revision > c.revision
        and not exists (select from zhibao.void b
                        where b.subject_kind = 3 and b.subject_unit = n.unit
                            and b.subject_id = n.id)
) x
where c.kind = 3;

-- Every revision of every report.
--   reviewed, signed   by its unit's reviewer and principal, where the form asks for it
--   checked    its signature has been looked at (a bad one has bad_signature)
--   newer      a later revision exists, neither withdrawn nor bad
--   counts     the highest accepted revision: the one in every total. It stays so while a newer
--              revision waits, although its state is then "superseded"
--   confirmed  accepted and named by the current confirmation of its township's total
--   final      accepted by statistics: villages through their township's total, others themselves
--   locked     its period is locked, at its district or above
create view zhibao.report_state as
select
    r.district, r.unit, r.id, f.plan, f.form, f.version as form_version, r.form_id, f.reporter,
    r.period, r.revision, r.demonstration, r.received_us, r.carrier, r.key_id, r.payload_sha256,
    r.chain, r.batch, r.leaf, r.entered_by,
    v.verdict, v.by_unit as verdict_by, v.reason, v.received_us as verdict_us,
    x.checked, b.reviewed, b.signed, x.bad_signature, v.verdict is not distinct from 'withdrawn' as withdrawn, x.newer,
    x.locked,
    x.accepted and not x.newer_accepted as counts,
    x.accepted and y.confirmed as confirmed,
    x.accepted and y.final as final,
    case
        when x.bad_signature then 'bad_signature'
        when v.verdict = 'withdrawn' then 'withdrawn'
        when x.newer then 'superseded'
        when x.accepted and x.locked then 'locked'
        when x.accepted and y.final then 'final'
        when x.accepted and y.confirmed then 'confirmed'
        when x.accepted then 'accepted'
        when v.verdict = 'returned' then 'returned'
        when v.verdict = 'objected' then 'objected'
        when x.checked and b.signed then 'signed'
        when x.checked and b.reviewed then 'reviewed'
        when x.checked then 'checked'
        else 'stored'
    end as state
from zhibao.report r
join zhibao.form f on f.form_id = r.form_id
left join lateral zhibao.latest_review(1::smallint, r.unit, r.id) v on true
cross join lateral (
    select
        exists (select from zhibao.bad_signature b
                where b.subject_kind = 1 and b.subject_unit = r.unit and b.subject_id = r.id)
            as bad_signature,
        exists (select from zhibao.report_event g where g.subject_unit = r.unit
                and g.subject_id = r.id and g.subject_kind = 1 and g.event = 'reviewed') as reviewed,
        exists (select from zhibao.report_event g where g.subject_unit = r.unit
                and g.subject_id = r.id and g.subject_kind = 1 and g.event = 'signed') as signed
    offset 0
) b
cross join lateral (
    select
        b.bad_signature,
        v.verdict is not distinct from 'accepted' and not b.bad_signature as accepted,
        exists (select from zhibao.signature_check s
                where s.chain = r.chain and s.number >= r.batch) as checked,
        exists (select from zhibao.period_lock l
                where l.plan = f.plan and l.period = r.period and l.locked
                    and l.place = any (zhibao.place_ancestors(r.district))) as locked,
        count(*) > 0 as newer,
        coalesce(bool_or(w.verdict = 'accepted'), false) as newer_accepted
    from zhibao.report n
    join zhibao.form nf on nf.form_id = n.form_id
    left join lateral zhibao.latest_review(1::smallint, n.unit, n.id) w on true
    where n.district = r.district and n.period = r.period and n.unit = r.unit
        and nf.plan = f.plan and nf.form = f.form and n.revision > r.revision
        and not exists (select from zhibao.void nb
                        where nb.subject_kind = 1 and nb.subject_unit = n.unit
                            and nb.subject_id = n.id)
) x
cross join lateral (
    -- aggregates and offset 0, not EXISTS or a plain join: the planner would visit every
    -- confirmation there is for each report (180 ms instead of 15 for a page of 100)
    select
        (select coalesce(bool_or(c.is_current), false)
         from zhibao.confirmation_item i
         cross join lateral (
             select s.is_current
             from zhibao.confirmation_state s
             where s.district = i.district and s.unit = i.confirmation_unit
                 and s.id = i.confirmation_id
             offset 0) c
         where i.district = r.district and i.unit = r.unit and i.id = r.id) as confirmed,
        case f.reporter
            when 'village' then
                (select coalesce(bool_or(c.counts), false)
                 from zhibao.confirmation_item i
                 cross join lateral (
                     select s.counts
                     from zhibao.confirmation_state s
                     where s.district = i.district and s.unit = i.confirmation_unit
                         and s.id = i.confirmation_id
                     offset 0) c
                 where i.district = r.district and i.unit = r.unit and i.id = r.id)
            else v.by_unit % 1000 = 1 -- a statistics department (common/base/unit_id.h)
        end as final
) y;

-- The latest revision of each report that is neither withdrawn nor bad.
create view zhibao.report_current as
select r.*, f.plan, f.form, f.version as form_version
from zhibao.report r
join zhibao.form f on f.form_id = r.form_id
where not exists (
        select from zhibao.void b
        where b.subject_kind = 1 and b.subject_unit = r.unit and b.subject_id = r.id)
    and not exists (
        select
        from zhibao.report n
        join zhibao.form nf on nf.form_id = n.form_id
        where n.district = r.district and n.period = r.period and n.unit = r.unit
            and nf.plan = f.plan and nf.form = f.form and n.revision > r.revision
            and not exists (select from zhibao.void b
                            where b.subject_kind = 1 and b.subject_unit = n.unit
                                and b.subject_id = n.id));
