-- What the gateway remembers: answers to requests under an idempotency key.

create table idempotent_answer (
    tenant_id  uuid not null,
    user_id    text not null,
    key        text not null,
    digest     bytea not null, -- Of the request: the key stands for no other.
    status     smallint,       -- None while it is being answered.
    headers    jsonb,
    body       bytea,
    expires_at timestamptz not null,
    primary key (tenant_id, user_id, key)
);
create index idempotent_answer_expired on idempotent_answer (tenant_id, expires_at);

alter table idempotent_answer enable row level security;
alter table idempotent_answer force row level security;
create policy tenant on idempotent_answer to mch_app
    using (tenant_id = current_setting('mch.tenant_id')::uuid)
    with check (tenant_id = current_setting('mch.tenant_id')::uuid);

grant select, insert, update, delete on idempotent_answer to mch_app;
