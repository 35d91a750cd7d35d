-- Where every comment on a figure stands: what its latest step made it (server/chain/comment_rules.c).

create view zhibao.comment_state as
select
    o.district, o.unit as author, o.id, o.reporter, o.plan, o.period, o.form, o.cell, o.indicator,
    o.stratum, o.place, o.follow_up, o.shown, o.chain, o.batch, o.leaf, l.id as last_id,
    case l.action when 2 then 'answered' when 3 then 'closed'
        else case when o.follow_up then 'open' else 'noted' end end as state
from zhibao.comment_event o
cross join lateral (
    select e.id, e.action
    from zhibao.comment_event e
    where e.author = o.unit and e.comment_id = o.id
    order by e.chain desc, e.batch desc, e.leaf desc
    limit 1) l
where o.action = 1;
