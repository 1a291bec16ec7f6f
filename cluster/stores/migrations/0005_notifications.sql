-- What each user was told of, once.

create table notification (
    tenant_id       uuid not null,
    user_id         text not null,
    kind            text not null,
    subject         text not null, -- Of a match: the notice id.
    notification_id uuid not null,
    score           smallint,
    created_at      timestamptz not null,
    announced_at    timestamptz, -- When the live feed had it. Until then a repeat announces it.
    read_at         timestamptz,
    primary key (tenant_id, user_id, kind, subject),
    unique (tenant_id, notification_id)
);
create index notification_newest
    on notification (tenant_id, user_id, created_at desc, notification_id desc);
create index notification_unread on notification (tenant_id, user_id) where read_at is null;

alter table notification enable row level security;
alter table notification force row level security;
create policy tenant on notification to mch_app
    using (tenant_id = current_setting('mch.tenant_id')::uuid)
    with check (tenant_id = current_setting('mch.tenant_id')::uuid);

grant select, insert, update, delete on notification to mch_app;
