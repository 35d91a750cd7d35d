-- Schema version 25: keys that a unit changes itself: the old one holds until `ends_us`.

alter table zhibao.unit_key
    add column ends_us bigint not null default 0, -- 0: no end is set
    add column brought_by bytea;                  -- id of the KeyChange that brought the key

-- The first that a key signs is its own enrolment.
update zhibao.unit_key k set brought_by =
    (select e.id from zhibao.registry_event e where e.kind = 5 and e.unit = k.unit
      and e.key_id = k.key_id order by e.chain, e.batch, e.leaf limit 1);
