-- What a company can do, and how each opportunity suits it.

create table company_profile (
    tenant_id     uuid primary key,
    version       integer not null, -- Counts the changes: a match says which one it was made with.
    profile       jsonb not null,
    updated_at    timestamptz not null default now()
);

create table opportunity_match (
    tenant_id       uuid not null,
    notice_id       text not null,
    score           smallint check (score between 0 and 100), -- None where a gate stands.
    gates           text[] not null,
    reasons         text[] not null,
    similarity      real, -- Of the notice's meaning to the company's statement, where it is known.
    profile_version integer not null,
    notice_version  integer not null,
    matched_at      timestamptz not null default now(),
    primary key (tenant_id, notice_id)
);
create index opportunity_match_score on opportunity_match (tenant_id, score desc, notice_id)
    where score is not null;

alter table company_profile enable row level security;
alter table company_profile force row level security;
create policy tenant on company_profile to mch_app
    using (tenant_id = current_setting('mch.tenant_id')::uuid)
    with check (tenant_id = current_setting('mch.tenant_id')::uuid);
-- Matching must learn which companies there are.
create policy relay on company_profile for select to mch_relay using (true);

alter table opportunity_match enable row level security;
alter table opportunity_match force row level security;
create policy tenant on opportunity_match to mch_app
    using (tenant_id = current_setting('mch.tenant_id')::uuid)
    with check (tenant_id = current_setting('mch.tenant_id')::uuid);

grant select, insert, update, delete on company_profile, opportunity_match to mch_app;
grant select on company_profile to mch_relay;
