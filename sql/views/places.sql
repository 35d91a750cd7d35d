-- Places at a date, and what follows what.

-- Whether a place is there on a day. A place of no plan is not.
create function zhibao.place_in_force(of_place bigint, on_day date) returns boolean
language sql stable parallel safe
begin atomic
    select exists (
        select from zhibao.place p
        where p.place = of_place and p.valid_from <= on_day
            and (p.valid_to is null or p.valid_to > on_day));
end;

-- The places that are there on a day, each with the name it has then.
create function zhibao.places_on(on_day date)
returns table (place bigint, name_zh text, level smallint, parent bigint, valid_from date,
               valid_to date)
language sql stable parallel safe
begin atomic
    select distinct on (p.place) p.place, p.name_zh, p.level, p.parent, p.valid_from, p.valid_to
    from zhibao.place p
    where p.valid_from <= on_day and (p.valid_to is null or p.valid_to > on_day)
    order by p.place, p.valid_from desc;
end;

-- One row for each pair of a place and its successor.
create view zhibao.place_succession as
select
    f.place, t.successor, c.valid_from,
    case c.change when 1 then 'merge' when 2 then 'split' else 'rename' end as change,
    t.begins = 1 as successor_begins,
    not f.place = any (c.successors) as place_ends,
    c.reason, c.district, c.unit, c.id
from zhibao.place_change c
cross join lateral unnest(c.places) f (place)
cross join lateral unnest(c.successors, c.begins) t (successor, begins);
