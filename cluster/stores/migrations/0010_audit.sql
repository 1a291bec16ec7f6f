-- The audit log: a hash chain for each tenant, to which rows are added and nothing else.

create table audit_entry (
    tenant_id      uuid not null,
    sequence       bigint not null, -- From 1 on, without gaps.
    at             timestamptz not null,
    actor          text not null,
    credential     text not null,
    action         text not null,
    subject        text not null,
    correlation_id uuid not null,
    details_digest bytea not null,
    previous       bytea not null,
    hash           bytea not null,
    primary key (tenant_id, sequence)
);

-- What is personal in an entry. Erased, it leaves its salted digest in the chain.
create table audit_detail (
    tenant_id uuid not null,
    sequence  bigint not null,
    salt      bytea not null,
    details   jsonb not null,
    primary key (tenant_id, sequence)
);

-- Where each chain ends: written by the trigger alone, so that a chain cut short is noticed.
create table audit_head (
    tenant_id uuid primary key,
    sequence  bigint not null,
    hash      bytea not null
);

-- The row of the head is the lock under which a chain grows.
create function audit_follows() returns trigger
language plpgsql security definer set search_path from current as $$
begin
    insert into audit_head values (new.tenant_id, 0, decode(repeat('00', 32), 'hex'))
        on conflict do nothing;
    update audit_head set sequence = new.sequence, hash = new.hash
    where tenant_id = new.tenant_id and sequence = new.sequence - 1 and hash = new.previous;
    if not found then
        raise serialization_failure using message = 'the audit chain has grown meanwhile';
    end if;
    return new;
end $$;
create trigger audit_follows before insert on audit_entry
    for each row execute function audit_follows();

create function audit_stays() returns trigger language plpgsql as $$
begin
    raise insufficient_privilege using message = 'the audit log is append-only';
end $$;
create trigger audit_stays before update or delete or truncate on audit_entry
    for each statement execute function audit_stays();

do $$
declare
    tenant_table text;
begin
    foreach tenant_table in array array['audit_entry', 'audit_detail', 'audit_head'] loop
        execute format('alter table %I enable row level security', tenant_table);
        execute format('alter table %I force row level security', tenant_table);
        execute format(
            'create policy tenant on %I to mch_app, mch_owner
                using (tenant_id = current_setting(''mch.tenant_id'')::uuid)
                with check (tenant_id = current_setting(''mch.tenant_id'')::uuid)',
            tenant_table);
        -- Verifying walks every chain.
        execute format('create policy relay on %I for select to mch_relay using (true)',
            tenant_table);
    end loop;
end $$;

grant select, insert on audit_entry to mch_app;
grant select, insert, delete on audit_detail to mch_app;
grant select on audit_head to mch_app;
grant select on audit_entry, audit_detail, audit_head to mch_relay;
