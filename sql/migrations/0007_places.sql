-- Schema version 7: what became of places that merged, split or were renamed.

-- One row a change, unpacked from its record in registry_event. A place's own rows in zhibao.place
-- say when it is in force; these say what follows what. `begins` is parallel to `successors`: the
-- place was not there before.
create table zhibao.place_change (
    district bigint not null,
    unit bigint not null,
    id bytea not null check (octet_length(id) = 16),
    change smallint not null check (change between 1 and 3), -- merge, split, rename
    valid_from date not null,
    places bigint[] not null check (cardinality(places) > 0),
    successors bigint[] not null check (cardinality(successors) > 0),
    begins int[] not null check (cardinality(begins) = cardinality(successors)),
    name_zh text not null,
    reason text not null,
    changed bigint not null default nextval('zhibao.registry_change'),
    primary key (district, unit, id)
);
create index place_change_changed on zhibao.place_change (changed);
grant insert on zhibao.place_change to zhibao_ingest;
