-- Vectors: a table for each collection, and for each alias a view of the collection that is live.

create extension if not exists vector;

create table vector_alias (
    alias      text primary key,
    collection text not null
);

create view vector_collection as
    select substr(relname, 9) as name
    from pg_class
    where relkind = 'r' and relnamespace = current_schema()::regnamespace
      and relname like 'vectors\_%';

-- The application makes and swaps collections (a rebuild does it while the hub runs), but may
-- make no tables of its own: so these run as the owner.
create function create_vector_collection(name text, dimensions int) returns void
language plpgsql security definer set search_path from current as $$
declare
    relation text := 'vectors_' || name;
begin
    if name !~ '^[a-z][a-z0-9_]{1,40}$' then
        raise invalid_parameter_value using message = 'not a collection''s name: ' || name;
    end if;
    perform pg_advisory_xact_lock(hashtext('vector_collection'));
    if to_regclass(relation) is not null then
        return;
    end if;
    -- Room in each page for a new version of a row: a change of properties then leaves the index
    -- of vectors alone. Half precision ranks like full precision.
    execute format('create table %I (
        id         uuid primary key,
        tenant_id  uuid not null,
        key        text not null,
        chunk      int not null,
        digest     text not null,
        properties jsonb not null,
        embedding  halfvec(%s) not null
    ) with (fillfactor = 70)', relation, dimensions);
    execute format('create index on %I (key, tenant_id)', relation);
    execute format('create index on %I using hnsw (embedding halfvec_cosine_ops)', relation);
    execute format('alter table %I enable row level security', relation);
    execute format('alter table %I force row level security', relation);
    execute format('create policy readable on %I for select to mch_app
        using (tenant_id in (current_setting(''mch.tenant_id'')::uuid,
                             ''00000000-0000-0000-0000-000000000000''))', relation);
    execute format('create policy tenant on %I to mch_app
        using (tenant_id = current_setting(''mch.tenant_id'')::uuid)
        with check (tenant_id = current_setting(''mch.tenant_id'')::uuid)', relation);
    execute format('grant select, insert, update, delete on %I to mch_app', relation);
end $$;

create function point_vector_alias(new_alias text, target text) returns void
language plpgsql security definer set search_path from current as $$
declare
    relation text := 'vectors_' || new_alias;
begin
    if new_alias !~ '^[a-z][a-z0-9]{1,40}$' then
        raise invalid_parameter_value using message = 'not an alias: ' || new_alias;
    end if;
    perform pg_advisory_xact_lock(hashtext('vector_collection'));
    if not exists (select from vector_collection where name = target) then
        raise undefined_table using message = 'no vector collection ' || target;
    end if;
    execute format('drop view if exists %I', relation);
    execute format('create view %I with (security_invoker = true) as select * from %I',
                   relation, 'vectors_' || target);
    execute format('grant select, insert, update, delete on %I to mch_app', relation);
    insert into vector_alias values (new_alias, target)
        on conflict (alias) do update set collection = excluded.collection;
end $$;

create function drop_vector_collection(target text) returns void
language plpgsql security definer set search_path from current as $$
begin
    perform pg_advisory_xact_lock(hashtext('vector_collection'));
    if exists (select from vector_alias where collection = target) then
        raise object_in_use using message = 'an alias points at it';
    end if;
    if exists (select from vector_collection where name = target) then
        execute format('drop table %I', 'vectors_' || target);
    end if;
end $$;

revoke execute on function create_vector_collection, point_vector_alias, drop_vector_collection
    from public;
grant execute on function create_vector_collection, point_vector_alias, drop_vector_collection
    to mch_app;
grant select on vector_alias, vector_collection to mch_app;
