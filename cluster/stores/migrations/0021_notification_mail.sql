-- Mail of notifications: what each member wishes, and the letters that are to be sent.

create table mail_wish (
    tenant_id uuid not null,
    user_id   text not null,
    cadences  jsonb not null, -- By kind of notification: at_once, daily or none.
    zone      text not null,
    primary key (tenant_id, user_id)
);

create table notification_letter (
    tenant_id     uuid not null,
    letter_id     uuid not null, -- Follows from the notification, or from whose digest it is and when.
    user_id       text not null,
    cadence       text not null,
    due_at        timestamptz not null,
    claimed_until timestamptz, -- Someone sends it. After that another may.
    settled_at    timestamptz,
    outcome       text check (outcome in ('sent', 'unwanted', 'left', 'stale', 'refused')),
    primary key (tenant_id, letter_id)
);
create index notification_letter_due on notification_letter (due_at) where settled_at is null;

-- In which letter it is told.
alter table notification add column letter_id uuid;
create index notification_in_letter on notification (tenant_id, letter_id)
    where letter_id is not null;

do $$
declare
    tenant_table text;
begin
    foreach tenant_table in array array['mail_wish', 'notification_letter'] loop
        execute format('alter table %I enable row level security', tenant_table);
        execute format('alter table %I force row level security', tenant_table);
        execute format(
            'create policy tenant on %I to mch_app
                using (tenant_id = current_setting(''mch.tenant_id'')::uuid)
                with check (tenant_id = current_setting(''mch.tenant_id'')::uuid)', tenant_table);
        execute format('grant select, insert, update, delete on %I to mch_app', tenant_table);
    end loop;
end $$;

-- Whoever sends them must learn of which companies there are any: ids and times.
create policy relay on notification_letter for select to mch_relay using (true);
grant select on notification_letter to mch_relay;
